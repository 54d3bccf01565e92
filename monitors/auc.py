"""ROC-AUC from histograms of the scores: counts that add up over hours, and the area they make."""

import numpy as np

from driftboard.monitors.sample import Codes, Floats

CELLS = 741
"""Cells of a score: a step of 1/200 in the middle, 1/2,000 below 0.1 and above 0.9, 1/20,000 in the outermost 0.005.

Where events are rare, as fraud is, nearly all scores lie there, and equal steps would tie them all.
"""
MOST_CLASSES = 20
"""A model of more classes keeps no histograms: they would outweigh its rows."""


def score_histograms(scores: Floats, labels: Codes) -> Codes:
    """Count the scores of each class, apart for its negatives and its positives; shape (K, 2, 741).

    The array is of shape (0, 2, 741) beyond 20 classes.

    Parameters
    ----------
    scores, labels
        Shape (n, K), all in [0, 1], and the class codes of shape (n,).

    >>> counts = score_histograms(np.array([[0.1, 0.9], [0.6, 0.4]]), np.array([1, 0]))
    >>> [int(counts[1, positive].argmax()) for positive in (0, 1)]
    [350, 450]
    """
    classes = scores.shape[1] if scores.shape[1] <= MOST_CLASSES else 0
    counts = np.zeros((classes, 2, CELLS), dtype=np.int64)
    for each in range(classes if labels.size else 0):
        cells = _cells(scores[:, each]) + CELLS * (labels == each)
        counts[each] = np.bincount(cells, minlength=2 * CELLS).reshape(2, -1)
    return counts


def _cells(scores: Floats) -> Codes:
    """The cell of each score: steps from the nearer end, whose finer zones are straight pieces."""
    near = np.minimum(scores, 1 - scores)
    steps = np.rint(200 * near + 1800 * np.minimum(near, 0.1) + 18_000 * np.minimum(near, 0.005)).astype(np.int64)
    cells: Codes = np.where(scores > 0.5, CELLS - 1 - steps, steps)  # noqa: PLR2004 - the middle
    return cells


def area_under_curve(histogram: Codes) -> float | None:
    """Return the chance that a positive scores above a negative, ties counting half; None without one of either.

    sum over cells of positives·(negatives below + negatives in the cell / 2), divided by positives·negatives: the
    Mann-Whitney statistic with mid-ranks. Exact where scores are multiples of 1/200; else scores in a cell count as
    tied, which costs less than 0.001.

    Source: J. A. Hanley and B. J. McNeil, Radiology 143 (1982), 29.

    >>> area_under_curve(np.array([[2, 1, 0], [0, 1, 1]]))
    0.9166666666666666
    """
    negatives, positives = histogram[0].astype(np.float64), histogram[1].astype(np.float64)
    pairs = float(negatives.sum() * positives.sum())
    if pairs == 0:
        return None
    below = np.cumsum(negatives) - negatives / 2
    return float(positives @ below) / pairs


def macro_auc(histograms: Codes) -> float | None:
    """Return the mean one-versus-rest area over the classes that have both positives and negatives; None without any.

    With two classes whose scores sum to 1 this is the area of either.

    >>> macro_auc(np.array([[[2, 1, 0], [0, 1, 1]], [[1, 0, 0], [0, 0, 0]]]))
    0.9166666666666666
    """
    areas = [area for each in histograms if (area := area_under_curve(each)) is not None]
    return sum(areas) / len(areas) if areas else None
