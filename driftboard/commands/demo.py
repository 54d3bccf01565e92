"""`driftboard demo`: a year of real flights, judged, in a browser."""

import time
from pathlib import Path
from typing import Annotated

import typer

from driftboard.commands import options

DEFAULT_FOLDER = Path("driftboard-demo")


def demo(
    context: typer.Context,
    data_dir: Annotated[Path, typer.Option("--data-dir", help="Folder of the demo's own database.")] = DEFAULT_FOLDER,
    host: options.Host = None,
    port: options.Port = None,
    no_browser: options.NoBrowser = False,  # noqa: FBT002 - a flag
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Build the database and stop.")] = False,  # noqa: FBT002
    config: options.ConfigFile = None,
) -> None:
    """See a year of a real model judged.

    Builds a database of 336,776 real flights and four synthetic scenarios, and serves its dashboard. A classifier of
    "arrives more than 15 minutes late", trained on January and February 2013, predicts March to December day by day;
    labels arrive a day later. The database is built once, in a minute or so, in a folder of its own; later runs
    reuse it. While the dashboard is served, a small instrumented service answers requests beside it: the model `live`.
    Nothing is ever sent: the demo's alerts are a dry run.

    \b
    Examples:
      driftboard demo
      driftboard demo --port 8600 --no-browser
      driftboard demo --no-serve --data-dir /tmp/demo
    """  # noqa: D301 - the escape is click's
    from driftboard.demo.live import LiveService  # noqa: PLC0415 - `--help` is quick
    from driftboard.demo.progress import shown_progress  # noqa: PLC0415
    from driftboard.demo.replay import demo_settings, ensure_demo  # noqa: PLC0415
    from driftboard.serve_dashboard import check_address, serve  # noqa: PLC0415

    settings = demo_settings(
        options.settings_of(context, config, store={"data_dir": data_dir, "database": "driftboard.sqlite", "url": ""})
    )
    address = (host or settings.dashboard.host, port or settings.dashboard.port)
    if not no_serve:
        check_address(*address)  # before a minute's work, not after it
    path = settings.store.path
    started = time.monotonic()
    with shown_progress() as report:
        built = ensure_demo(path, settings, report=report)
    took = f", built in {time.monotonic() - started:.0f} s" if built else ", as it was built before"
    typer.echo(f"The demo's database is {path}{took}")
    if not no_serve:
        with LiveService(path, settings):
            serve(settings, host=address[0], port=address[1], open_browser=not no_browser, say=typer.echo)
