"""What left, in numbers: how many messages since a time, who was told of an incident, what became of each channel's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from driftboard.data import tables
from driftboard.data.outbox import Delivery
from driftboard.data.times import from_micros, to_micros

_n = tables.notifications.c
_TOLD = (Delivery.DELIVERED, Delivery.DRY_RUN)
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Traffic:
    """What became of a channel's notifications.

    Attributes
    ----------
    queued, delivered, rehearsed, dead
        How many wait, went out, would have gone out but for a dry run, and were given up.
    last_delivered
        When the last of them went out; None when none did.
    """

    queued: int
    delivered: int
    rehearsed: int
    dead: int
    last_delivered: datetime | None


def count_told(connection: Connection, *, since: datetime, model: str | None = None) -> int:
    """Return how many notifications went out since a time, or would have in a dry run."""
    query = select(func.count()).where(_n.created_at >= to_micros(since), _n.state.in_(_TOLD))
    if model is not None:
        query = query.where(_n.model == model)
    return int(connection.execute(query).scalar_one())


def channels_told(connection: Connection, incident_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return by incident the channels that really were told of it, in order of their names; others are left out."""
    found: dict[int, list[str]] = {}
    for start in range(0, len(incident_ids), _CHUNK):
        query = (
            select(_n.incident_id, _n.channel)
            .where(_n.incident_id.in_(incident_ids[start : start + _CHUNK]), _n.state == Delivery.DELIVERED)
            .distinct()
            .order_by(_n.channel)
        )
        for row in connection.execute(query):
            found.setdefault(row.incident_id, []).append(row.channel)
    return {incident_id: tuple(channels) for incident_id, channels in found.items()}


def traffic(connection: Connection) -> dict[str, Traffic]:
    """Return what became of the notifications of every channel that ever had one, by its name."""
    query = select(_n.channel, _n.state, func.count().label("n"), func.max(_n.finished_at).label("last")).group_by(
        _n.channel, _n.state
    )
    counts: dict[str, dict[Delivery, tuple[int, int | None]]] = {}
    for row in connection.execute(query):
        counts.setdefault(row.channel, {})[Delivery(row.state)] = (int(row.n), row.last)
    return {channel: _traffic(counts[channel]) for channel in sorted(counts)}


def _traffic(counts: dict[Delivery, tuple[int, int | None]]) -> Traffic:
    nothing: tuple[int, int | None] = (0, None)
    delivered, last = counts.get(Delivery.DELIVERED, nothing)
    return Traffic(
        queued=counts.get(Delivery.QUEUED, nothing)[0],
        delivered=delivered,
        rehearsed=counts.get(Delivery.DRY_RUN, nothing)[0],
        dead=counts.get(Delivery.DEAD, nothing)[0],
        last_delivered=None if last is None else from_micros(last),
    )
