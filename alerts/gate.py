"""The gate: what the findings of one batch are worth, as code, in one place.

The monitors have judged: a finding carries its verdict, what it is about and a clause with its numbers. Here its kind
becomes the rule of that name, and its verdict a severity, at most what the rule and its policy allow:

=====================================  ==================================================
verdict of the finding                 severity
=====================================  ==================================================
`critical`                             critical: a page
`warning`, `invalid`                   warning
`info`                                 info
`insufficient`, `no_data`              none: it could not tell
`ok`, or no finding                    none: clear
=====================================  ==================================================

A rule could not tell as a whole when nothing is bad and its report could not, or the finding about the whole model
could not. What labels tell has no reading before they are in. Pure: decided by class, verdict, kind and subject,
never by the text of a message.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from driftboard.alert_settings import AlertSettings, RulePolicy
from driftboard.alerts.rules import RULES, Rule
from driftboard.alerts.severity import Severity
from driftboard.monitors.finding import Evidence, Finding, Kind
from driftboard.monitors.performance_report import ESTIMATE_FROM
from driftboard.monitors.report import (
    FeatureReport,
    Monitor,
    PerformanceReport,
    PredictionReport,
    QualityReport,
    RelationReport,
    Report,
)
from driftboard.monitors.verdict import Verdict

SEVERITIES = {
    Verdict.CRITICAL: Severity.CRITICAL,
    Verdict.WARNING: Severity.WARNING,
    Verdict.INVALID: Severity.WARNING,
    Verdict.INFO: Severity.INFO,
}

WITHOUT_LABELS: frozenset[Kind] = frozenset({"estimated_decay", "note"})
"""What a performance report can say before the labels are in: there is nothing to wait for."""

_BLANK = frozenset({Verdict.INSUFFICIENT, Verdict.NO_DATA})
_MONITORS: dict[type[Report], Monitor] = {
    FeatureReport: "feature",
    RelationReport: "relations",
    QualityReport: "quality",
    PredictionReport: "prediction",
    PerformanceReport: "performance",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """Something bad: how bad, the monitor's sentence, and the effect as a multiple of what is worth a page."""

    severity: Severity
    message: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What one batch says under one rule.

    Attributes
    ----------
    judged
        Whether the monitor could tell.
    seen
        The subjects that are bad; those in none of the fields are clear.
    held
        Those another rule inhibits: neither bad nor clear.
    blank
        Those of which the monitor could not tell, though it could of others.
    """

    rule: str
    judged: bool
    seen: Mapping[str, Seen]
    held: frozenset[str] = frozenset()
    blank: frozenset[str] = frozenset()


def gate(reports: Sequence[Report], settings: AlertSettings) -> tuple[Reading, ...]:
    """Return a reading for each rule that is enabled and that the reports of one batch tell of."""
    findings: dict[str, list[Finding]] = {}
    for finding in (each for report in reports for each in _findings(report)):
        findings.setdefault(finding.kind, []).append(finding)
    blank = {id(report): [each for each in report.findings if each.verdict in _BLANK] for report in reports}
    readings = []
    for rule in RULES.values():
        policy = settings.rule(rule.name)
        own = [report for report in reports if tells_of(report, rule)]
        if policy.enabled and (own or rule.name in findings):
            seen = _worst(findings.get(rule.name, ()), _limit(rule, policy))
            readings.append(_reading(rule, own, seen, [each for report in own for each in blank[id(report)]]))
    return tuple(readings)


def tells_of(report: Report, rule: Rule) -> bool:
    """Whether the rule is read from this report: it is its monitor's, and waits for nothing."""
    if _MONITORS.get(type(report)) != rule.monitor:
        return False
    return not (isinstance(report, PerformanceReport) and rule.name not in WITHOUT_LABELS and _waits(report))


def _waits(report: PerformanceReport) -> bool:
    """Whether its labels are still to come; too few once they are in is another thing, a report that could not tell."""
    told = any(finding.kind not in WITHOUT_LABELS for finding in report.findings)
    return report.provisional or (not told and report.verdict is not Verdict.INSUFFICIENT)


def _reading(rule: Rule, own: Sequence[Report], seen: Mapping[str, Seen], blank: Sequence[Finding]) -> Reading:
    """Return the reading; of the model as a whole, only a finding of this very rule says that it could not tell."""
    subjects = frozenset(each.subject for each in blank if each.subject or each.kind == rule.name)
    if seen:
        return Reading(rule.name, judged=True, seen=seen, blank=subjects - seen.keys())
    if "" in subjects or any(_could_not_tell(rule, report) for report in own):
        return Reading(rule.name, judged=False, seen=seen)
    return Reading(rule.name, judged=True, seen=seen, blank=subjects)


def _findings(report: Report) -> Iterator[Finding]:
    """The findings that wait for nothing; a report that is invalid and does not say why breaks the schema."""
    waits = isinstance(report, PerformanceReport) and _waits(report)
    yield from (finding for finding in report.findings if not waits or finding.kind in WITHOUT_LABELS)
    if report.verdict is Verdict.INVALID and not _says_why(report):
        yield Finding(Verdict.INVALID, report.message.removesuffix("."), "schema")


def _says_why(report: Report) -> bool:
    return any(finding.verdict is Verdict.INVALID for finding in report.findings)


def _limit(rule: Rule, policy: RulePolicy) -> Severity:
    if policy.severity == "as judged":
        return rule.at_most
    return min(rule.at_most, Severity(policy.severity), key=_rank)


def _worst(findings: Sequence[Finding], limit: Severity) -> dict[str, Seen]:
    """Return what is bad by subject; of two findings on one subject the graver, then the larger, then the first."""
    worst: dict[str, Seen] = {}
    for finding in findings:
        if severity := SEVERITIES.get(finding.verdict):
            seen = Seen(min(severity, limit, key=_rank), f"{finding.text}.", _weight(finding.evidence))
            known = worst.get(finding.subject)
            if known is None or (seen.severity.rank, seen.weight) > (known.severity.rank, known.weight):
                worst[finding.subject] = seen
    return worst


def _rank(severity: Severity) -> int:
    return severity.rank


def _weight(evidence: Evidence | None) -> float:
    if evidence is None or evidence.page_floor <= 0 or not isfinite(evidence.effect):
        return 0.0
    return evidence.effect / evidence.page_floor


def _could_not_tell(rule: Rule, report: Report) -> bool:
    if isinstance(report, PerformanceReport):
        if rule.name == "estimated_decay":
            return report.n < ESTIMATE_FROM  # fewer say nothing, not that all is well
        decay = [finding.verdict for finding in report.findings if finding.kind == "performance_decay"]
        return all(verdict in _BLANK for verdict in decay)  # the other rules of the layer rest on the same labels
    invalid = isinstance(report, PredictionReport) and report.verdict is Verdict.INVALID
    return invalid or report.verdict in _BLANK
