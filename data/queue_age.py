"""How long the outbox has waited, and how much left by a channel: what rate limits and the watch over it count."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, select

from driftboard.data import tables
from driftboard.data.outbox import Delivery
from driftboard.data.times import from_micros, to_micros

_n = tables.notifications.c
_a = tables.delivery_attempts.c


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits to leave by a channel: since when, and whether somebody is to be called by it."""

    since: datetime
    page: bool


def waiting_since(connection: Connection, *, now: datetime) -> dict[str, Waiting]:
    """Return, by channel, since when its oldest row has been due or tried in vain; channels without one are left out.

    A retry moves the time a row is due; so what was tried waits since the first attempt.
    """
    first = and_(_a.notification_id == _n.notification_id, _a.n == 1)
    began = func.coalesce(_a.started_at, _n.not_before)
    query = (
        select(
            _n.channel,
            func.min(began).label("since"),
            func.max(case((_n.severity == "critical", 1), else_=0)).label("page"),
        )
        .select_from(tables.notifications.outerjoin(tables.delivery_attempts, first))
        .where(_n.state == Delivery.QUEUED, began <= to_micros(now))
        .group_by(_n.channel)
    )
    return {row.channel: Waiting(from_micros(row.since), bool(row.page)) for row in connection.execute(query)}


def messages_since(connection: Connection, channel: str, *, since: datetime, now: datetime, created: datetime) -> int:
    """Return how many messages left by a channel in a time; rows older than `created` are not looked at.

    Attempts that the other side refused do not count; rows merged into one message are one.
    """
    times = (_a.started_at > to_micros(since), _a.started_at <= to_micros(now))
    sent = (
        select(_a.owner, _a.started_at)
        .join(tables.notifications, _n.notification_id == _a.notification_id)
        .where(_n.channel == channel, _n.created_at >= to_micros(created), *times, _a.outcome.in_(("ok", "unknown")))
        .distinct()
    )
    return int(connection.execute(select(func.count()).select_from(sent.subquery())).scalar_one())


def is_queued_already(connection: Connection, *, incident_id: int | None, kind: str, step: int, channel: str) -> bool:
    """Return whether there is a row of this identity, whatever became of it."""
    about = _n.incident_id.is_(None) if incident_id is None else _n.incident_id == incident_id
    same = (about, _n.kind == kind, _n.step == step, _n.channel == channel)
    return connection.execute(select(_n.notification_id).where(*same).limit(1)).first() is not None
