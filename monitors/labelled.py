"""The rows of a sample that have a prediction and a label, over a fixed class list."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftboard.monitors.classes import UNNAMED, recode
from driftboard.monitors.sample import Codes, Floats, Sample

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class LabelledClasses:
    """The m rows that have both a predicted class and a label, as places among K fixed classes and one for any other.

    Attributes
    ----------
    rows
        Shape (sample.n,): which rows these are.
    labels, predicted
        Shape (m,): a place in the fixed list, or K ("new") for any class beside it.
    right
        Shape (m,): whether both are the same class by name; two different new classes are not.
    """

    rows: Mask
    labels: Codes
    predicted: Codes
    right: Mask


def labelled_classes(sample: Sample, classes: tuple[str, ...]) -> LabelledClasses:
    """Return the labelled rows of a classification sample.

    >>> sample = Sample(3, {}, classes=("no", "lost"), predicted=np.array([0.0, 1, 1]), labels=np.array([0.0, -1, 0]))
    >>> labelled = labelled_classes(sample, ("yes", "no"))
    >>> labelled.rows.tolist(), labelled.labels.tolist(), labelled.predicted.tolist()
    ([True, False, True], [1, 1], [1, 2])
    """
    if sample.task != "classification" or sample.labels.size == 0 or sample.predicted.size == 0:
        nobody = np.empty(0, dtype=np.int64)
        return LabelledClasses(np.zeros(sample.n, dtype=np.bool_), nobody, nobody, np.empty(0, dtype=np.bool_))
    known = (*classes, *(each for each in dict.fromkeys((*sample.classes, UNNAMED)) if each not in classes))
    labels, predicted = recode(sample.labels, sample.classes, known), recode(sample.predicted, sample.classes, known)
    rows = (labels >= 0) & (predicted >= 0)
    if not rows.all():
        labels, predicted = labels[rows], predicted[rows]
    last = len(classes)
    return LabelledClasses(rows, np.minimum(labels, last), np.minimum(predicted, last), labels == predicted)


def labelled_values(sample: Sample) -> Mask:
    """Return which rows of a regression sample have a finite prediction and a finite label; shape (sample.n,).

    >>> labelled_values(Sample(2, {}, "regression", predicted=np.array([1.0, 2.0]), labels=np.array([1.0, np.nan])))
    array([ True, False])
    """
    if sample.task != "regression" or sample.labels.size == 0 or sample.predicted.size == 0:
        return np.zeros(sample.n, dtype=np.bool_)
    both: Mask = np.isfinite(sample.predicted) & np.isfinite(sample.labels)
    return both


def class_scores(sample: Sample, classes: tuple[str, ...]) -> Floats:
    """Return the scores of the fixed classes, shape (sample.n, K), or (0, K) where the sample has none.

    A class that the sample's model does not know has a score of 0 in every row.

    >>> sample = Sample(1, {}, classes=("no", "yes"), scores=np.array([[0.3, 0.7]]))
    >>> class_scores(sample, ("yes", "no", "lost")).tolist()
    [[0.7, 0.3, 0.0]]
    """
    if sample.scores.ndim != 2 or sample.scores.shape != (sample.n, len(sample.classes)):  # noqa: PLR2004
        return np.empty((0, len(classes)))
    if sample.classes == classes:
        return sample.scores
    places = {name: place for place, name in enumerate(sample.classes)}
    aligned = np.zeros((sample.n, len(classes)))
    for place, name in enumerate(classes):
        if name in places:
            aligned[:, place] = sample.scores[:, places[name]]
    return aligned
