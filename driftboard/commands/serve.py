"""`driftboard serve`: the HTTP API."""

from typing import Annotated

import typer

from driftboard.commands import options

Host = Annotated[
    str | None,
    typer.Option("--host", help="Address to listen on; one that is not loopback needs a key. [default: 127.0.0.1]"),
]
Port = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Port to listen on. [default: 8502]")]


def serve(
    context: typer.Context,
    host: Host = None,
    port: Port = None,
    config: options.ConfigFile = None,
) -> None:
    """Serve the HTTP API until it is stopped.

    Predictions and labels in, reports and incidents out, /healthz, /readyz, and /metrics for Prometheus. What it takes
    is described at /openapi.json. It serves this machine only, and asks nobody for a key, until `driftboard keys
    create` made one.

    \b
    Examples:
      driftboard serve
      driftboard serve --host 0.0.0.0 --port 8600     with a key
    """  # noqa: D301 - the escape is click's
    import logging  # noqa: PLC0415 - `--help` is quick

    from driftboard.api.serve import serve as listen  # noqa: PLC0415
    from driftboard.data import open_store  # noqa: PLC0415

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    settings = options.settings_of(context, config)
    where = (host or settings.api.host, port or settings.api.port)
    with open_store(options.log_of(settings)) as store:
        listen(store, settings, host=where[0], port=where[1], say=typer.echo)
    typer.echo("Stopped.")
