"""What the newest reports say of a model, as samples: inputs, outputs, outcomes."""

from collections.abc import Sequence

import numpy as np

from driftboard.exporter import families
from driftboard.exporter.budget import Limits
from driftboard.exporter.samples import Samples
from driftboard.monitors.prediction_report import PredictionReport
from driftboard.monitors.psi import psi, psi_noise
from driftboard.monitors.report import FeatureReport, FeatureResult, PerformanceReport, Report, SegmentResult
from driftboard.monitors.verdict import Verdict

_LEVELS = {Verdict.OK: 0, Verdict.INFO: 1, Verdict.WARNING: 2, Verdict.INVALID: 2, Verdict.CRITICAL: 3}
_MOVED = (Verdict.WARNING, Verdict.CRITICAL)


def add_report(samples: Samples, monitor: str, report: Report, limits: Limits) -> None:
    """Add a monitor's verdict, and the figures of features, predictions and outcomes."""
    samples.add(families.VERDICT, _LEVELS.get(report.verdict), monitor)
    if isinstance(report, FeatureReport):
        _add_features(samples, report, limits.features)
    elif isinstance(report, PredictionReport):
        _add_outputs(samples, report)


def add_outcomes(samples: Samples, report: PerformanceReport, limits: Limits) -> None:
    """Add the figures of a batch whose labels had the time to arrive."""
    samples.add(families.COVERAGE, report.coverage)
    samples.add(families.ACCURACY, report.accuracy)
    samples.add(families.ACCURACY_LABELS, report.n_labelled)
    if report.accuracy_interval is not None:
        samples.add(families.ACCURACY_LOWER, report.accuracy_interval.low)
        samples.add(families.ACCURACY_UPPER, report.accuracy_interval.high)
    samples.add(families.MACRO_F1, report.macro_f1)
    samples.add(families.MEAN_ABSOLUTE_ERROR, report.mae)
    samples.add(families.ROOT_MEAN_SQUARED_ERROR, report.rmse)
    if report.accuracy is not None:
        for each in worst_segments(report.segments, limits.segments):
            samples.add(families.SEGMENT_ACCURACY, each.value, each.segment, each.level)


def worst_segments(segments: Sequence[SegmentResult], most: int) -> list[SegmentResult]:
    """Return the levels that ask for most attention: by verdict, then by accuracy, the lowest first."""
    known = [each for each in segments if each.value is not None]
    return sorted(known, key=lambda each: (-each.verdict.rank, each.value))[:most]


def first_features(features: Sequence[FeatureResult], most: int) -> list[FeatureResult]:
    """Return the features that moved, then the others, each by their distance from the reference."""
    return sorted(features, key=lambda each: (each.verdict not in _MOVED, -(drift_score(each) or 0.0), each.feature))[
        :most
    ]


def drift_score(feature: FeatureResult) -> float | None:
    """Return the Kolmogorov-Smirnov distance of numbers, the total variation of categories; None when unknown."""
    if feature.ks is not None:
        return feature.ks.statistic
    return total_variation(feature.share, feature.reference_share)


def total_variation(share: Sequence[float], reference: Sequence[float]) -> float | None:
    """Return half the sum of the differences of two distributions; None when either is empty.

    >>> total_variation([0.5, 0.5], [0.75, 0.25])
    0.25
    """
    if not share or len(share) != len(reference):
        return None
    return sum(abs(a - b) for a, b in zip(share, reference, strict=True)) / 2


def prediction_psi(report: PredictionReport) -> float | None:
    """Return the population stability index of the predicted classes, less what luck gives on average.

    As `monitors.psi` has it for features.
    """
    counts, before = np.array(report.counts, dtype=np.int64), np.array(report.reference_counts, dtype=np.int64)
    if len(counts) != len(before) or not counts.any() or not before.any():
        return None
    used = np.array(((counts > 0) | (before > 0)).sum())
    noise = psi_noise(used, np.array(counts.sum()), np.array(before.sum()))
    return max(0.0, float(psi(before, counts)) - float(noise))


def _add_features(samples: Samples, report: FeatureReport, most: int) -> None:
    for each in first_features(report.features, most):
        samples.add(families.FEATURE_DRIFT, drift_score(each), each.feature)
        samples.add(families.FEATURE_PSI, _psi(each), each.feature)
        samples.add(families.FEATURE_MOVED, _moved(each.verdict), each.feature)
    samples.add(families.FEATURES_MOVED, sum(each.verdict in _MOVED for each in report.features))


def _psi(feature: FeatureResult) -> float | None:
    return feature.psi if feature.corrected_psi is None else feature.corrected_psi


def _add_outputs(samples: Samples, report: PredictionReport) -> None:
    samples.add(families.PREDICTION_DRIFT, _prediction_drift(report))
    samples.add(families.PREDICTION_PSI, prediction_psi(report))
    samples.add(families.PREDICTION_MOVED, _moved(report.verdict, report, "label_shift"))
    if report.confidence is not None and report.confidence.measure == "PSI":
        samples.add(families.CONFIDENCE_PSI, report.confidence.effect)
    if report.confidence_ks is not None:
        samples.add(families.CONFIDENCE_DRIFT, report.confidence_ks.statistic)
        samples.add(families.CONFIDENCE_MOVED, _moved(report.verdict, report, "confidence_shift"))


def _prediction_drift(report: PredictionReport) -> float | None:
    if report.value_ks is not None:
        return report.value_ks.statistic
    n, before = sum(report.counts), sum(report.reference_counts)
    if not n or not before:
        return None
    return total_variation([each / n for each in report.counts], [each / before for each in report.reference_counts])


def _moved(verdict: Verdict, report: PredictionReport | None = None, kind: str = "") -> int | None:
    """1 for what moved, 0 for what did not, None where it cannot be told; of a report: by its findings of a kind."""
    if verdict not in _LEVELS:
        return None
    if report is None:
        return int(verdict in _MOVED)
    if not report.findings and verdict in _MOVED:  # a report of the first release does not say what moved
        return None
    return int(any(each.kind == kind and each.verdict in _MOVED for each in report.findings))
