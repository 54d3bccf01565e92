"""How good class predictions were: confusion matrix, accuracy, macro F1, calibration."""

import numpy as np

from driftboard.monitors.report import ReliabilityBin
from driftboard.monitors.sample import Codes, Floats
from driftboard.monitors.wilson import wilson

BINS = 10
_EDGES = np.arange(BINS + 1) / BINS


def confusion_matrix(labels: Codes, predicted: Codes, classes: int) -> Codes:
    """Count labels (rows) against predictions (columns) over a fixed class list; shape (classes, classes).

    >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    return np.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, classes)


def accuracy(confusion: Codes) -> float:
    """Return the share of right predictions.

    >>> accuracy(np.array([[3, 1], [0, 4]]))
    0.875
    """
    return float(np.trace(confusion) / confusion.sum())


def macro_f1(confusion: Codes) -> float:
    """Return the mean over all classes of F1 = 2·hits / (labelled + predicted).

    The class list is fixed, so the mean does not jump when a rare class is absent from a batch's predictions; a class
    neither labelled nor predicted counts as 0 (scikit-learn's `zero_division=0`), and the report shows its support.

    Source: C. J. van Rijsbergen, Information Retrieval (Butterworths, 1979), chapter 7.

    >>> round(macro_f1(np.array([[3, 1], [0, 4]])), 4)
    0.873
    """
    either = confusion.sum(axis=0) + confusion.sum(axis=1)
    return float(np.mean(2 * np.diag(confusion) / np.maximum(either, 1)))


def reliability_bins(confidence: Floats, right: Floats) -> tuple[ReliabilityBin, ...]:
    """Return the non-empty ones of ten equal-width bins (low, high]; the first also holds 0.

    Rows without a confidence in [0, 1] are in no bin.

    Parameters
    ----------
    confidence, right
        Shape (n,): the predicted class's score, and 1.0 where the prediction was right, else 0.0.

    >>> reliability_bins(np.array([0.8, 0.75, np.nan]), np.array([1.0, 0.0, 1.0]))[0].mean_confidence
    0.775
    """
    known = (confidence >= 0) & (confidence <= 1)
    confidence, right = confidence[known], right[known]
    places = np.maximum(np.searchsorted(_EDGES, confidence, side="left") - 1, 0)
    counts = np.bincount(places, minlength=BINS)
    sums = np.bincount(places, weights=confidence, minlength=BINS)
    hits = np.bincount(places, weights=right, minlength=BINS)
    return tuple(_bin(i, int(counts[i]), float(sums[i]), int(hits[i])) for i in np.flatnonzero(counts).tolist())


def expected_calibration_error(bins: tuple[ReliabilityBin, ...]) -> float | None:
    """Return sum(n_b·|accuracy_b - confidence_b|) / sum(n_b) over the bins; None when there are none.

    n is what the bins hold: a row without a confidence is in neither, so it cannot make the model look better.

    Source: C. Guo et al., On Calibration of Modern Neural Networks (ICML 2017), equation 3.

    >>> bins = reliability_bins(np.array([0.8, 0.75, np.nan]), np.array([1.0, 0.0, 1.0]))
    >>> round(expected_calibration_error(bins), 3)
    0.275
    """
    n = sum(each.n for each in bins)
    if n == 0:
        return None
    return sum(each.n * abs(each.accuracy - each.mean_confidence) for each in bins) / n


def _bin(place: int, n: int, confidence: float, hits: int) -> ReliabilityBin:
    return ReliabilityBin(
        low=float(_EDGES[place]),
        high=float(_EDGES[place + 1]),
        n=n,
        mean_confidence=confidence / n,
        accuracy=hits / n,
        interval=wilson(hits, n),
    )
