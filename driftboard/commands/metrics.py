"""`driftboard metrics`: what Prometheus would read, printed once."""

from pathlib import Path
from typing import Annotated

import typer

from driftboard.commands import options


def metrics(
    context: typer.Context,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="Write them there instead, whole or not at all.")
    ] = None,
    config: options.ConfigFile = None,
) -> None:
    """Print the metrics of every model and of driftboard itself, as `/metrics` serves them.

    For a look, or for the textfile collector of Prometheus' node exporter where nothing is to listen on a port.

    \b
    Examples:
      driftboard metrics | grep accuracy
      driftboard metrics --to /var/lib/node_exporter/driftboard.prom    each minute, by cron
    """  # noqa: D301 - the escape is click's
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.data import open_store_read_only  # noqa: PLC0415
    from driftboard.exporter import Exporter  # noqa: PLC0415

    settings = options.settings_of(context, config)
    with open_store_read_only(options.log_of(settings)) as store:
        text = Exporter(store, settings).scrape(datetime.now(UTC))
    if to is None:
        typer.echo(text.decode(), nl=False)
    else:
        write_whole(to, text)


def write_whole(path: Path, text: bytes) -> None:
    """Write a file that nobody sees half of; readable to all, for the collector is another user.

    Raises
    ------
    ConfigError
        It cannot be written.
    """
    from driftboard.errors import ConfigError  # noqa: PLC0415

    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_bytes(text)
        beside.chmod(0o644)
        beside.replace(path)
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from None
