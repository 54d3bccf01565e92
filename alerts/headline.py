"""The first line of what is told: what happened, to what, where."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from driftboard.alerts.facts import Facts, Kind
from driftboard.alerts.plain import one_line
from driftboard.alerts.rules import rule_named
from driftboard.alerts.severity import Severity

NAME = 80
"""Most characters of one name."""
_LISTED = 3
_UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1)))


def headline(facts: Facts, now: datetime) -> str:
    """Return the line, harmless and not cut.

    Parameters
    ----------
    now
        Aware: what has no end yet is counted to it.
    """
    if facts.kind == "test":
        return f"TEST of the channel {one_line(facts.subject, limit=NAME)}: nothing is wrong"
    if facts.kind == "digest":
        return _digested(facts)
    return f"{_what(facts, now)} {_about(facts)}"


def spoken(length: timedelta) -> str:
    """Return a length of time in its two largest units.

    >>> spoken(timedelta(hours=26, minutes=5)), spoken(timedelta(seconds=40)), spoken(timedelta(minutes=15))
    ('1 d 2 h', 'less than a minute', '15 min')
    """
    words: list[str] = []
    for name, unit in _UNITS:
        count, length = divmod(max(length, timedelta(0)), unit)
        if count:
            words.append(f"{count} {name}")
        elif words:
            break
    return " ".join(words[:2]) or "less than a minute"


def by_whom(facts: Facts) -> str:
    """Return ` by anna`, or nothing."""
    return f" by {one_line(facts.actor, limit=NAME)}" if facts.actor else ""


def is_eased(facts: Facts) -> bool:
    """Whether it is not over, only too mild by now for the channel that is told."""
    return facts.kind == "resolve" and facts.resolved_at is None


def _what(facts: Facts, now: datetime) -> str:
    """Say what happened, in the words that come first."""
    severity = Severity(facts.severity).upper()
    end = facts.resolved_at or now
    words: dict[Kind, str] = {
        "change": _changed(facts, severity),
        "reminder": f"STILL {severity}",
        "escalate": f"ESCALATED {severity}",
        "acknowledge": f"ACKNOWLEDGED{by_whom(facts)}:",
        "resolve": f"{'EASED' if is_eased(facts) else 'RESOLVED'} after {spoken(end - facts.opened_at)}:",
    }
    return words.get(facts.kind, severity)


def _changed(facts: Facts, severity: str) -> str:
    if facts.news:
        return f"{severity}, now also {_listed(facts.news, len(facts.news))}:"
    return f"{severity}, comes and goes:" if facts.flapping else f"NOW {severity}"


def _about(facts: Facts) -> str:
    """Name the rule, the parts and the model."""
    parts = [facts.subject] if facts.subject else [each.subject for each in facts.affected if each.subject]
    n_parts = 1 if facts.subject else len(parts) + facts.n_affected - len(facts.affected)
    about = f": {_listed(parts, n_parts)}" if parts else ""
    model = f" in {one_line(str(facts.model), limit=NAME)}" if facts.model else ""
    return f"{one_line(rule_named(facts.rule).title, limit=NAME)}{about}{model}"


def _digested(facts: Facts) -> str:
    count = "1 incident" if facts.n_affected == 1 else f"{facts.n_affected:,} incidents"
    return f"DIGEST of {date.fromordinal(max(facts.step, 1))}: {count}, {facts.severity} at most"


def _listed(names: Sequence[str], n_names: int) -> str:
    shown = [one_line(name, limit=NAME // 2) for name in names[:_LISTED]]
    more = f" (+{n_names - len(shown):,} more)" if n_names > len(shown) else ""
    return ", ".join(shown) + more
