"""The outcomes of one batch as numbers: how good the labelled predictions were, before anybody judges them."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from driftboard.monitors.baseline import Baseline
from driftboard.monitors.calibration import debiased_error, luck_limit, plain_error
from driftboard.monitors.cbpe import ClassEstimator, ExpectedClasses
from driftboard.monitors.class_figures import class_figures, met_confusion
from driftboard.monitors.dle import ExpectedValues, ValueEstimator
from driftboard.monitors.interval import Interval
from driftboard.monitors.mean import finite_or_none
from driftboard.monitors.outcomes import ClassOutcomes, ValueOutcomes
from driftboard.monitors.profile import Profile
from driftboard.monitors.report import Calibration, ClassResult, Estimate, PerformanceReport, SegmentResult
from driftboard.monitors.segment_outcomes import SegmentOutcomes
from driftboard.monitors.value_figures import value_figures
from driftboard.monitors.verdict import Verdict
from driftboard.monitors.wilson import Z95, wilson
from driftboard.monitors.windows import Windows

NEW_CLASS = "(new)"
OTHER_LEVELS = "(other)"
ENOUGH_FOR_CALIBRATION = 1_000


def measure_outcomes(baseline: Baseline, windows: Windows, *, decay_limit: float) -> PerformanceReport:
    """Return the numbers of the labelled rows; verdict and message are still to come."""
    batch = windows.batch
    n = batch.n - batch.failed
    numbers = (
        _class_numbers(baseline, windows) if baseline.task == "classification" else _value_numbers(baseline, batch)
    )
    labelled = batch.outcomes.n
    return PerformanceReport(
        verdict=Verdict.NO_DATA,
        message="",
        n=n,
        n_labelled=labelled,
        coverage=labelled / n if n else 0.0,
        decay_limit=decay_limit,
        segments=tuple(_segments(baseline, batch)),
        estimates=_estimates(baseline, batch),
        **numbers,
    )


def _estimates(baseline: Baseline, batch: Profile) -> tuple[Estimate, ...]:
    match baseline.estimator, batch.expected:
        case ClassEstimator() as estimator, ExpectedClasses() as expected:
            return estimator.estimates(expected)
        case ValueEstimator() as estimator, ExpectedValues() as expected:
            return estimator.estimates(expected)
    return ()


def _class_numbers(baseline: Baseline, windows: Windows) -> dict[str, Any]:
    outcomes, before = windows.batch.outcomes, baseline.reference.outcomes
    if not isinstance(outcomes, ClassOutcomes) or not isinstance(before, ClassOutcomes):
        return {}
    now, then, confusion = class_figures(outcomes), class_figures(before), met_confusion(outcomes)
    classes = (*baseline.classes, NEW_CLASS)[: confusion.shape[0]]
    pairs = {
        "accuracy": "accuracy",
        "macro_f1": "macro_f1",
        "weighted_f1": "weighted_f1",
        "auc": "roc_auc",
        "log_loss": "log_loss",
        "brier": "brier",
        "ece": "ece",
    }
    return {
        **{name: getattr(now, source) for source, name in pairs.items()},
        **{f"reference_{name}": getattr(then, source) for source, name in pairs.items()},
        "accuracy_interval": wilson(outcomes.hits, outcomes.n) if outcomes.n else None,
        "classes": classes,
        "support": tuple(confusion.sum(axis=1).tolist()),
        "confusion": tuple(tuple(row) for row in confusion.tolist()),
        "reliability": outcomes.reliability.bins(),
        "calibration": _calibration(windows),
        "by_class": tuple(_classes(classes, confusion, before)),
    }


def _classes(classes: tuple[str, ...], confusion: Any, before: ClassOutcomes) -> Iterator[ClassResult]:
    labelled, predicted, hits = confusion.sum(axis=1), confusion.sum(axis=0), np.diag(confusion)
    reference, reference_hits = before.confusion.sum(axis=1), np.diag(before.confusion)
    for place, name in enumerate(classes):
        support, named = int(labelled[place]), int(predicted[place])
        yield ClassResult(
            label=name,
            verdict=Verdict.NO_DATA if support == 0 else Verdict.OK,
            support=support,
            predicted=named,
            recall=float(hits[place] / support) if support else None,
            precision=float(hits[place] / named) if named else None,
            f1=float(2 * hits[place] / (support + named)) if support + named else None,
            reference_recall=float(reference_hits[place] / reference[place]) if reference[place] else None,
        )


def _calibration(windows: Windows) -> Calibration | None:
    """Of the smallest window with a thousand labels, else of the longest: one small batch says nothing of it."""
    for batches, profile in zip(windows.batches[:, 0].tolist(), windows.profiles, strict=True):
        outcomes = profile.outcomes
        if not isinstance(outcomes, ClassOutcomes):
            return None
        if outcomes.n >= ENOUGH_FOR_CALIBRATION or profile is windows.profiles[-1]:
            counts = outcomes.reliability
            plain, debiased, limit = (
                plain_error(counts),
                debiased_error(counts),
                luck_limit(counts),
            )
            if plain is None or debiased is None or limit is None:
                return None
            return Calibration(int(counts.n.sum()), int(batches), plain, debiased, limit)
    return None


def _value_numbers(baseline: Baseline, batch: Profile) -> dict[str, Any]:
    outcomes, before = batch.outcomes, baseline.reference.outcomes
    if not isinstance(outcomes, ValueOutcomes) or not isinstance(before, ValueOutcomes):
        return {}
    now, then = asdict(value_figures(outcomes)), asdict(value_figures(before))
    return {
        **{name: now[name] for name in ("mae", "rmse", "r2")},
        **{f"reference_{name}": then[name] for name in ("mae", "rmse", "r2")},
    }


def _segments(baseline: Baseline, batch: Profile) -> Iterator[SegmentResult]:
    """Yield the levels that have labels in this batch, in the reference's order."""
    for (segment, levels), counts, before in zip(
        baseline.segments.items(), batch.segments, baseline.reference.segments, strict=True
    ):
        for place, level in enumerate((*levels, OTHER_LEVELS)):
            if counts.n[place]:
                yield _segment(baseline.task, segment, level, counts, before, place)


def _segment(
    task: str, segment: str, level: str, counts: SegmentOutcomes, before: SegmentOutcomes, place: int
) -> SegmentResult:
    n, errors = int(counts.n[place]), float(counts.errors[place])
    mean = errors / n
    reference = float(before.errors[place] / before.n[place]) if before.n[place] else None
    right = task == "classification"
    return SegmentResult(
        segment=segment,
        level=level,
        verdict=Verdict.OK,
        message="",
        n=n,
        value=finite_or_none(1 - mean if right else mean),
        reference_value=None if reference is None else finite_or_none(1 - reference if right else reference),
        interval=wilson(n - round(errors), n) if right else _mean_interval(mean, float(counts.squares[place]), n),
    )


def _mean_interval(mean: float, squares: float, n: int) -> Interval | None:
    variance = squares / n - mean * mean
    if n < 2 or not np.isfinite(variance):  # noqa: PLR2004 - one value has no spread
        return None
    half = float(Z95 * np.sqrt(max(0.0, variance) / n))
    return Interval(mean - half, mean + half)
