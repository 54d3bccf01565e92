"""What is known of each channel from what came of its messages: whether it works, and when it may be used again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, text

from driftboard.data import tables
from driftboard.data.times import from_micros, to_micros
from driftboard.data.values import storable

LONGEST_BLOCK = timedelta(hours=1)
"""No channel is left alone for longer; a time beyond it tells that the clock was set back."""

LONGEST_PAUSE = timedelta(minutes=5)
"""The same for the time between two messages."""

Status = Literal["ok", "failing", "broken"]

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_SAVE = text(
    """
    INSERT INTO channel_states (channel, blocked_until, next_at, failures, status, reason, changed_at)
    VALUES (:channel, :blocked_until, :next_at, :failures, :status, :reason, :changed_at)
    ON CONFLICT (channel) DO UPDATE SET blocked_until = excluded.blocked_until, next_at = excluded.next_at,
        failures = excluded.failures, status = excluded.status, reason = excluded.reason,
        changed_at = excluded.changed_at
    """
)


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How a channel stands.

    Attributes
    ----------
    blocked_until
        It asked to be left alone until then.
    next_at
        Its own rate limit: the next message may leave then.
    failures
        Messages in a row that failed.
    status, reason
        `ok`; `failing`: the newest message failed and is tried again; `broken`: it refused for good, for this reason.
    changed_at
        Since when the status is what it is.
    """

    channel: str
    blocked_until: datetime = _NEVER
    next_at: datetime = _NEVER
    failures: int = 0
    status: Status = "ok"
    reason: str = ""
    changed_at: datetime = _NEVER

    def free_at(self, now: datetime) -> datetime:
        """Return when a message may leave: `now`, or later."""
        asked = self.blocked_until if self.blocked_until <= now + LONGEST_BLOCK else now
        paced = self.next_at if self.next_at <= now + LONGEST_PAUSE else now
        return max(asked, paced, now)

    def is_blocked(self, now: datetime) -> bool:
        """Whether it asked to be left alone at this time."""
        return now < self.blocked_until <= now + LONGEST_BLOCK


def channel_states(connection: Connection) -> dict[str, ChannelState]:
    """Return every channel that was ever used, by name."""
    return {row.channel: _state(row) for row in connection.execute(select(tables.channel_states))}


def channel_state(connection: Connection, channel: str) -> ChannelState:
    """Return how one channel stands; one that was never used is well."""
    return channel_states(connection).get(channel) or ChannelState(channel)


def save_channel_state(connection: Connection, state: ChannelState) -> None:
    """Store how a channel stands; the transaction holds the alert queue."""
    values = {
        "channel": state.channel,
        "blocked_until": to_micros(state.blocked_until),
        "next_at": to_micros(state.next_at),
        "failures": state.failures,
        "status": state.status,
        "reason": storable(state.reason),
        "changed_at": to_micros(state.changed_at),
    }
    connection.execute(_SAVE, values)


def _state(row: Row[tuple[Any, ...]]) -> ChannelState:
    return ChannelState(
        channel=row.channel,
        blocked_until=from_micros(row.blocked_until),
        next_at=from_micros(row.next_at),
        failures=row.failures,
        status=row.status,
        reason=row.reason,
        changed_at=from_micros(row.changed_at),
    )
