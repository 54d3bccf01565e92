"""Incidents, what rules remember, and the audit of both. All SQL on these tables is here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, or_, select, update

from driftboard.data import tables
from driftboard.data.incident import Incident, IncidentState, rest_from_json, rest_to_json, with_id
from driftboard.data.model_key import ModelKey
from driftboard.data.times import from_micros, to_micros
from driftboard.data.values import storable
from driftboard.errors import UnknownIncident

_i = tables.incidents.c


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """One change of an incident; `actor` is empty when the data made it."""

    at: datetime
    kind: str
    actor: str = ""
    detail: str = ""


def insert_incident(connection: Connection, incident: Incident) -> Incident:
    """Store a new incident; return it with its id."""
    stored = connection.execute(insert(tables.incidents).values(_values(incident)))
    return with_id(incident, int(stored.inserted_primary_key[0]))  # type: ignore[index]  # one row was inserted


def update_incident(connection: Connection, incident: Incident) -> None:
    """Store an incident as it is now."""
    connection.execute(update(tables.incidents).where(_i.incident_id == incident.incident_id).values(_values(incident)))


def find_incident(connection: Connection, incident_id: int) -> Incident:
    """Return one incident.

    Raises
    ------
    UnknownIncident
        There is none of this id.
    """
    row = connection.execute(_incidents().where(_i.incident_id == incident_id)).one_or_none()
    if row is None:
        raise UnknownIncident(f"no incident {incident_id}: see `driftboard alerts list --all`")
    return _incident(row)


def open_incidents(connection: Connection, *, model_id: int | None = None) -> tuple[Incident, ...]:
    """Return what is not over, of one model or of all, oldest first."""
    query = _incidents().where(_i.state != IncidentState.RESOLVED).order_by(_i.incident_id)
    if model_id is not None:
        query = query.where(_i.model_id == model_id)
    return tuple(map(_incident, connection.execute(query)))


def newest_episode(connection: Connection, fingerprint: str, model_id: int | None) -> Incident | None:
    """Return the newest incident of a problem, open or over; None when it never came."""
    mine = _i.model_id.is_(None) if model_id is None else _i.model_id == model_id
    query = _incidents().where(_i.fingerprint == fingerprint, mine).order_by(_i.episode.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else _incident(row)


def recent_incidents(
    connection: Connection,
    *,
    model_id: int | None = None,
    states: Sequence[str] = (),
    rules: Sequence[str] = (),
    severities: Sequence[str] = (),
    since: datetime | None = None,
    limit: int = 200,
    before_id: int | None = None,
) -> tuple[Incident, ...]:
    """Return the newest incidents; every filter that is given must fit, `before_id` gives the next page."""
    query = _incidents().order_by(_i.incident_id.desc()).limit(limit)
    if model_id is not None:
        query = query.where(_i.model_id == model_id)
    for column, wanted in ((_i.state, states), (_i.rule, rules), (_i.severity, severities)):
        if wanted:
            query = query.where(column.in_(wanted))
    if since is not None:
        query = query.where(_i.opened_at >= to_micros(since))
    if before_id is not None:
        query = query.where(_i.incident_id < before_id)
    return tuple(map(_incident, connection.execute(query)))


def feedback_by_rule(connection: Connection, *, model_id: int | None = None) -> dict[str, tuple[int, int]]:
    """Return, by rule, how many incidents were called useful, and how many noise."""
    query = select(_i.rule, _i.feedback, func.count().label("n")).where(_i.feedback != "")
    if model_id is not None:
        query = query.where(_i.model_id == model_id)
    counts: dict[tuple[str, str], int] = {
        (row.rule, row.feedback): int(row.n) for row in connection.execute(query.group_by(_i.rule, _i.feedback))
    }
    rules = sorted({rule for rule, _ in counts})
    return {rule: (counts.get((rule, "useful"), 0), counts.get((rule, "noise"), 0)) for rule in rules}


def add_events(connection: Connection, incident_id: int, events: Iterable[IncidentEvent]) -> None:
    """Write into the audit of an incident, in this order."""
    rows = [
        {
            "incident_id": incident_id,
            "at": to_micros(event.at),
            "kind": event.kind,
            "actor": storable(event.actor),
            "detail": storable(event.detail),
        }
        for event in events
    ]
    if rows:
        connection.execute(insert(tables.incident_events), rows)


def events_of(connection: Connection, incident_id: int) -> tuple[IncidentEvent, ...]:
    """Return the audit of an incident, oldest first."""
    e = tables.incident_events.c
    query = select(e.at, e.kind, e.actor, e.detail).where(e.incident_id == incident_id).order_by(e.event_id)
    return tuple(
        IncidentEvent(from_micros(row.at), row.kind, row.actor, row.detail) for row in connection.execute(query)
    )


def read_memories(connection: Connection, model_id: int) -> dict[str, str]:
    """Return what the rules remember of a model, by fingerprint, as JSON."""
    m = tables.alert_memories.c
    query = select(m.fingerprint, m.payload).where(m.model_id == model_id)
    return {row.fingerprint: row.payload for row in connection.execute(query)}


def save_memories(connection: Connection, model_id: int, changed: Mapping[str, str]) -> None:
    """Store what rules remember now, in place of what they remembered."""
    if changed:
        m = tables.alert_memories
        connection.execute(delete(m).where(m.c.model_id == model_id, m.c.fingerprint.in_(list(changed))))
        rows = [{"model_id": model_id, "fingerprint": name, "payload": text} for name, text in changed.items()]
        connection.execute(insert(m), rows)


def wake(connection: Connection, incident_ids: Sequence[int] | None, *, at: datetime) -> None:
    """Have incidents looked at again at this time, if not before; None: every one that is open."""
    sooner = or_(_i.wake_at.is_(None), _i.wake_at > to_micros(at))
    which = _i.state != IncidentState.RESOLVED if incident_ids is None else _i.incident_id.in_(incident_ids)
    connection.execute(update(tables.incidents).where(which, sooner).values(wake_at=to_micros(at)))


def set_wake(connection: Connection, incident_id: int, at: datetime | None) -> None:
    """Have one incident looked at again at this time, and not before; None: not until it changes."""
    value = None if at is None else to_micros(at)
    connection.execute(update(tables.incidents).where(_i.incident_id == incident_id).values(wake_at=value))


def to_wake(connection: Connection, *, now: datetime, horizon: datetime) -> tuple[int, ...]:
    """Return the ids of the incidents whose time to be looked at has come.

    Parameters
    ----------
    horizon
        A time beyond it was set by a clock that has been set back since: it has come, too.
    """
    come = or_(_i.wake_at <= to_micros(now), _i.wake_at > to_micros(horizon))
    return tuple(connection.execute(select(_i.incident_id).where(come).order_by(_i.wake_at)).scalars())


def _incidents() -> Select[tuple[Any, ...]]:
    m = tables.models.c
    joined = tables.incidents.outerjoin(tables.models, _i.model_id == m.model_id)
    return select(tables.incidents, m.name, m.version, m.environment).select_from(joined)


def _incident(row: Row[tuple[Any, ...]]) -> Incident:
    return Incident(
        incident_id=row.incident_id,
        fingerprint=row.fingerprint,
        episode=row.episode,
        model_id=row.model_id,
        model=None if row.model_id is None else ModelKey(row.name, row.version, row.environment),
        rule=row.rule,
        subject=row.subject,
        state=IncidentState(row.state),
        severity=row.severity,
        opened_at=from_micros(row.opened_at),
        resolved_at=None if row.resolved_at is None else from_micros(row.resolved_at),
        feedback=row.feedback,
        **rest_from_json(row.payload),
    )


def _values(incident: Incident) -> dict[str, Any]:
    return {
        "fingerprint": incident.fingerprint,
        "episode": incident.episode,
        "model_id": incident.model_id,
        "rule": incident.rule,
        "subject": storable(incident.subject),
        "state": str(incident.state),
        "severity": incident.severity,
        "payload": storable(rest_to_json(incident)),
        "opened_at": to_micros(incident.opened_at),
        "resolved_at": None if incident.resolved_at is None else to_micros(incident.resolved_at),
        "feedback": incident.feedback,
    }
