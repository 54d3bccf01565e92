"""What is wrong with driftboard's own working: the decision, from what it knows of itself. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from driftboard.alerts.severity import Severity
from driftboard.data.channel_states import ChannelState
from driftboard.data.heartbeats import WORKER, Heartbeat
from driftboard.data.queue_age import Waiting

RULES = ("channel_broken", "queue_stalled", "worker_stalled")
LONGEST_QUEUE = timedelta(minutes=5)
_INTERVALS = 3
_LEAST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong with driftboard itself; `subject` is a channel, or empty."""

    rule: str
    subject: str
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Health:
    """What driftboard knows of its own working.

    Attributes
    ----------
    channels
        Names of those that are configured.
    states, waiting
        By channel: how it stands; since when its oldest row waits.
    hearts
        Signs of life.
    """

    channels: Sequence[str]
    states: Mapping[str, ChannelState]
    waiting: Mapping[str, Waiting]
    hearts: Sequence[Heartbeat]


def troubles(health: Health, *, now: datetime) -> tuple[Trouble, ...]:
    """Return everything that is wrong."""
    states = [health.states[name] for name in health.channels if name in health.states]
    found = [broken(state) for state in states if state.status == "broken"]
    found += [
        _stalled_queue(name, waiting, health.states.get(name))
        for name, waiting in health.waiting.items()
        if name in health.channels and now - waiting.since > LONGEST_QUEUE
    ]
    found += [
        _stalled_worker(heart) for heart in health.hearts if heart.component == WORKER and _is_stalled(heart, now)
    ]
    return tuple(found)


def is_well(health: Health, *, now: datetime) -> bool:
    """Whether whoever watches over us from outside may be told that all is well."""
    return not troubles(health, now=now)


def broken(state: ChannelState) -> Trouble:
    """Return what is wrong when a channel refuses for good."""
    message = f"The channel {state.channel} does not take messages: {state.reason.rstrip('.')}."
    return Trouble("channel_broken", state.channel, Severity.CRITICAL, message)


def _stalled_queue(channel: str, waiting: Waiting, state: ChannelState | None) -> Trouble:
    reason = f" ({state.reason.rstrip('.')})" if state is not None and state.reason else ""
    message = f"Messages to {channel} have not gone out since {waiting.since:%Y-%m-%d %H:%M} UTC{reason}."
    severity = Severity.CRITICAL if waiting.page else Severity.WARNING
    return Trouble("queue_stalled", channel, severity, message)


def _stalled_worker(heart: Heartbeat) -> Trouble:
    message = (
        f"No batch has been judged since {heart.at:%Y-%m-%d %H:%M} UTC: the worker on {heart.machine} stands still."
    )
    return Trouble("worker_stalled", "", Severity.CRITICAL, message)


def _is_stalled(heart: Heartbeat, now: datetime) -> bool:
    return heart.is_late(now, _INTERVALS) and now - heart.at > _LEAST
