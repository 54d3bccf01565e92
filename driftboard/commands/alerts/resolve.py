"""`driftboard alerts resolve`: it is over because somebody says so."""

import typer

from driftboard.commands import options
from driftboard.commands.alerts.options import By, IncidentId, who


def resolve(context: typer.Context, incident: IncidentId, by: By = None, config: options.ConfigFile = None) -> None:
    """Close an incident by hand; whoever was told of it is told that it is over.

    What the data says is not changed: the next bad window opens a new incident. To hear nothing for a while, snooze the
    incident or silence its rule.

    \b
    Example:
      driftboard alerts resolve 12
    """  # noqa: D301 - the escape is click's
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.alerts import act  # noqa: PLC0415
    from driftboard.data import open_store  # noqa: PLC0415

    settings = options.settings_of(context, config)
    with open_store(options.log_of(settings)) as store:
        after = act.resolve(store, incident, by=who(by), settings=settings.alerts, now=datetime.now(UTC))
    typer.echo(f"Incident {incident} is over, by hand.")
    typer.echo(
        "The next bad window opens a new one. To hear nothing for a while: `driftboard alerts snooze ID --for 8h`,"
        f' or `driftboard alerts silence rule={after.rule} --for 2d --comment "..."`.'
    )
