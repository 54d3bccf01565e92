"""`driftboard alerts ack`: somebody has it in hand."""

from typing import Annotated

import typer

from driftboard.commands import options
from driftboard.commands.alerts.options import By, IncidentId, who, written


def ack(
    context: typer.Context,
    incident: IncidentId,
    length: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="4h, 30m, 2d. [default: alerts.ack_timeout]")
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Give it back: nobody has it in hand any more.")] = False,  # noqa: FBT002 - a flag
    by: By = None,
    config: options.ConfigFile = None,
) -> None:
    """Say that you have an incident in hand: no reminders, no escalation, unless it gets worse.

    It does not close the incident, and it ends: when its time is up and the incident is still there, the reminders go
    on.

    \b
    Examples:
      driftboard alerts ack 12
      driftboard alerts ack 12 --for 4h --by anna
      driftboard alerts ack 12 --undo
    """  # noqa: D301 - the escape is click's
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.alerts.act import acknowledge, unacknowledge  # noqa: PLC0415
    from driftboard.data import open_store  # noqa: PLC0415
    from driftboard.written_times import parse_age  # noqa: PLC0415

    settings = options.settings_of(context, config)
    now, name = datetime.now(UTC), who(by)
    until = None if length is None else now + parse_age(length)
    with open_store(options.log_of(settings)) as store:
        if undo:
            unacknowledge(store, incident, by=name, settings=settings.alerts, now=now)
            typer.echo(f"Incident {incident} is in nobody's hands: reminders and escalation go on.")
            return
        after = acknowledge(store, incident, by=name, settings=settings.alerts, now=now, until=until)
    typer.echo(f"Incident {incident} is acknowledged by {after.acked_by} until {written(after.ack_until)} UTC.")
