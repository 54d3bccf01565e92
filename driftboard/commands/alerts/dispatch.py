"""`driftboard alerts dispatch`: send what is queued, apart from the worker."""

from typing import TYPE_CHECKING, Annotated

import typer

from driftboard.commands import options

if TYPE_CHECKING:
    from driftboard.config import Settings
    from driftboard.data import Store


def dispatch(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Send what is due now, and stop.")] = False,  # noqa: FBT002 - a flag
    config: options.ConfigFile = None,
) -> None:
    """Send what is queued until stopped, and see to reminders and escalation.

    `driftboard run --watch` does so by itself. A dispatcher of its own goes on when the worker stands still, and
    says so; any number may run at once.

    \b
    Examples:
      driftboard alerts dispatch          as a service, until it is stopped
      driftboard alerts dispatch --once   from cron
    """  # noqa: D301 - the escape is click's
    from driftboard.data import open_store  # noqa: PLC0415 - `--help` is quick

    settings = options.settings_of(context, config)
    with open_store(options.log_of(settings)) as store:
        if once:
            _once(store, settings)
        else:
            _until_stopped(store, settings)


def _once(store: "Store", settings: "Settings") -> None:
    from datetime import UTC, datetime  # noqa: PLC0415

    from driftboard.alerts.dispatch import dispatch as send  # noqa: PLC0415

    sent = send(store, settings, now=datetime.now(UTC))
    counts = {
        "sent": sent.delivered,
        "dry run": sent.dry_run,
        "to be retried": sent.retried,
        "given up": sent.dead,
        "no longer wanted": sent.suppressed,
    }
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    typer.echo(f"Messages: {told}." if told else "Nothing is due.")


def _until_stopped(store: "Store", settings: "Settings") -> None:
    import logging  # noqa: PLC0415
    import signal  # noqa: PLC0415
    import threading  # noqa: PLC0415

    from driftboard.alerts.dispatch import Dispatcher  # noqa: PLC0415

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    how = "a dry run: nothing leaves this machine" if settings.alerts.dry_run else "for real"
    typer.echo(f"Dispatching from {store.name}, {how} (stop it with Ctrl-C)")
    Dispatcher(store, settings).run(stop)
    typer.echo("Stopped.")
