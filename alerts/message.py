"""One notification: everything one batch of one model has to tell one channel, ranked and capped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from driftboard.alerts.plain import one_line
from driftboard.alerts.rules import rule_named
from driftboard.alerts.severity import Severity
from driftboard.data.alert_log import AlertRecord

MOST_FINDINGS = 20
_NAME = 80
_SENTENCE = 500
_LINK = 2000


@dataclass(frozen=True, slots=True)
class Finding:
    """One alert as people read it; every text is one harmless line.

    Attributes
    ----------
    severity, title, subject, evidence
        `critical`, "Feature drift", the feature (or empty), and the sentence with the numbers.
    url
        The dashboard page that shows the evidence, percent-encoded.
    runbook
        Slug of the page that says what to do.
    """

    severity: Severity
    title: str
    subject: str
    evidence: str
    url: str
    runbook: str

    @property
    def headline(self) -> str:
        """Severity, title and subject: `CRITICAL Feature drift: age`."""
        about = f": {self.subject}" if self.subject else ""
        return f"{self.severity.upper()} {self.title}{about}"


@dataclass(frozen=True, slots=True)
class Notification:
    """What a channel sends.

    Attributes
    ----------
    key, thread
        Stable identities: of this message over every attempt, and of the problem that leads it.
    severity
        Of the most serious finding.
    model, batch, rows, detected_at
        Which model and batch, its rows, and when the first alert was raised (aware, UTC).
    findings, n_findings
        The most serious ones, and how many there are in all.
    """

    key: str
    thread: str
    severity: Severity
    model: str
    batch: str
    rows: int
    detected_at: datetime
    findings: tuple[Finding, ...]
    n_findings: int

    @property
    def headline(self) -> str:
        """One line: severity, model, batch and the leading finding."""
        more = f" +{self.n_findings - 1:,} more" if self.n_findings > 1 else ""
        first = self.findings[0]
        about = f": {first.subject}" if first.subject else ""
        return f"{self.severity.upper()} {self.model} batch {self.batch}: {first.title}{about}{more}"

    @property
    def more(self) -> int:
        """How many findings are not listed."""
        return self.n_findings - len(self.findings)

    @property
    def facts(self) -> tuple[str, ...]:
        """The context of every finding, one line each."""
        at = self.detected_at.astimezone(UTC).isoformat(timespec="seconds")
        return f"Model {self.model}", f"Batch {self.batch}, {self.rows:,} rows", f"Detected at {at}"


def build(records: Sequence[AlertRecord], *, base_url: str) -> Notification:
    """Return the notification for alerts of one model, batch and channel.

    Parameters
    ----------
    records
        At least one; ranked by severity, then in the order they were recorded.
    base_url
        Where people reach the dashboard.
    """
    ranked = sorted(records, key=lambda record: (-Severity(record.severity).rank, record.alert_id))
    first = min(records, key=lambda record: record.alert_id)
    return Notification(
        key=f"{first.alert_id}.{first.fingerprint}.{first.channel}",
        thread=ranked[0].fingerprint,
        severity=Severity(ranked[0].severity),
        model=one_line(str(first.model), limit=_NAME),
        batch=one_line(first.batch_id, limit=_NAME),
        rows=first.n_predictions,
        detected_at=min(record.created_at for record in records),
        findings=tuple(_finding(record, base_url) for record in ranked[:MOST_FINDINGS]),
        n_findings=len(ranked),
    )


def dashboard_link(record: AlertRecord, base_url: str) -> str:
    """Return the address of the page that shows the evidence, with model, batch and feature as its query.

    A name too long for an address is left out.
    """
    rule = rule_named(record.rule)
    query = {"model": str(record.model), "batch": record.batch_id}
    if rule.about_feature and record.subject:
        query["feature"] = record.subject
    page = f"{base_url.rstrip('/')}/{rule.page}"
    while len(link := f"{page}?{urlencode(query, quote_via=quote, safe='', errors='replace')}") > _LINK and query:
        query.popitem()
    return link if query else page


def _finding(record: AlertRecord, base_url: str) -> Finding:
    rule = rule_named(record.rule)
    return Finding(
        severity=Severity(record.severity),
        title=one_line(rule.title, limit=_NAME),
        subject=one_line(record.subject, limit=_NAME),
        evidence=one_line(record.message, limit=_SENTENCE),
        url=dashboard_link(record, base_url),
        runbook=one_line(rule.runbook, limit=_NAME),
    )
