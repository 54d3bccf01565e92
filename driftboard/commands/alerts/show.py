"""`driftboard alerts show`: one incident."""

from typing import TYPE_CHECKING

import typer

from driftboard.commands import options
from driftboard.commands.alerts.options import IncidentId, written

if TYPE_CHECKING:
    from datetime import datetime

    from driftboard.data.incident import Incident


def show(context: typer.Context, incident: IncidentId, config: options.ConfigFile = None) -> None:
    """Show one incident: the evidence, since when, the parts, and where to look.

    \b
    Example:
      driftboard alerts show 12
    """  # noqa: D301 - the escape is click's
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.data import open_store_read_only  # noqa: PLC0415
    from driftboard.data.incidents import find_incident  # noqa: PLC0415

    settings = options.settings_of(context, config)
    with open_store_read_only(options.log_of(settings)) as store, store.read() as connection:
        found = find_incident(connection, incident)
    typer.echo("\n".join(_lines(found, settings.dashboard.base_url, datetime.now(UTC))))


def _lines(incident: "Incident", base_url: str, now: "datetime") -> list[str]:
    from driftboard.commands.alerts.words import entry, standing  # noqa: PLC0415

    said = entry(incident, base_url=base_url, now=now)
    more = [f"  ... and {said.more:,} more"] if said.more else []
    worst = f", at worst {incident.worst}" if incident.worst != incident.severity else ""
    return [
        said.headline,
        said.evidence,
        "",
        f"Incident {incident.incident_id}, episode {incident.episode} of {incident.fingerprint}",
        f"State {incident.state}, {incident.severity}{worst}; opened {written(incident.opened_at)} UTC",
        *([f"Now {standing(incident, now)}"] if standing(incident, now) else []),
        *said.context,
        *(f"  {part}" for part in said.affected),
        *more,
        *([f"Feedback: {incident.feedback}"] if incident.feedback else []),
        "",
        f"Dashboard  {said.url}",
        f"Runbook    {said.runbook}",
        f"Why        driftboard alerts explain {incident.incident_id}",
    ]
