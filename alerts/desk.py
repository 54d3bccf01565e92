"""The desk: where incidents meet the log. Every function is part of one transaction, or is one.

A change of an incident and the news of it are written together: there is no moment at which one is stored and the other
is not. What is to be told is not decided by the change but by comparing what is with what was told (`schedule.plan`),
here after every change, and again whenever the time has come that the plan itself named. So nothing can be forgotten.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.memory import Window, memory_from_json, memory_to_json
from driftboard.alerts.schedule import plan
from driftboard.alerts.store import AlertStore
from driftboard.alerts.turn import Moved, Standing, take_turn
from driftboard.data import incidents, outbox
from driftboard.data.backend import hold_alert_queue
from driftboard.data.catalog import Model
from driftboard.data.incident import Incident
from driftboard.data.reading import BatchInfo
from driftboard.data.silences import Silence, silences
from driftboard.monitors.report import Report

_LATER = timedelta(minutes=1)
_logger = logging.getLogger(__name__)

HORIZON = timedelta(days=8)
"""No plan looks further ahead; a later time to wake was set by a clock that has been set back since."""


def record_reports(
    connection: Connection,
    model: Model,
    batch: BatchInfo,
    reports: Sequence[Report],
    settings: AlertSettings,
    *,
    now: datetime,
) -> tuple[Moved, ...]:
    """Move the incidents of a model by what the monitors say of one batch, and queue what is to be told.

    Parameters
    ----------
    connection
        Inside the write transaction that stores the reports, and that holds the model. The alert queue is held from
        here on: who needs both takes the model first.
    batch
        As it was when it was judged.

    Returns
    -------
    tuple of Moved
        The incidents that changed, as stored, each with its events.
    """
    hold_alert_queue(connection)
    turn = take_turn(_standing(connection, model), reports, window_of(batch), settings, now=now)
    incidents.save_memories(
        connection, model.model_id, {name: memory_to_json(memory) for name, memory in turn.memories.items()}
    )
    quiet = silences(connection, now=now) if turn.moved else ()
    return tuple(_stored(connection, moved, settings, quiet, now) for moved in turn.moved)


def window_of(batch: BatchInfo) -> Window:
    """Return the place of a batch in the order of its model's data."""
    return Window(batch.first_at, batch.batch_key, batch.batch_id, batch.n_predictions)


def replan(connection: Connection, incident: Incident, settings: AlertSettings, *, now: datetime) -> None:
    """Queue what is to be told of one incident, given what was told of it, and set when to look again.

    Parameters
    ----------
    connection
        Inside a write transaction that holds the alert queue.
    """
    _replan(connection, incident, settings, silences(connection, now=now), now)


def look_after(store: AlertStore, settings: AlertSettings, *, now: datetime) -> int:
    """Queue the news whose time has come: reminders, escalations, the end of a silence; return how many incidents.

    The write lock is asked for only when there is something to do.
    """
    horizon = now + HORIZON
    with store.read() as connection:
        if not incidents.to_wake(connection, now=now, horizon=horizon):
            return 0
    with store.write() as connection:
        hold_alert_queue(connection)
        due = incidents.to_wake(connection, now=now, horizon=horizon)
        quiet = silences(connection, now=now)
        for incident_id in due:
            _replan_apart(connection, incident_id, settings, quiet, now)
    return len(due)


def _replan_apart(
    connection: Connection, incident_id: int, settings: AlertSettings, quiet: Sequence[Silence], now: datetime
) -> None:
    """Plan for one incident; one that cannot be read must not hold up those behind it, and is tried again later."""
    try:
        _replan(connection, incidents.find_incident(connection, incident_id), settings, quiet, now)
    except (ValueError, TypeError, KeyError) as error:  # of its JSON: what the database says goes through
        _logger.error("no plan for incident %d: unexpected %s", incident_id, type(error).__name__)  # noqa: TRY400
        incidents.set_wake(connection, incident_id, now + _LATER)


def _standing(connection: Connection, model: Model) -> Standing:
    stored = incidents.read_memories(connection, model.model_id)
    return Standing(
        model_id=model.model_id,
        model=model.key,
        memories={name: memory_from_json(payload) for name, payload in stored.items()},
        incidents={each.fingerprint: each for each in incidents.open_incidents(connection, model_id=model.model_id)},
    )


def _stored(
    connection: Connection, moved: Moved, settings: AlertSettings, quiet: Sequence[Silence], now: datetime
) -> Moved:
    incident = moved.incident
    if incident.incident_id:
        incidents.update_incident(connection, incident)
    else:
        incident = incidents.insert_incident(connection, incident)
    incidents.add_events(connection, incident.incident_id, moved.events)
    _replan(connection, incident, settings, quiet, now)
    return Moved(incident, moved.events)


def _replan(
    connection: Connection, incident: Incident, settings: AlertSettings, quiet: Sequence[Silence], now: datetime
) -> None:
    told = outbox.told_of(connection, [incident.incident_id]).get(incident.incident_id, ())
    planned = plan(incident, told, settings, quiet, now=now)
    outbox.supersede(connection, planned.supersede, reason="newer news took its place", now=now)
    outbox.enqueue(connection, planned.send)
    incidents.set_wake(connection, incident.incident_id, planned.wake)
