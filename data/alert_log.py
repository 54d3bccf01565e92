"""The alert log: every alert, the channel it goes to, and what became of it. All SQL on the table is here.

A row that waits is `queued`; a claim only moves its `not_before`, so that a dispatcher that dies gives it back. A
channel has one message in flight: while a tried row of it waits (in flight, or put off), no other row is due.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, insert, not_, select, update

from driftboard.data import tables
from driftboard.data.backend import hold_alert_queue
from driftboard.data.model_key import ModelKey
from driftboard.data.times import from_micros, to_micros
from driftboard.data.values import storable

MAX_WAIT = timedelta(hours=1)
"""No row is put off for longer; a `not_before` beyond it tells that the clock was set back."""

_CHUNK = 500  # values in one IN (...): well below the limit of every SQLite
_a = tables.alerts.c
T = TypeVar("T")


class AlertState(StrEnum):
    """What became of an alert on a channel."""

    LOGGED = "logged"
    QUEUED = "queued"
    DELIVERED = "delivered"
    DRY_RUN = "dry_run"
    SUPPRESSED = "suppressed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class NewAlert:
    """A row to be added."""

    model_id: int
    batch_key: int
    fingerprint: str
    rule: str
    subject: str
    severity: str
    message: str
    channel: str
    state: AlertState
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """A row as it stands, with the names of its model and batch.

    Attributes
    ----------
    n_predictions
        Rows of the batch by now.
    attempts
        How often sending was tried.
    not_before, created_at, finished_at
        Aware, UTC; `finished_at` is None while the alert waits.
    """

    alert_id: int
    model_id: int
    model: ModelKey
    batch_key: int
    batch_id: str
    n_predictions: int
    fingerprint: str
    rule: str
    subject: str
    severity: str
    message: str
    channel: str
    state: AlertState
    reason: str
    attempts: int
    not_before: datetime
    created_at: datetime
    finished_at: datetime | None


def insert_alerts(connection: Connection, alerts: Sequence[NewAlert]) -> None:
    """Add rows, in this order; text no database could hold (NUL, half a surrogate pair) is escaped."""
    if alerts:
        connection.execute(insert(tables.alerts), [_values(alert) for alert in alerts])


def alerted(connection: Connection, batch_key: int) -> frozenset[str]:
    """Return the fingerprints the batch has been alerted for, whatever became of them."""
    return frozenset(connection.execute(select(_a.fingerprint).where(_a.batch_key == batch_key)).scalars())


def last_notified(
    connection: Connection,
    fingerprints: Sequence[str],
    *,
    channel: str,
    severities: Sequence[str],
    states: Sequence[AlertState],
    now: datetime,
) -> dict[str, datetime]:
    """Return, by fingerprint, when it was last told on a channel; times after `now` do not count."""
    told_at = func.coalesce(_a.finished_at, _a.created_at)
    found: dict[str, datetime] = {}
    for chunk in _chunks(fingerprints):
        query = (
            select(_a.fingerprint, func.max(told_at).label("told_at"))
            .where(_a.fingerprint.in_(chunk), _a.channel == channel, told_at <= to_micros(now))
            .where(_a.severity.in_(severities), _a.state.in_(states))
            .group_by(_a.fingerprint)
        )
        found |= {row.fingerprint: from_micros(row.told_at) for row in connection.execute(query)}
    return found


def due(connection: Connection, *, now: datetime, limit: int) -> tuple[AlertRecord, ...]:
    """Return rows that may be sent now: least often tried first, then oldest."""
    query = _records().where(_is_due(now)).order_by(_a.attempts, _a.alert_id).limit(limit)
    return tuple(map(_record, connection.execute(query)))


def claim(connection: Connection, *, now: datetime, lease: timedelta) -> tuple[AlertRecord, ...]:
    """Take the next message: every due row of one model, batch and channel; empty when nothing is due.

    Each row's attempt is counted before it is made. If no outcome is recorded the rows are due again after `lease`.
    """
    hold_alert_queue(connection)
    first = due(connection, now=now, limit=1)
    if not first:
        return ()
    until = to_micros(now + lease)
    group = and_(_a.model_id == first[0].model_id, _a.batch_key == first[0].batch_key, _a.channel == first[0].channel)
    taken = update(tables.alerts).where(group, _may_go(now)).values(attempts=_a.attempts + 1, not_before=until)
    connection.execute(taken)
    query = _records().where(group, _a.state == AlertState.QUEUED, _a.not_before == until)
    return tuple(map(_record, connection.execute(query.order_by(_a.alert_id))))


def finish(
    connection: Connection,
    alert_ids: Sequence[int],
    *,
    state: AlertState,
    reason: str,
    now: datetime,
    not_before: datetime | None = None,
) -> None:
    """Record the outcome of an attempt; rows that have an outcome already keep it.

    Parameters
    ----------
    state
        `queued` to try again at `not_before`; any other state ends the row's way.
    """
    values = {"state": state, "reason": storable(reason)}
    times = {"finished_at": None if state is AlertState.QUEUED else to_micros(now)}
    if not_before is not None:
        times["not_before"] = to_micros(min(not_before, now + MAX_WAIT))
    for chunk in _chunks(alert_ids):
        waiting = (_a.alert_id.in_(chunk), _a.state == AlertState.QUEUED)
        connection.execute(update(tables.alerts).where(*waiting).values(**values, **times))


def recent_alerts(
    connection: Connection, *, model_id: int | None = None, limit: int, before_id: int | None = None
) -> tuple[AlertRecord, ...]:
    """Return the newest rows, of one model or of all; `before_id` (the last one seen) gives the next page."""
    query = _records().order_by(_a.alert_id.desc()).limit(limit)
    if model_id is not None:
        query = query.where(_a.model_id == model_id)
    if before_id is not None:
        query = query.where(_a.alert_id < before_id)
    return tuple(map(_record, connection.execute(query)))


def count_by_state(connection: Connection, *, model_id: int | None = None) -> dict[AlertState, int]:
    """Return how many rows are in each state, zeros included."""
    query = select(_a.state, func.count().label("n")).group_by(_a.state)
    if model_id is not None:
        query = query.where(_a.model_id == model_id)
    found = {AlertState(row.state): int(row.n) for row in connection.execute(query)}
    return {state: found.get(state, 0) for state in AlertState}


def count_pages(connection: Connection, model_id: int, *, since: datetime) -> int:
    """Return how many batches of a model somebody was called for since a time, or would have been in a dry run."""
    told = (AlertState.DELIVERED, AlertState.DRY_RUN)
    query = select(func.count(func.distinct(_a.batch_key))).where(
        _a.model_id == model_id, _a.severity == "critical", _a.state.in_(told), _a.created_at >= to_micros(since)
    )
    return int(connection.execute(query).scalar_one())


def oldest_queued(connection: Connection) -> datetime | None:
    """Return when the row that has waited longest was added: the age of the queue."""
    at = connection.execute(select(func.min(_a.created_at)).where(_a.state == AlertState.QUEUED)).scalar()
    return None if at is None else from_micros(at)


def _may_go(now: datetime) -> ColumnElement[bool]:
    """Queued, and its time has come, or is so far off that the clock must have been set back."""
    return and_(_a.state == AlertState.QUEUED, not_(_waits(tables.alerts.c.not_before, now)))


def _waits(not_before: ColumnElement[int], now: datetime) -> ColumnElement[bool]:
    return and_(not_before > to_micros(now), not_before <= to_micros(now + MAX_WAIT))


def _is_due(now: datetime) -> ColumnElement[bool]:
    tried = tables.alerts.alias("tried")
    in_the_way = select(tried.c.channel).where(
        tried.c.state == AlertState.QUEUED, tried.c.attempts > 0, _waits(tried.c.not_before, now)
    )
    return and_(_may_go(now), _a.channel.not_in(in_the_way))


def _records() -> Select[tuple[object, ...]]:
    m, b = tables.models.c, tables.batches.c
    joined = tables.alerts.join(tables.models, _a.model_id == m.model_id).join(
        tables.batches, _a.batch_key == b.batch_key
    )
    return select(tables.alerts, m.name, m.version, m.environment, b.batch_id, b.n_predictions).select_from(joined)


def _record(row: Row[tuple[object, ...]]) -> AlertRecord:
    return AlertRecord(
        alert_id=row.alert_id,
        model_id=row.model_id,
        model=ModelKey(row.name, row.version, row.environment),
        batch_key=row.batch_key,
        batch_id=row.batch_id,
        n_predictions=row.n_predictions,
        fingerprint=row.fingerprint,
        rule=row.rule,
        subject=row.subject,
        severity=row.severity,
        message=row.message,
        channel=row.channel,
        state=AlertState(row.state),
        reason=row.reason,
        attempts=row.attempts,
        not_before=from_micros(row.not_before),
        created_at=from_micros(row.created_at),
        finished_at=None if row.finished_at is None else from_micros(row.finished_at),
    )


def _values(alert: NewAlert) -> dict[str, object]:
    at = to_micros(alert.created_at)
    return {
        "model_id": alert.model_id,
        "batch_key": alert.batch_key,
        "fingerprint": alert.fingerprint,
        "rule": alert.rule,
        "subject": storable(alert.subject),
        "severity": str(alert.severity),
        "message": storable(alert.message),
        "channel": alert.channel,
        "state": str(alert.state),
        "reason": storable(alert.reason),
        "attempts": 0,
        "not_before": at,
        "created_at": at,
        "finished_at": None if alert.state is AlertState.QUEUED else at,
    }


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
