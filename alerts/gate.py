"""The gate: which findings are worth whose attention, as code, in one place.

The monitors have judged: a finding carries its verdict, what it is about and a clause with its numbers. Here its kind
becomes the rule of that name, and its verdict a severity:

=====================================  ==================================================
verdict of the finding                 alert
=====================================  ==================================================
`critical`                             critical: a page
`warning`, `invalid`                   warning
`info`                                 info: nobody is told
`ok`, `insufficient`, `no_data`        none
any, of a kind without a rule: `note`,  none
`multivariate`, `sequential`
any that labels tell, in a provisional  none: it waits until the labels are mature
performance report
=====================================  ==================================================

Pure: decided by verdicts and kinds, never by the text of a message.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from driftboard.alerts.rules import RULES
from driftboard.alerts.severity import Severity
from driftboard.monitors.finding import Finding, Kind
from driftboard.monitors.report import PerformanceReport, Report
from driftboard.monitors.verdict import Verdict

SEVERITIES = {
    Verdict.CRITICAL: Severity.CRITICAL,
    Verdict.WARNING: Severity.WARNING,
    Verdict.INVALID: Severity.WARNING,
    Verdict.INFO: Severity.INFO,
}

WITHOUT_LABELS: frozenset[Kind] = frozenset({"estimated_decay", "note"})
"""What a performance report can say before the labels are in: there is nothing to wait for."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One finding that passed the gate.

    Attributes
    ----------
    rule
        Name of the rule, a key of `rules.RULES`.
    subject
        The feature, class, pair or segment; empty when the alert is about the model as a whole.
    severity
        How much attention it asks for.
    message
        One sentence of evidence, the monitor's own.
    """

    rule: str
    subject: str
    severity: Severity
    message: str


def gate(reports: Sequence[Report]) -> tuple[Alert, ...]:
    """Return the alerts that the reports of one batch are worth, the most serious first.

    Parameters
    ----------
    reports
        What the monitors said of the batch; the order of the reports, and of the findings in each, is kept among
        alerts of one severity.
    """
    alerts = [_alert(finding) for report in reports for finding in _worth_an_alert(report)]
    return tuple(sorted(alerts, key=lambda alert: -alert.severity.rank))


def _worth_an_alert(report: Report) -> Iterator[Finding]:
    waits = isinstance(report, PerformanceReport) and report.provisional
    for finding in report.findings:
        if (
            finding.kind in RULES
            and finding.verdict in SEVERITIES
            and not (waits and finding.kind not in WITHOUT_LABELS)
        ):
            yield finding


def _alert(finding: Finding) -> Alert:
    return Alert(finding.kind, finding.subject, SEVERITIES[finding.verdict], f"{finding.text}.")
