"""One incident in words: a headline, the evidence, its context, and where to look."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from driftboard.alerts.facts import Facts, Kind
from driftboard.alerts.headline import NAME, by_whom, headline, is_eased, spoken
from driftboard.alerts.plain import one_line
from driftboard.alerts.rules import RULES
from driftboard.alerts.severity import Severity
from driftboard.data.incident import Affected

_SENTENCE = 500
_ENDS = {"no data": "no data any more", "": "over"}


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
        The monitor's sentence; empty where the parts say it all.
    context
        Lines of context: model, since when, batch and rows, how long it lasted.
    affected, n_affected
        The parts, ranked, each with its sentence; and how many there are in all. None when there is but one.
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
    is_list = facts.n_affected > 1 or facts.kind == "digest"
    return Entry(
        kind=facts.kind,
        severity=Severity(facts.severity),
        headline=headline(facts, now),
        evidence="" if facts.kind == "digest" else _sentence(one_line(facts.message, limit=_SENTENCE)),
        context=() if facts.kind in {"test", "digest"} else tuple(line for line in _context(facts, now) if line),
        affected=tuple(_part(each, facts.severity) for each in facts.affected) if is_list else (),
        n_affected=facts.n_affected if is_list else 0,
        url=f"{page}?incident={facts.incident_id}" if facts.incident_id else page,
        runbook=f"{page}?runbook={quote(facts.rule, safe='')}" if facts.rule in RULES else page,
    )


def written_at(at: datetime) -> str:
    """Return a time as messages write it: UTC, to the second.

    >>> written_at(datetime(2026, 3, 1, 12, tzinfo=UTC))
    '2026-03-01T12:00:00Z'
    """
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _context(facts: Facts, now: datetime) -> tuple[str, ...]:
    since = f"Since {written_at(facts.since_at)}"
    so_far = "" if facts.kind == "resolve" else " so far"
    windows = f"{facts.windows:,} bad {'window' if facts.windows == 1 else 'windows'}{so_far}"
    return (
        f"Model {one_line(str(facts.model), limit=NAME)}" if facts.model else "",
        f"{since} (batch {one_line(facts.since, limit=NAME)}), {windows}" if facts.since else since,
        f"Newest bad batch {one_line(facts.batch, limit=NAME)}, {facts.rows:,} rows" if facts.batch else "",
        f"Detected at {written_at(facts.opened_at)}",
        _news(facts, now),
        "It comes and goes: no more is told until it is steady, or graver" if facts.flapping else "",
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
            return f"Acknowledged{by_whom(facts)}"
        case "resolve":
            return _ended(facts, now)
        case _:
            return ""


def _ended(facts: Facts, now: datetime) -> str:
    why = _ENDS.get(facts.resolution, one_line(facts.resolution, limit=NAME))
    if is_eased(facts):
        return f"Not over, but {why}: this channel is told no more of it"
    end = facts.resolved_at or now
    return f"Over at {written_at(end)}, it lasted {spoken(end - facts.opened_at)}: {why}"


def _part(affected: Affected, leading: str) -> str:
    """Return the sentence on a part, with its name where the sentence has none, and how it differs from what leads."""
    name = one_line(affected.subject, limit=NAME) or "the model as a whole"
    message = one_line(affected.message, limit=_SENTENCE // 2)
    told = _sentence(message) if name in message else f"{name}: {message}"
    milder = [affected.severity] if affected.severity != leading else []
    notes = ", ".join([*milder, *(["recovering"] if affected.recovering else [])])
    return f"{told} ({notes})" if notes else told


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
