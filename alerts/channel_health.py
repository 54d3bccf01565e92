"""How a channel stands after what came of a message, and the incident about one that refuses for good."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.meta import broken
from driftboard.alerts.own import clear_own
from driftboard.alerts.store import AlertStore
from driftboard.alerts.watch import raise_trouble
from driftboard.data.backend import hold_alert_queue
from driftboard.data.channel_states import ChannelState, Status, channel_state, save_channel_state
from driftboard.data.outbox import Delivery
from driftboard.data.outcomes import Outcome


def after_outcome(state: ChannelState, outcome: Outcome, *, blocked: datetime | None, now: datetime) -> ChannelState:
    """Return how a channel stands once this came of a message; a block is never made shorter."""
    status = _status(state, outcome)
    working = status == "ok"
    return replace(
        state,
        status=status,
        failures=0 if working else state.failures + 1,
        reason="" if working else outcome.detail,
        changed_at=now if status != state.status else state.changed_at,
        blocked_until=state.blocked_until if blocked is None else _later(state, blocked, now),
    )


def report(connection: Connection, state: ChannelState, settings: AlertSettings, *, now: datetime) -> None:
    """Open the incident about a channel that is broken, and end the one about a channel that works.

    Parameters
    ----------
    connection
        Inside a write transaction that holds the alert queue.
    """
    if state.status == "broken":
        raise_trouble(connection, broken(state), settings, now=now)
    elif state.status == "ok":
        clear_own(connection, rule="channel_broken", subject=state.channel, settings=settings, now=now)


def proved(store: AlertStore, channel: str, settings: AlertSettings, *, now: datetime) -> None:
    """Note that a channel works: somebody has just seen a message arrive by it, outside the outbox."""
    with store.write() as connection:
        hold_alert_queue(connection)
        state = channel_state(connection, channel)
        if state.status != "ok":
            well = replace(state, status="ok", failures=0, reason="", changed_at=now)
            save_channel_state(connection, well)
            report(connection, well, settings, now=now)


def _status(state: ChannelState, outcome: Outcome) -> Status:
    if outcome.attempt == "ok":
        return "ok"
    if outcome.state is Delivery.DEAD or state.status == "broken":
        return "broken"
    return "failing"


def _later(state: ChannelState, blocked: datetime, now: datetime) -> datetime:
    return max(state.blocked_until, blocked) if state.is_blocked(now) else blocked
