"""What came of an attempt, recorded: the attempt always, the row only by who holds its lease; a late success counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, update

from driftboard.data import tables
from driftboard.data.outbox import Delivery, Notification
from driftboard.data.times import to_micros
from driftboard.data.values import storable

LONGEST_DETAIL = 500
Ended = Literal["ok", "retry", "permanent", "unknown"]
_n = tables.notifications.c
_a = tables.delivery_attempts.c
_QUEUED = _n.state == Delivery.QUEUED


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt to send one message.

    Attributes
    ----------
    attempt
        How the attempt ended.
    state
        What becomes of its rows: `delivered`, `dead`, or `queued` to try again at `not_before`.
    detail
        Why, or a remark of the channel; holds no secret.
    status
        Code of the answer, when there was one.
    reference
        What the message is called on the other side.
    """

    attempt: Ended
    state: Delivery
    detail: str = ""
    status: int | None = None
    not_before: datetime | None = None
    reference: str = ""


def record(
    connection: Connection, rows: Sequence[Notification], outcome: Outcome, *, now: datetime
) -> tuple[Notification, ...]:
    """Record what came of a message, given its rows as they were claimed; return those whose fate it decided.

    Rows that somebody else has claimed meanwhile keep their state; a success is written down even so, and whoever holds
    them finds it.

    Parameters
    ----------
    connection
        Inside a write transaction that holds the alert queue.
    """
    _record_attempts(connection, rows, outcome, now)
    decided: set[int] = set()
    for n in sorted({row.attempts for row in rows}):
        same = [row for row in rows if row.attempts == n]
        mine = (_n.lease_owner == same[0].lease_owner, _n.attempts == n)
        decided |= _settle(connection, same, outcome, mine, now)
    if outcome.attempt == "ok":
        rest = [row for row in rows if row.notification_id not in decided]
        decided |= _settle(connection, rest, outcome, (_n.lease_owner == "",), now)
    return tuple(row for row in rows if row.notification_id in decided)


def _settle(
    connection: Connection, rows: Sequence[Notification], outcome: Outcome, held: tuple[Any, ...], now: datetime
) -> set[int]:
    ids = [row.notification_id for row in rows]
    values: dict[str, object] = {"state": str(outcome.state), "lease_owner": "", "lease_until": 0}
    values |= {"reason": storable(outcome.detail[:LONGEST_DETAIL])}
    if outcome.not_before is not None:
        values["not_before"] = to_micros(outcome.not_before)
    if outcome.state is not Delivery.QUEUED:
        values |= {"finished_at": to_micros(now), "provider_ref": storable(outcome.reference)}
    changed = update(tables.notifications).where(_n.notification_id.in_(ids), _QUEUED, *held).values(**values)
    return set(connection.execute(changed.returning(_n.notification_id)).scalars()) if ids else set()


def _record_attempts(connection: Connection, rows: Sequence[Notification], outcome: Outcome, now: datetime) -> None:
    values = {
        "finished_at": to_micros(now),
        "outcome": outcome.attempt,
        "status": outcome.status,
        "detail": storable(outcome.detail[:LONGEST_DETAIL]),
    }
    for n in sorted({row.attempts for row in rows}):
        ids = [row.notification_id for row in rows if row.attempts == n]
        mine = (_a.notification_id.in_(ids), _a.n == n, _a.owner == rows[0].lease_owner)
        connection.execute(update(tables.delivery_attempts).where(*mine).values(**values))
