"""What a rule about a service has measured, in one sentence with numbers."""

from datetime import timedelta

from driftboard.alerts.level_words import duration
from driftboard.alerts.service_measures import Measured
from driftboard.alerts.service_rules import ServiceRule
from driftboard.monitors.burn_rate import Burn
from driftboard.monitors.wording import count, percent

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def span(length: timedelta) -> str:
    """Return a length of time in its largest whole unit.

    >>> span(timedelta(minutes=5)), span(timedelta(hours=1)), span(timedelta(days=3))
    ('5 minutes', '1 hour', '3 days')
    """
    for unit, name in ((_DAY, "day"), (_HOUR, "hour")):
        if length >= unit and not length % unit:
            return count(length // unit, name)
    return count(length // timedelta(minutes=1), "minute")


def rule_message(rule: ServiceRule, measured: Measured) -> str:
    """Return what was measured, of how much, and the limit that it exceeds."""
    value, window = measured.value or 0.0, span(rule.window)
    if rule.measure == "latency_p95":
        said = f"p95 {duration(value)} of {count(measured.total, 'timed request')} in {window}"
        return f"{said}: above {duration(rule.threshold)} for {span(rule.hold)}."
    noun, what = ("request", "failed") if rule.measure == "error_rate" else ("prediction", "were unsure")
    said = f"{percent(value)} of {count(measured.total, noun)} {what} in {window}"
    return f"{said}: above {percent(rule.threshold)} for {span(rule.hold)}."


def burn_message(title: str, burn: Burn, days: int) -> str:
    """Return how fast an error budget burns."""
    long, short = span(burn.window.long), span(burn.window.short)
    return (
        f"{title}: the error budget of {count(days, 'day')} burns {burn.long or 0:.1f} times as fast as it may over "
        f"{long}, and {burn.short or 0:.1f} times over {short} (limit {burn.window.factor:g})."
    )
