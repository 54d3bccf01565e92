"""How a notification is taken from the outbox, and how what came of it is recorded.

A row is claimed by a lease: owner, end, and the number of the attempt, which is written down before anything is sent.
Only who holds the lease may say what became of the row; a success alone counts whenever it comes. A channel has one
message in flight: while any row of it is leased, nobody claims another.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    case,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)

from driftboard.data import tables
from driftboard.data.channel_states import LONGEST_BLOCK
from driftboard.data.outbox import Delivery, Notification, notification_of
from driftboard.data.times import from_micros, to_micros
from driftboard.data.values import storable

MOST_ROWS = 500
LONGEST_RETRY = timedelta(minutes=30)
_HORIZON = LONGEST_BLOCK + LONGEST_RETRY
_SKEW = timedelta(hours=1)
_n = tables.notifications.c
_a = tables.delivery_attempts.c
_QUEUED = _n.state == Delivery.QUEUED


@dataclass(frozen=True, slots=True)
class Tried:
    """What earlier attempts on a notification came to.

    Attributes
    ----------
    first_at
        When the first one began.
    arrived
        One of them was taken by the other side, though whoever sent it could not say so in time.
    perhaps
        One of them may have arrived: no answer came, or whoever waited for it died.
    """

    first_at: datetime
    arrived: bool
    perhaps: bool


def due_channels(connection: Connection, *, now: datetime) -> tuple[str, ...]:
    """Return the channels that have something to send now, by name."""
    query = select(_n.channel).where(_QUEUED, _is_due(tables.notifications, now)).distinct().order_by(_n.channel)
    return tuple(connection.execute(query).scalars())


def lease_holders(connection: Connection, channel: str, *, now: datetime, lease: timedelta) -> frozenset[str]:
    """Return who has a message of this channel in flight; a lease longer than any given tells of a clock set back."""
    live = and_(_n.lease_until > to_micros(now), _n.lease_until <= to_micros(now + lease))
    query = select(_n.lease_owner).where(_QUEUED, _n.channel == channel, _n.lease_owner != "", live).distinct()
    return frozenset(connection.execute(query).scalars())


def due_rows(connection: Connection, channel: str, *, now: datetime, limit: int = MOST_ROWS) -> list[Notification]:
    """Return what may leave by a channel now, first pages first, else oldest first; no news overtakes older news.

    What waits for its first attempt comes along, before its time, when newer news of the same problem is due.
    """
    page = and_(_n.kind == "fire", _n.severity == "critical")
    query = (
        _rows(channel)
        .where(_is_due(tables.notifications, now), not_(_put_off_before(now)))
        .order_by(case((page, 0), else_=1), _n.notification_id)
        .limit(limit)
    )
    due = [notification_of(row) for row in connection.execute(query)]
    return _with_company(connection, channel, due)


def tried(connection: Connection, notification_ids: Sequence[int]) -> dict[int, Tried]:
    """Return what came of earlier attempts, by notification; one never tried is left out."""
    query = (
        select(
            _a.notification_id,
            func.min(_a.started_at).label("first_at"),
            func.max(case((_a.outcome == "ok", 1), else_=0)).label("arrived"),
            func.max(case((_a.outcome.in_(("started", "unknown")), 1), else_=0)).label("perhaps"),
        )
        .where(_a.notification_id.in_(notification_ids))
        .group_by(_a.notification_id)
    )
    return {
        row.notification_id: Tried(from_micros(row.first_at), bool(row.arrived), bool(row.perhaps))
        for row in connection.execute(query)
    }


def take(
    connection: Connection, notification_ids: Sequence[int], *, owner: str, now: datetime, until: datetime
) -> list[Notification]:
    """Claim rows that are still queued and write down the attempt; return them as they are now, oldest first."""
    mine = _n.notification_id.in_(notification_ids)
    claimed = {"lease_owner": owner, "lease_until": to_micros(until), "attempts": _n.attempts + 1}
    stored = update(tables.notifications).where(mine, _QUEUED).values(**claimed).returning(_n.notification_id)
    taken = sorted(connection.execute(stored).scalars())
    lost = (_a.notification_id.in_(taken), _a.outcome == "started")
    connection.execute(
        update(tables.delivery_attempts)
        .where(*lost)
        .values(outcome="unknown", finished_at=to_micros(now), detail="whoever sent it never said what came of it")
    )
    query = select(tables.notifications).where(_n.notification_id.in_(taken)).order_by(_n.notification_id)
    rows = [notification_of(row) for row in connection.execute(query)]
    started = {"owner": owner, "started_at": to_micros(now), "outcome": "started", "detail": ""}
    attempts = [{"notification_id": row.notification_id, "n": row.attempts, **started} for row in rows]
    if attempts:
        connection.execute(insert(tables.delivery_attempts), attempts)
    return rows


def drop(
    connection: Connection, notification_ids: Collection[int], *, state: Delivery, reason: str, now: datetime
) -> None:
    """Take rows that are queued out of the queue unsent."""
    if notification_ids:
        over = {"state": str(state), "reason": storable(reason), "finished_at": to_micros(now), "lease_owner": ""}
        mine = _n.notification_id.in_(notification_ids)
        connection.execute(update(tables.notifications).where(mine, _QUEUED).values(**over))


def _rows(channel: str) -> Select[tuple[Any, ...]]:
    return select(tables.notifications).where(_QUEUED, _n.channel == channel)


def _with_company(connection: Connection, channel: str, due: Sequence[Notification]) -> list[Notification]:
    """Put before each row what is queued of the same problem and older."""
    told = {row.fingerprint for row in due if row.incident_id is not None}
    query = _rows(channel).where(_n.fingerprint.in_(told), _n.incident_id.is_not(None))
    queued: dict[tuple[str, str], list[Notification]] = {}
    for row in map(notification_of, connection.execute(query.order_by(_n.incident_id, _n.notification_id))):
        queued.setdefault((row.fingerprint, row.model), []).append(row)
    ordered: dict[int, Notification] = {}
    for row in due:
        for each in queued.get((row.fingerprint, row.model), (row,)):
            ordered.setdefault(each.notification_id, each)
            if each.notification_id == row.notification_id:
                break
        ordered.setdefault(row.notification_id, row)
    return list(ordered.values())


def _put_off_before(now: datetime) -> ColumnElement[bool]:
    """Whether older news of the same problem was tried in vain and waits.

    Older is what belongs to an earlier incident, or was queued before: the end of one episode, told after the beginning
    of the next, would close the next.
    """
    older = tables.notifications.alias("older")
    same = (
        older.c.fingerprint == _n.fingerprint,
        older.c.model == _n.model,
        older.c.channel == _n.channel,
        older.c.state == Delivery.QUEUED,
    )
    before = or_(
        older.c.incident_id < _n.incident_id,
        and_(older.c.incident_id == _n.incident_id, older.c.notification_id < _n.notification_id),
    )
    waits = (older.c.attempts > 0, not_(_is_due(older, now)))
    return select(older.c.notification_id).where(*same, before, *waits).exists()


def _is_due(table: FromClause, now: datetime) -> ColumnElement[bool]:
    """Whether its time has come, or is one that was set by a clock that has been set back since.

    No retry is put off beyond the horizon. A row that was made in the future waits no longer than it was meant to: not
    at all when it was meant to leave at once.
    """
    c = table.c
    retried = and_(c.attempts > 0, c.not_before > to_micros(now + _HORIZON))
    untried = and_(c.attempts == 0, or_(c.not_before <= c.created_at, c.created_at > to_micros(now + _SKEW)))
    return or_(c.not_before <= to_micros(now), retried, untried)
