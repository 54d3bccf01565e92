"""`driftboard up`: everything on one machine."""

from typing import Annotated

import typer

from driftboard.commands import options


def up(
    context: typer.Context,
    interval: Annotated[float, typer.Option("--interval", min=0.1, help="Seconds between two looks.")] = 60.0,
    config: options.ConfigFile = None,
) -> None:
    """Run everything on one machine.

    The HTTP API, the dashboard, the worker and the dispatcher of messages, each in a process of its own, until it is
    stopped. What dies is started again. Each part can also be run by itself: `driftboard serve`, `dashboard`,
    `run --watch`.

    \b
    Examples:
      driftboard up
      driftboard up --interval 15
    """  # noqa: D301 - the escape is click's
    import signal  # noqa: PLC0415 - `--help` is quick
    import threading  # noqa: PLC0415

    from driftboard.data import open_store  # noqa: PLC0415
    from driftboard.serve_dashboard import check_address  # noqa: PLC0415
    from driftboard.supervisor import Supervisor, parts_of  # noqa: PLC0415

    settings = options.settings_of(context, config)
    page = settings.dashboard
    check_address(page.host, page.port, behind_proxy=page.behind_proxy)  # before anything starts, not after it
    open_store(options.log_of(settings)).close()  # so that the dashboard finds a log
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    typer.echo("Starting the worker, the API and the dashboard (stop them with Ctrl-C)")
    Supervisor(parts_of(settings, interval=interval), settings, typer.echo).run(stop)
    typer.echo("Stopped.")
