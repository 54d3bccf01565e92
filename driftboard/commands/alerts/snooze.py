"""`driftboard alerts snooze`: not now."""

from typing import Annotated

import typer

from driftboard.commands import options
from driftboard.commands.alerts.options import By, IncidentId, who, written


def snooze(
    context: typer.Context,
    incident: IncidentId,
    length: Annotated[str, typer.Option("--for", metavar="TIME", help="8h, 30m, 2d.")] = "8h",
    undo: Annotated[bool, typer.Option("--undo", help="End the snooze now.")] = False,  # noqa: FBT002 - a flag
    by: By = None,
    config: options.ConfigFile = None,
) -> None:
    """Hear nothing of one incident for a while; if it is still there then, it is told anew.

    \b
    Examples:
      driftboard alerts snooze 12 --for 8h
      driftboard alerts snooze 12 --undo
    """  # noqa: D301 - the escape is click's
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.alerts import act  # noqa: PLC0415
    from driftboard.data import open_store  # noqa: PLC0415
    from driftboard.written_times import parse_age  # noqa: PLC0415

    settings = options.settings_of(context, config)
    now, name = datetime.now(UTC), who(by)
    with open_store(options.log_of(settings)) as store:
        if undo:
            act.unsnooze(store, incident, by=name, settings=settings.alerts, now=now)
            typer.echo(f"Incident {incident} is told again.")
            return
        until = now + parse_age(length)
        after = act.snooze(store, incident, by=name, until=until, settings=settings.alerts, now=now)
    typer.echo(f"Nobody is told of incident {incident} until {written(after.snoozed_until)} UTC.")
