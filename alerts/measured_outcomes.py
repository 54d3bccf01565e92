"""What reports on the outputs and outcomes measured: predictions, confidence, performance.

`label_bias` has no reader: its report holds a sentence, not a number.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from driftboard.alerts.measured import Measured, by_evidence, share
from driftboard.monitors.finding import Evidence
from driftboard.monitors.interval import Interval
from driftboard.monitors.performance_report import PerformanceReport
from driftboard.monitors.prediction_report import PredictionReport


def _label_shift(report: PredictionReport, subject: str) -> Measured | None:
    del subject  # there is one mix
    if (found := report.mix or report.value) is not None:
        return by_evidence(found)
    if report.value_ks is not None:
        return Measured(value=report.value_ks.statistic, n=report.n, measure="KS")
    n, before = sum(report.counts), sum(report.reference_counts)
    if report.chi_square is None or not n or not before:
        return None
    gaps = (abs(now / n - then / before) for now, then in zip(report.counts, report.reference_counts, strict=False))
    return Measured(value=sum(gaps) / 2, n=n, measure="total variation")


def _confidence_shift(report: PredictionReport, subject: str) -> Measured | None:
    del subject  # of all predictions
    if report.confidence is not None:
        return by_evidence(report.confidence)
    if report.confidence_ks is None:
        return None
    return Measured(value=report.confidence_ks.statistic, n=report.n, measure="KS")


def _failed_requests(report: PredictionReport, subject: str) -> Measured | None:
    del subject  # of all requests
    requests = report.n + report.failed
    return share(report.failed / requests, requests, "share failed") if requests else None


def _performance_decay(report: PerformanceReport, subject: str) -> Measured | None:
    del subject  # of the model as a whole
    n, limit = report.n_labelled, report.decay_limit
    if report.accuracy is not None:
        value = _accuracy(report.accuracy, n, report.accuracy_interval, report.reference_accuracy)
        return _with_floors_below(value, report.error, limit)
    if report.mae is None:
        return None
    value = Measured(value=report.mae, n=n, measure="mean absolute error", reference=report.reference_mae)
    return _with_floors_above(value, report.error, limit)


def _recall_decay(report: PerformanceReport, subject: str) -> Measured | None:
    result = next((each for each in report.by_class if each.label == subject), None)
    if result is None or result.recall is None:
        return None
    value = share(result.recall, result.support, "recall", reference=result.reference_recall)
    return _with_floors_below(value, result.evidence, None)


def _segment_decay(report: PerformanceReport, subject: str) -> Measured | None:
    result = next((each for each in report.segments if f"{each.segment} = {each.level}" == subject), None)
    if result is None or result.value is None:
        return None
    if result.interval is None:
        return Measured(value=result.value, n=result.n, measure="mean error", reference=result.reference_value)
    value = _accuracy(result.value, result.n, result.interval, result.reference_value)
    return _with_floors_below(value, result.evidence, None)


def _estimated_decay(report: PerformanceReport, subject: str) -> Measured | None:
    del subject  # of the model as a whole
    found = next((each for each in report.estimates if each.name in ("accuracy", "mae")), None)
    if found is None:
        return None
    known = found.name == "accuracy"
    return Measured(
        value=found.value,
        n=found.n,
        measure=f"estimated {'accuracy' if known else 'mean absolute error'}",
        is_share=known,
        low=found.low,
        high=found.high,
        reference=found.reference,
    )


def _accuracy(value: float, n: int, interval: Interval | None, reference: float | None) -> Measured:
    low, high = (None, None) if interval is None else (interval.low, interval.high)
    return Measured(value=value, n=n, measure="accuracy", is_share=True, low=low, high=high, reference=reference)


def _with_floors_below(value: Measured, found: Evidence | None, limit: float | None) -> Measured:
    """The floors of what is worse when it is less: so many points below the reference."""
    warning, page = (limit, limit) if found is None else (found.warning_floor, found.page_floor)
    if value.reference is None or warning is None or page is None:
        return value
    return replace(value, warning=value.reference - warning, page=value.reference - page)


def _with_floors_above(value: Measured, found: Evidence | None, limit: float) -> Measured:
    """The floors of an error: so large a share of the reference's above it."""
    if value.reference is None:
        return value
    warning, page = (limit, limit) if found is None else (found.warning_floor, found.page_floor)
    return replace(value, warning=value.reference * (1 + warning), page=value.reference * (1 + page))


OUTCOMES: dict[str, Callable[[Any, str], Measured | None]] = {
    "label_shift": _label_shift,
    "confidence_shift": _confidence_shift,
    "failed_requests": _failed_requests,
    "performance_decay": _performance_decay,
    "recall_decay": _recall_decay,
    "segment_decay": _segment_decay,
    "estimated_decay": _estimated_decay,
}
"""By rule: from a report and a subject to the number; None where the report says nothing of it."""
