"""The gate: which findings are worth whose attention, as code, in one place.

================================================  ========  ===========================
finding                                           severity  rule
================================================  ========  ===========================
PSI and KS (or chi-square) on the same feature    critical  `feature_drift`
PSI alone, or any other warning of a feature      warning   `feature_drift_unconfirmed`, nobody is told
missing rate up                                   warning   `missing_values`
feature gone or retyped                           warning   `schema`
features the reference does not know              info      `schema`, nobody is told
class mix or predicted value shifted              warning   `label_shift`
confidence shifted                                warning   `confidence_shift`
measured decay                                    critical  `performance_decay`
================================================  ========  ===========================

Pure: decided by verdicts and numbers, never by the text of a message.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from driftboard.alerts import rules
from driftboard.alerts.rules import Rule
from driftboard.alerts.severity import Severity
from driftboard.config import MonitorSettings
from driftboard.monitors.policy import CONFIDENCE_SHIFT
from driftboard.monitors.report import (
    FeatureReport,
    FeatureResult,
    PerformanceReport,
    PredictionReport,
    Report,
    Verdict,
)

MISSING_POINTS: float = MonitorSettings().missing_points
_NAMED = 5
_NOTICED = frozenset({Verdict.WARNING, Verdict.CRITICAL})


@dataclass(frozen=True, slots=True)
class Alert:
    """One finding that passed the gate.

    Attributes
    ----------
    rule
        Name of the rule, a key of `rules.RULES`.
    subject
        The feature; empty when the alert is about the model as a whole.
    severity
        How much attention it asks for.
    message
        One sentence of evidence, the monitor's own.
    """

    rule: str
    subject: str
    severity: Severity
    message: str


def gate(reports: Sequence[Report], *, missing_points: float = MISSING_POINTS) -> tuple[Alert, ...]:
    """Return the alerts that the reports of one batch are worth, the most serious first.

    Parameters
    ----------
    reports
        What the monitors said of the batch, in any order.
    missing_points
        Rise of a feature's missing rate that is worth a warning: `monitors.missing_points`.
    """
    alerts = [alert for report in reports for alert in _judge(report, missing_points)]
    return tuple(sorted(alerts, key=lambda alert: -alert.severity.rank))


def _judge(report: Report, missing_points: float) -> Iterator[Alert]:
    match report:
        case FeatureReport():
            yield from _features(report, missing_points)
        case PredictionReport():
            yield from _predictions(report)
        case PerformanceReport():
            yield from _performance(report)


def _features(report: FeatureReport, missing_points: float) -> Iterator[Alert]:
    for feature in sorted(report.features, key=lambda each: -(each.psi or 0.0)):
        if feature.verdict is Verdict.INVALID:
            yield _alert(rules.SCHEMA, feature.feature, Severity.WARNING, feature.message)
        elif feature.verdict in _NOTICED:
            yield from _noticed(feature, report, missing_points)
    if report.unexpected:
        yield _alert(rules.SCHEMA, "", Severity.INFO, _unexpected(report.unexpected))


def _noticed(feature: FeatureResult, report: FeatureReport, missing_points: float) -> Iterator[Alert]:
    """Yield the alerts of one feature; a verdict that no number here explains is at least logged."""
    missing = feature.missing_rate - feature.reference_missing_rate >= missing_points
    moved = feature.psi is not None and feature.psi >= report.psi_warning
    if _confirmed(feature, report):
        yield _alert(rules.FEATURE_DRIFT, feature.feature, Severity.CRITICAL, feature.message)
    elif moved or not missing:
        yield _alert(rules.FEATURE_DRIFT_UNCONFIRMED, feature.feature, Severity.WARNING, feature.message)
    if missing:
        yield _alert(rules.MISSING_VALUES, feature.feature, Severity.WARNING, feature.message)


def _confirmed(feature: FeatureResult, report: FeatureReport) -> bool:
    """Whether PSI and a test agree, on this very feature, and the monitor had enough rows to say so."""
    large = feature.verdict is Verdict.CRITICAL and feature.psi is not None and feature.psi >= report.psi_critical
    return large and any(test is not None and test.rejects for test in (feature.ks, feature.chi_square))


def _predictions(report: PredictionReport) -> Iterator[Alert]:
    """Yield what the outputs are worth; a warning that no test explains still counts as a shift."""
    if report.verdict is Verdict.INVALID:
        yield _alert(rules.SCHEMA, "", Severity.WARNING, report.message)
    if report.verdict not in _NOTICED:
        return
    confidence = _confidence_moved(report)
    shifted = any(test is not None and test.rejects for test in (report.chi_square, report.value_ks))
    if shifted or not confidence:
        yield _alert(rules.LABEL_SHIFT, "", Severity.WARNING, report.message)
    if confidence:
        yield _alert(rules.CONFIDENCE_SHIFT, "", Severity.WARNING, report.message)


def _confidence_moved(report: PredictionReport) -> bool:
    """Whether the shift of the confidence is real and, by the monitors' own limit, worth a word."""
    if report.confidence_ks is None or not report.confidence_ks.rejects:
        return False
    now, before = report.mean_confidence, report.reference_mean_confidence
    return now is None or before is None or abs(now - before) >= CONFIDENCE_SHIFT


def _performance(report: PerformanceReport) -> Iterator[Alert]:
    if report.verdict is Verdict.CRITICAL:
        yield _alert(rules.PERFORMANCE_DECAY, "", Severity.CRITICAL, report.message)
    elif report.verdict is Verdict.WARNING:
        yield _alert(rules.PERFORMANCE_DECAY, "", Severity.WARNING, report.message)
    elif report.verdict is Verdict.INVALID:
        yield _alert(rules.SCHEMA, "", Severity.WARNING, report.message)


def _unexpected(names: tuple[str, ...]) -> str:
    rest = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"not in the reference: {', '.join(names[:_NAMED])}{rest}"


def _alert(rule: Rule, subject: str, severity: Severity, message: str) -> Alert:
    return Alert(rule.name, subject, severity, message)
