"""What people do about incidents: the functions behind the command line and the dashboard's buttons.

Each is one transaction: the incident is read and changed under the lock of its model, the change is written into its
audit, and what is to be told of it is planned anew.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from driftboard.alert_settings import AlertSettings
from driftboard.alerts import by_hand, desk
from driftboard.alerts.by_hand import Acted
from driftboard.alerts.memory import memory_from_json, memory_to_json
from driftboard.alerts.request import end_of, name_of, requested
from driftboard.alerts.store import AlertStore
from driftboard.data import silences as silence_log
from driftboard.data.backend import hold_alert_queue, hold_model
from driftboard.data.incident import Incident
from driftboard.data.incidents import (
    add_events,
    events_of,
    find_incident,
    read_memories,
    save_memories,
    update_incident,
    wake,
)
from driftboard.data.silences import Silence
from driftboard.errors import StoreError


def acknowledge(
    store: AlertStore,
    incident_id: int,
    *,
    by: str,
    settings: AlertSettings,
    now: datetime,
    until: datetime | None = None,
) -> Incident:
    """Say who has an incident in hand: reminders and escalation stop until then, or until it gets worse.

    Parameters
    ----------
    by
        Who; any text, shown on one line.
    until
        Aware; by default `settings.ack_timeout` from now.

    Raises
    ------
    UnknownIncident
        There is none of this id.
    StoreError
        It is over (the line says by whom), nobody is named, or `until` has passed.
    """
    name, end = name_of(by), end_of(until or now + settings.ack_timeout, now)
    with _at_hand(store, incident_id) as (connection, incident):
        return _do(connection, by_hand.acknowledged(incident, by=name, until=end, now=now), settings, now)


def unacknowledge(store: AlertStore, incident_id: int, *, by: str, settings: AlertSettings, now: datetime) -> Incident:
    """Give an incident back: reminders and escalation go on. Errors as of `acknowledge`."""
    name = name_of(by)
    with _at_hand(store, incident_id) as (connection, incident):
        if not incident.is_acked(now):
            raise StoreError(f"incident {incident_id} is not acknowledged by anybody")
        return _do(connection, by_hand.unacknowledged(incident, by=name, now=now), settings, now)


def snooze(
    store: AlertStore, incident_id: int, *, by: str, until: datetime, settings: AlertSettings, now: datetime
) -> Incident:
    """Be told nothing of an incident until then; if it is still there, it is told anew. Errors as of `acknowledge`."""
    name, end = name_of(by), end_of(until, now)
    with _at_hand(store, incident_id) as (connection, incident):
        return _do(connection, by_hand.snoozed(incident, by=name, until=end, now=now), settings, now)


def unsnooze(store: AlertStore, incident_id: int, *, by: str, settings: AlertSettings, now: datetime) -> Incident:
    """End a snooze before its time. Errors as of `acknowledge`."""
    name = name_of(by)
    with _at_hand(store, incident_id) as (connection, incident):
        if not incident.is_snoozed(now):
            raise StoreError(f"incident {incident_id} is not snoozed")
        return _do(connection, by_hand.unsnoozed(incident, by=name, now=now), settings, now)


def resolve(store: AlertStore, incident_id: int, *, by: str, settings: AlertSettings, now: datetime) -> Incident:
    """Close an incident by hand; the next bad window opens a new one. Errors as of `acknowledge`."""
    name = name_of(by)
    with _at_hand(store, incident_id) as (connection, incident):
        _forget(connection, incident)
        return _do(connection, by_hand.resolved(incident, by=name, now=now), settings, now)


def give_feedback(store: AlertStore, incident_id: int, *, by: str, useful: bool, now: datetime) -> Incident:
    """Say whether an incident, open or over, was worth being told.

    Raises
    ------
    UnknownIncident
        There is none of this id.
    """
    name = name_of(by)
    with _held(store, incident_id) as (connection, incident):
        after, event = by_hand.judged(incident, by=name, useful=useful, now=now)
        update_incident(connection, after)
        add_events(connection, incident_id, [event])
    return after


def silence(
    store: AlertStore, matchers: Mapping[str, str], *, by: str, comment: str, until: datetime, now: datetime
) -> Silence:
    """Be told nothing of every incident that matches, from now until then.

    Parameters
    ----------
    matchers
        model, environment, rule, subject or severity, to a pattern: `*` and `?` are wild. All must fit.
    until
        Aware, at most 90 days from now.

    Raises
    ------
    StoreError
        It would match everything, a field is unknown, there is no comment, or the end is not a time to come.
    """
    wanted = requested(matchers, by=by, comment=comment, until=until, now=now)
    with store.write() as connection:
        hold_alert_queue(connection)
        number = silence_log.add_silence(connection, wanted)
        wake(connection, None, at=now)
    return replace(wanted, silence_id=number)


def end_silence(store: AlertStore, silence_id: int, *, by: str, now: datetime) -> Silence:
    """End a silence before its time.

    Raises
    ------
    UnknownIncident
        There is none of this id.
    StoreError
        It has ended already.
    """
    name = name_of(by)
    with store.write() as connection:
        hold_alert_queue(connection)
        found = silence_log.find_silence(connection, silence_id)
        if (ended := found.expired_at or found.ends_at) <= now:
            raise StoreError(f"silence {silence_id} has ended already, at {ended:%Y-%m-%d %H:%M} UTC")
        silence_log.expire_silence(connection, silence_id, by=name, now=now)
        wake(connection, None, at=now)
    return replace(found, expired_at=now, expired_by=name)


@contextmanager
def _held(store: AlertStore, incident_id: int) -> Iterator[tuple[Connection, Incident]]:
    """Yield the incident in a transaction that is the only one to change it."""
    with store.write() as connection:
        model_id = find_incident(connection, incident_id).model_id
        if model_id is not None:
            hold_model(connection, model_id)
        hold_alert_queue(connection)
        yield connection, find_incident(connection, incident_id)


@contextmanager
def _at_hand(store: AlertStore, incident_id: int) -> Iterator[tuple[Connection, Incident]]:
    """Yield an incident that is not over."""
    with _held(store, incident_id) as (connection, incident):
        if not incident.is_open:
            raise StoreError(_over(connection, incident))
        yield connection, incident


def _over(connection: Connection, incident: Incident) -> str:
    closed = [each for each in events_of(connection, incident.incident_id) if each.kind == "resolved" and each.actor]
    how = f"resolved by {closed[-1].actor}" if closed else incident.resolution or "resolved"
    at = "" if incident.resolved_at is None else f" since {incident.resolved_at:%Y-%m-%d %H:%M} UTC"
    return f"incident {incident.incident_id} is over{at} ({how}): there is nothing to do about it"


def _do(connection: Connection, acted: Acted, settings: AlertSettings, now: datetime) -> Incident:
    incident, event = acted
    update_incident(connection, incident)
    add_events(connection, incident.incident_id, [event])
    desk.replan(connection, incident, settings, now=now)
    return incident


def _forget(connection: Connection, incident: Incident) -> None:
    if incident.model_id is None:
        return
    remembered = read_memories(connection, incident.model_id).get(incident.fingerprint)
    if remembered is not None:
        memory = by_hand.forgotten(memory_from_json(remembered))
        save_memories(connection, incident.model_id, {incident.fingerprint: memory_to_json(memory)})
