"""Why one incident did or did not wake somebody: everything the log knows of it, in words."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.memory import memory_from_json
from driftboard.alerts.reasons import expected, holding, reasons, remembered
from driftboard.alerts.rules import rule_named
from driftboard.alerts.timeline import Line, timeline
from driftboard.data.catalog import Model, get_model
from driftboard.data.incident import Incident
from driftboard.data.incident_batches import following_batches
from driftboard.data.incidents import events_of, find_incident, open_incidents, read_memories
from driftboard.data.outbox import attempts_of, told_of
from driftboard.data.reading import get_batch
from driftboard.data.reports import StoredReport, newest_reports
from driftboard.data.silences import silences

_WINDOWS = 20
_CLEAR = 10


@dataclass(frozen=True, slots=True)
class Explanation:
    """An incident explained; every text is one harmless line.

    Attributes
    ----------
    why
        Channel by channel, who was told or not; what keeps it quiet; what inhibits it.
    parts
        Where each part stands between quiet and firing.
    timeline
        What happened, oldest first; of the monitor's windows the newest twenty.
    ahead
        What will be told and when, if nothing changes.
    """

    incident: Incident
    why: tuple[str, ...]
    parts: tuple[str, ...]
    timeline: tuple[Line, ...]
    ahead: tuple[Line, ...]


def explain(connection: Connection, incident_id: int, settings: AlertSettings, *, now: datetime) -> Explanation:
    """Return why an incident did or did not wake somebody.

    Raises
    ------
    UnknownIncident
        There is none of this id.
    """
    incident = find_incident(connection, incident_id)
    told = told_of(connection, [incident_id]).get(incident_id, ())
    every, in_force = silences(connection), silences(connection, now=now)
    return Explanation(
        incident=incident,
        why=(*reasons(incident, told, settings, in_force, now=now), *_holding(connection, incident, settings)),
        parts=_parts(connection, incident, settings),
        timeline=timeline(
            incident,
            events=events_of(connection, incident_id),
            reports=_reports(connection, incident),
            told=told,
            attempts=attempts_of(connection, [row.notification_id for row in told]),
            silences=every,
        ),
        ahead=expected(incident, told, settings, in_force, now=now),
    )


def _holding(connection: Connection, incident: Incident, settings: AlertSettings) -> tuple[str, ...]:
    if incident.model_id is None or not incident.is_open:
        return ()
    return holding(incident, settings, open_incidents(connection, model_id=incident.model_id))


def _parts(connection: Connection, incident: Incident, settings: AlertSettings) -> tuple[str, ...]:
    if incident.model_id is None or not incident.is_open:
        return ()
    stored = read_memories(connection, incident.model_id).get(incident.fingerprint)
    return () if stored is None else remembered(memory_from_json(stored), settings)


def _reports(connection: Connection, incident: Incident) -> tuple[StoredReport, ...]:
    monitor = rule_named(incident.rule).monitor
    if incident.model is None or monitor is None:
        return ()
    model = get_model(connection, incident.model)
    until = None if incident.is_open else _last_window(connection, model, incident)
    return newest_reports(connection, model, monitor, newest=_WINDOWS, until=until)


def _last_window(connection: Connection, model: Model, incident: Incident) -> str | None:
    """Return the id of the batch a few windows after the last bad one: by then it was over."""
    if incident.batch_key is None:
        return None
    last = get_batch(connection, incident.batch_key)
    return (last, *following_batches(connection, model, last, oldest=_CLEAR))[-1].batch_id
