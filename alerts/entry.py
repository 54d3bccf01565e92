"""One incident in words: a headline, the evidence, its context, and where to look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from driftboard.alerts.facts import Facts, Kind
from driftboard.alerts.plain import one_line
from driftboard.alerts.rules import rule_named
from driftboard.alerts.severity import Severity
from driftboard.data.incident import Affected

_NAME = 80
_SENTENCE = 500
_IN_HEADLINE = 3
_UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1)))
_BY = {"recovered": "recovered", "by hand": "resolved by hand", "no data": "no data any more"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One incident as people read it; every text is one harmless line.

    Attributes
    ----------
    kind, severity
        What is told of it, and how grave it is.
    headline
        `CRITICAL Feature drift: age, income (+3 more) in flights:2@production`, `RESOLVED after 2 h: ...`.
    evidence
        The monitor's sentence.
    context
        Lines of context: model, since when, batch and rows, how long it lasted.
    affected, n_affected
        The parts, ranked, each with its sentence; and how many there are in all.
    url, runbook
        The dashboard's page of this incident, and of its runbook, percent-encoded.
    """

    kind: Kind
    severity: Severity
    headline: str
    evidence: str
    context: tuple[str, ...]
    affected: tuple[str, ...]
    n_affected: int
    url: str
    runbook: str

    @property
    def more(self) -> int:
        """How many parts are not listed."""
        return self.n_affected - len(self.affected)


def entry_of(facts: Facts, *, base_url: str, now: datetime) -> Entry:
    """Return an incident in words.

    Parameters
    ----------
    base_url
        Where people reach the dashboard.
    now
        Aware: what "for 15 min" is counted to.
    """
    page = f"{base_url.rstrip('/')}/alerts"
    rule = rule_named(facts.rule)
    runbook = quote(rule.runbook[:_NAME], safe="", errors="replace")
    return Entry(
        kind=facts.kind,
        severity=Severity(facts.severity),
        headline=_tested(facts) if facts.kind == "test" else f"{_what(facts, now)} {_about(facts, rule.title)}",
        evidence=one_line(facts.message, limit=_SENTENCE),
        context=() if facts.kind == "test" else tuple(line for line in _context(facts, now) if line),
        affected=tuple(map(_part, facts.affected)) if facts.n_affected > 1 else (),
        n_affected=facts.n_affected if facts.n_affected > 1 else 0,
        url=f"{page}?incident={facts.incident_id}" if facts.incident_id else page,
        runbook=page if facts.kind == "test" else f"{page}?runbook={runbook}",
    )


def written_at(at: datetime) -> str:
    """Return a time as messages write it: UTC, to the second.

    >>> written_at(datetime(2026, 3, 1, 12, tzinfo=UTC))
    '2026-03-01T12:00:00Z'
    """
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


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


def _what(facts: Facts, now: datetime) -> str:
    """Say what happened, in the words that come first."""
    severity = Severity(facts.severity).upper()
    if facts.kind == "change" and facts.news:
        return f"{severity}, now also {_listed(facts.news, len(facts.news))}:"
    words: dict[Kind, str] = {
        "change": f"NOW {severity}",
        "reminder": f"STILL {severity}",
        "escalate": f"ESCALATED {severity}",
        "acknowledge": f"ACKNOWLEDGED{_by(facts)}:",
        "resolve": f"RESOLVED after {spoken(_end(facts, now) - facts.opened_at)}:",
        "digest": f"OPEN {severity}",
    }
    return words.get(facts.kind, severity)


def _tested(facts: Facts) -> str:
    return f"TEST of the channel {one_line(facts.subject, limit=_NAME)}: nothing is wrong"


def _about(facts: Facts, title: str) -> str:
    """Name the rule, the parts and the model."""
    parts = [facts.subject] if facts.subject else [each.subject for each in facts.affected if each.subject]
    n_parts = 1 if facts.subject else len(parts) + facts.n_affected - len(facts.affected)
    about = f": {_listed(parts, n_parts)}" if parts else ""
    model = f" in {one_line(str(facts.model), limit=_NAME)}" if facts.model else ""
    return f"{one_line(title, limit=_NAME)}{about}{model}"


def _listed(names: Sequence[str], n_names: int) -> str:
    shown = [one_line(name, limit=_NAME // 2) for name in names[:_IN_HEADLINE]]
    more = f" (+{n_names - len(shown):,} more)" if n_names > len(shown) else ""
    return ", ".join(shown) + more


def _context(facts: Facts, now: datetime) -> tuple[str, ...]:
    since = f"Since {written_at(facts.since_at)}"
    so_far = "" if facts.kind == "resolve" else " so far"
    windows = f"{facts.windows:,} bad {'window' if facts.windows == 1 else 'windows'}{so_far}"
    return (
        f"Model {one_line(str(facts.model), limit=_NAME)}" if facts.model else "",
        f"{since} (batch {one_line(facts.since, limit=_NAME)}), {windows}" if facts.since else since,
        f"Newest bad batch {one_line(facts.batch, limit=_NAME)}, {facts.rows:,} rows" if facts.batch else "",
        f"Detected at {written_at(facts.opened_at)}",
        _news(facts, now),
    )


def _news(facts: Facts, now: datetime) -> str:
    """Say what is new, where the headline has no room for it."""
    open_for = spoken(now - facts.opened_at)
    match facts.kind:
        case "reminder":
            return f"Still open after {open_for}, and not acknowledged"
        case "escalate":
            return f"Nobody has acknowledged it for {open_for}"
        case "acknowledge":
            return f"Acknowledged{_by(facts)}"
        case "resolve":
            end = _end(facts, now)
            why = _BY.get(facts.resolution, one_line(facts.resolution, limit=_NAME))
            return f"Over at {written_at(end)}, it lasted {spoken(end - facts.opened_at)}: {why or 'over'}{_by(facts)}"
        case _:
            return ""


def _end(facts: Facts, otherwise: datetime) -> datetime:
    return facts.resolved_at or otherwise


def _by(facts: Facts) -> str:
    return f" by {one_line(facts.actor, limit=_NAME)}" if facts.actor else ""


def _part(affected: Affected) -> str:
    recovering = " (recovering)" if affected.recovering else ""
    name = one_line(affected.subject, limit=_NAME) or "the model as a whole"
    return f"{name}: {one_line(affected.message, limit=_SENTENCE // 2)}{recovering}"
