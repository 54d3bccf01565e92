"""One message to one channel: what one or more notifications say, in words, ranked and capped."""

from dataclasses import dataclass
from datetime import datetime

from driftboard.alerts.facts import Facts, Kind
from driftboard.alerts.severity import Severity


@dataclass(frozen=True, slots=True)
class Entry:
    """One incident as people read it; every text is one harmless line.

    Attributes
    ----------
    kind, severity
        What is told of it, and how grave it is.
    headline
        `CRITICAL Feature drift: age, income (+3 more)`, `RESOLVED after 2 h: ...`.
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


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel sends.

    Attributes
    ----------
    key
        Identity of this message over every attempt.
    thread
        Fingerprint of the problem that leads: messages about it belong together.
    severity, headline
        Of the entry that leads, and how many others there are.
    entries, n_entries
        The most serious ones, and how many there are in all.
    sent_at
        Aware, UTC.
    repeated
        An earlier attempt may have arrived: the text says so.
    facts
        Of every incident, for channels that speak to machines; as many as `n_entries`.
    chart
        PNG of the chart that proves the leading one; None when there is none.
    """

    key: str
    thread: str
    severity: Severity
    headline: str
    entries: tuple[Entry, ...]
    n_entries: int
    sent_at: datetime
    repeated: bool
    facts: tuple[Facts, ...]
    chart: bytes | None = None
