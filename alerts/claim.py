"""The next message of a channel is chosen, checked once more, and claimed: one transaction."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.selection import leave, next_message
from driftboard.data import delivery
from driftboard.data.backend import hold_alert_queue
from driftboard.data.channel_states import ChannelState, channel_state, save_channel_state
from driftboard.data.heartbeats import dead_owners
from driftboard.data.outbox import Delivery, Notification

_DRY = "dry run: nothing left this machine"


@dataclass(frozen=True, slots=True)
class Grip:
    """Who claims, and for how long."""

    owner: str
    lease: timedelta


@dataclass(frozen=True, slots=True)
class Claim:
    """What was claimed.

    Attributes
    ----------
    rows
        What is to be sent as one message; empty when there is nothing to send.
    repeated
        An earlier attempt on one of them may have arrived.
    first_at
        When the first attempt on each of them began, by its id.
    dropped
        Rows that left the queue unsent, by what became of them; in a dry run those that would have been sent.
    free_at
        When the channel may send again, if that is what it waits for.
    """

    rows: tuple[Notification, ...] = ()
    repeated: bool = False
    first_at: Mapping[int, datetime] = field(default_factory=dict)
    dropped: Mapping[Delivery, int] = field(default_factory=dict)
    free_at: datetime | None = None


def claim(connection: Connection, channel: str, settings: AlertSettings, grip: Grip, *, now: datetime) -> Claim:
    """Take the next message of a channel; its attempt is written down before anything is sent.

    Parameters
    ----------
    connection
        Inside a write transaction.
    """
    hold_alert_queue(connection)
    holders = delivery.lease_holders(connection, channel, now=now, lease=grip.lease)
    if holders - dead_owners(connection, holders, now=now, lease=grip.lease):
        return Claim()
    state = channel_state(connection, channel)
    free_at = state.free_at(now)
    if free_at > now and not settings.dry_run:
        return Claim(free_at=free_at)
    group, dropped = next_message(connection, channel, settings, now=now)
    if settings.dry_run:
        return Claim(dropped=dropped + _rehearsed(connection, group, now))
    if not group:
        return Claim(dropped=dropped)
    return _taken(connection, group, state, settings, grip, dropped, now)


def _rehearsed(connection: Connection, group: Sequence[Notification], now: datetime) -> Counter[Delivery]:
    """Let rows go the whole way but for the last step."""
    for row in group:
        leave(connection, row, Delivery.DRY_RUN, _DRY, now=now)
    return Counter({Delivery.DRY_RUN: 1} if group else {})


def _taken(
    connection: Connection,
    group: Sequence[Notification],
    state: ChannelState,
    settings: AlertSettings,
    grip: Grip,
    dropped: Counter[Delivery],
    now: datetime,
) -> Claim:
    ids = [row.notification_id for row in group]
    before = delivery.tried(connection, ids)
    rows = delivery.take(connection, ids, owner=grip.owner, now=now, until=now + grip.lease)
    configured = settings.channels.get(state.channel)
    pause = timedelta(seconds=1.0 if configured is None else configured.min_seconds)
    save_channel_state(connection, replace(state, next_at=now + pause))
    return Claim(
        rows=tuple(rows),
        repeated=any(each.perhaps for each in before.values()),
        first_at={row_id: before[row_id].first_at if row_id in before else now for row_id in ids},
        dropped=dropped,
    )
