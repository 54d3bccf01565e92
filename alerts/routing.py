"""Which channels an alert goes to, and whether it goes now: pure decisions.

"Warnings stay in Slack, only critical is e-mailed": each channel has a least severity. An alert that no channel
takes is kept once, on the channel `none`, with the reason why nobody is told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from driftboard.alerts.gate import Alert
from driftboard.alerts.rules import rule_named
from driftboard.alerts.severity import Severity
from driftboard.config import AlertSettings
from driftboard.data.alert_log import AlertState

NO_CHANNEL = "none"


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one alert on one channel: `logged`, `queued` or `suppressed`, and why."""

    channel: str
    state: AlertState
    reason: str = ""


def channels_for(alert: Alert, settings: AlertSettings) -> tuple[str, ...]:
    """Return the channels that take this alert; empty when nobody is to be told."""
    if rule_named(alert.rule).logged_only:
        return ()
    floors = _floors(settings)
    return tuple(name for name, floor in floors.items() if alert.severity.rank >= floor.rank)


def unrouted(alert: Alert, settings: AlertSettings) -> Decision:
    """Return the decision on an alert that no channel takes."""
    if rule_named(alert.rule).logged_only:
        reason = "this rule is logged only"
    elif not _floors(settings):
        reason = "no channel is configured"
    else:
        reason = f"every channel asks for more than {alert.severity}"
    return Decision(NO_CHANNEL, AlertState.LOGGED, reason)


def decide(channel: str, settings: AlertSettings, *, last: datetime | None, now: datetime) -> Decision:
    """Return whether an alert is queued for a channel, or suppressed by the rate limit.

    Parameters
    ----------
    channel
        One of `channels_for`.
    last
        When the same fingerprint was last notified on the same channel with at least the same severity. A time
        that is still to come (the clock was set back) is ignored: it must not silence anything.
    now
        Aware, UTC.
    """
    window = timedelta(seconds=settings.rate_limit_seconds)
    if last is None or last > now or now - last >= window:
        return Decision(channel, AlertState.QUEUED)
    reason = f"rate limit: told at {last.isoformat(timespec='seconds')}, at most once in {_in_words(window)}"
    return Decision(channel, AlertState.SUPPRESSED, reason)


def _in_words(window: timedelta) -> str:
    """A duration as people say it.

    >>> _in_words(timedelta(days=7)), _in_words(timedelta(hours=4)), _in_words(timedelta(seconds=90))
    ('7 days', '4:00 h', '0:01 h')
    """
    days, rest = divmod(window, timedelta(days=1))
    minutes = rest // timedelta(minutes=1)
    clock = f"{minutes // 60}:{minutes % 60:02d} h"
    if not days:
        return clock
    return f"{days} days" if not minutes else f"{days} days {clock}"


def _floors(settings: AlertSettings) -> dict[str, Severity]:
    configured = {"slack": settings.slack, "email": settings.email}
    return {name: Severity(each.min_severity) for name, each in configured.items() if each is not None}
