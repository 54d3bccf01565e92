"""`driftboard dashboard`: serves the pages."""

import typer

from driftboard.commands import options


def dashboard(
    context: typer.Context,
    host: options.Host = None,
    port: options.Port = None,
    no_browser: options.NoBrowser = False,  # noqa: FBT002 - a flag
    config: options.ConfigFile = None,
) -> None:
    """Serve the dashboard.

    It shows the configured log, to this machine only, until it is stopped.

    \b
    Examples:
      driftboard dashboard
      driftboard dashboard --port 8600 --no-browser
    """  # noqa: D301 - the escape is click's
    from driftboard.data import open_store_read_only  # noqa: PLC0415 - `--help` is quick
    from driftboard.serve_dashboard import check_address, serve  # noqa: PLC0415

    settings = options.settings_of(context, config)
    address = (host or settings.dashboard.host, port or settings.dashboard.port)
    check_address(*address, behind_proxy=settings.dashboard.behind_proxy)
    open_store_read_only(options.log_of(settings)).close()  # say now, in one line, what every page would say
    serve(settings, host=address[0], port=address[1], open_browser=not no_browser, say=typer.echo)
