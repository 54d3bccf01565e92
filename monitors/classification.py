"""How good class predictions were: confusion matrix, accuracy, macro F1, calibration."""

import numpy as np

from driftboard.monitors.report import ReliabilityBin
from driftboard.monitors.sample import Codes

BINS = 10


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


def expected_calibration_error(bins: tuple[ReliabilityBin, ...]) -> float | None:
    """Return sum(n_b·|accuracy_b - confidence_b|) / sum(n_b) over the bins; None when there are none.

    n is what the bins hold: a row without a confidence is in neither, so it cannot make the model look better.

    Source: C. Guo et al., On Calibration of Modern Neural Networks (ICML 2017), equation 3.

    >>> from driftboard.monitors.interval import Interval
    >>> bins = (ReliabilityBin(0.7, 0.8, 2, mean_confidence=0.775, accuracy=0.5, interval=Interval(0.1, 0.9)),)
    >>> round(expected_calibration_error(bins), 3)
    0.275
    """
    n = sum(each.n for each in bins)
    if n == 0:
        return None
    return sum(each.n * abs(each.accuracy - each.mean_confidence) for each in bins) / n
