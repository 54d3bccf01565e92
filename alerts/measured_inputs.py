"""What reports on the inputs measured: features, relations, data quality."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from driftboard.alerts.measured import Measured, by_evidence, findings_on, share
from driftboard.monitors.feature_report import FeatureReport, RelationReport
from driftboard.monitors.quality_report import QualityReport, QualityResult
from driftboard.monitors.verdict import Verdict


def _feature_drift(report: FeatureReport, subject: str) -> Measured | None:
    result = next((each for each in report.features if each.feature == subject), None)
    if result is None:
        return None
    if result.evidence is not None:
        return by_evidence(result.evidence)
    if result.psi is None or result.verdict is Verdict.INSUFFICIENT:
        return None
    limits = (report.psi_warning, report.psi_critical)
    return Measured(value=result.psi, n=result.n, measure="PSI", warning=limits[0], page=limits[1])


def _relation_change(report: RelationReport, subject: str) -> Measured | None:
    pair = next((each for each in report.pairs if f"{each.first} / {each.second}" == subject), None)
    return None if pair is None or pair.evidence is None else by_evidence(pair.evidence)


def _missing_values(report: QualityReport, subject: str) -> Measured | None:
    result = _quality(report, subject)
    if result is None:
        return None
    rate = share(result.missing_rate, result.n, "share missing", reference=result.reference_missing_rate)
    return _risen(rate, report, "missing_values", subject)


def _new_category(report: QualityReport, subject: str) -> Measured | None:
    result = _quality(report, subject)
    if result is None or result.new_rate is None:
        return None
    return _risen(share(result.new_rate, result.n, "share of new levels"), report, "new_category", subject)


def _out_of_range(report: QualityReport, subject: str) -> Measured | None:
    result = _quality(report, subject)
    if result is None or result.below_rate is None or result.above_rate is None:
        return None
    outside = min(1.0, result.below_rate + result.above_rate)
    return _risen(share(outside, result.n, "share out of range"), report, "out_of_range", subject)


def _duplicates(report: QualityReport, subject: str) -> Measured | None:
    if report.n == 0:
        return None
    before = report.reference_duplicate_rate
    rate = share(report.duplicate_rate, report.n, "share of duplicate rows", reference=before)
    return _risen(rate, report, "duplicates", subject)


def _constant(report: QualityReport, subject: str) -> Measured | None:
    result = _quality(report, subject)
    return None if result is None else Measured(value=float(result.constant), n=result.n, measure="constant (1 = yes)")


def _schema(report: QualityReport, subject: str) -> Measured | None:
    if not subject:
        return Measured(value=float(len(report.unexpected)), n=report.n, measure="unexpected features")
    result = next((each for each in report.features if each.feature == subject), None)
    if result is None:
        return None
    return Measured(value=float(result.state != "present"), n=result.n, measure="absent or retyped (1 = yes)")


def _quality(report: QualityReport, subject: str) -> QualityResult | None:
    """The feature's result; None where there is none, or no row."""
    return next((each for each in report.features if each.feature == subject and each.n), None)


def _risen(given: Measured, report: QualityReport, rule: str, subject: str) -> Measured:
    """The share with its floors, which are so many points above the reference; known where it was found to rise."""
    proved = [each.evidence for each in findings_on(report, rule, subject) if each.evidence is not None]
    if not proved:
        return given
    before = given.reference or 0.0
    return replace(given, warning=before + proved[0].warning_floor, page=before + proved[0].page_floor)


INPUTS: dict[str, Callable[[Any, str], Measured | None]] = {
    "feature_drift": _feature_drift,
    "feature_drift_unconfirmed": _feature_drift,
    "relation_change": _relation_change,
    "missing_values": _missing_values,
    "new_category": _new_category,
    "out_of_range": _out_of_range,
    "constant": _constant,
    "duplicates": _duplicates,
    "schema": _schema,
}
"""By rule: from a report and a subject to the number; None where the report says nothing of it."""
