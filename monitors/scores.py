"""What the labelled rows of one sample say: computed once for the reference, and for every batch."""

from dataclasses import dataclass

import numpy as np

from driftboard.monitors.classes import class_list, recode
from driftboard.monitors.classification import (
    accuracy,
    confusion_matrix,
    expected_calibration_error,
    macro_f1,
    reliability_bins,
)
from driftboard.monitors.mean import finite_or_none
from driftboard.monitors.regression import mean_absolute_error, r_squared, root_mean_squared_error
from driftboard.monitors.report import ReliabilityBin
from driftboard.monitors.sample import Codes, Floats, Sample


@dataclass(frozen=True, slots=True, eq=False)
class ClassScores:
    """Scores of the n rows that have both a predicted class and a label; None where n is 0."""

    n: int
    classes: tuple[str, ...]
    confusion: Codes
    accuracy: float | None
    macro_f1: float | None
    ece: float | None
    reliability: tuple[ReliabilityBin, ...]


def score_classes(sample: Sample, first: tuple[str, ...]) -> ClassScores:
    """Return the scores over the class list `first` and any class met beside it."""
    rows = sample.predicted.size
    given = sample.labels if sample.labels.size else np.full(rows, np.nan)
    classes = class_list(first, sample.classes, sample.predicted, given)
    predicted = recode(sample.predicted, sample.classes, classes)
    labels = recode(given, sample.classes, classes)
    both = (predicted >= 0) & (labels >= 0)
    confusion = confusion_matrix(labels[both], predicted[both], len(classes))
    right = (labels[both] == predicted[both]).astype(np.float64)
    confidence = sample.confidence[both] if sample.confidence.size else np.full(right.size, np.nan)
    bins = reliability_bins(confidence, right)
    return ClassScores(
        n=right.size,
        classes=classes,
        confusion=confusion,
        accuracy=accuracy(confusion) if right.size else None,
        macro_f1=macro_f1(confusion) if right.size else None,
        ece=expected_calibration_error(bins),
        reliability=bins,
    )


@dataclass(frozen=True, slots=True, eq=False)
class ValueScores:
    """Scores of the n rows whose predicted value and label are both finite; None where n is 0 or a square overflows.

    `infinite` rows have both, but not both finite: they cannot be scored.
    """

    n: int
    infinite: int
    errors: Floats
    mae: float | None
    rmse: float | None
    r2: float | None


def score_values(sample: Sample) -> ValueScores:
    """Return the scores of a regression sample."""
    if sample.labels.size == 0 or sample.predicted.size == 0:
        return ValueScores(0, 0, np.empty(0), None, None, None)
    present = ~np.isnan(sample.predicted) & ~np.isnan(sample.labels)
    finite = np.isfinite(sample.predicted) & np.isfinite(sample.labels)
    labels, predicted = sample.labels[finite], sample.predicted[finite]
    n = labels.size
    with np.errstate(over="ignore"):
        errors = np.abs(labels - predicted)
    return ValueScores(
        n=n,
        infinite=int(np.count_nonzero(present & ~finite)),
        errors=errors,
        mae=finite_or_none(mean_absolute_error(labels, predicted)) if n else None,
        rmse=finite_or_none(root_mean_squared_error(labels, predicted)) if n else None,
        r2=finite_or_none(r_squared(labels, predicted)) if n else None,
    )
