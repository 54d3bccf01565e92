"""What the labelled rows of a sample say, as counts that add up: a day is the sum of its hours."""

from dataclasses import dataclass

import numpy as np

from driftboard.monitors.auc import score_histograms
from driftboard.monitors.calibration import ReliabilityCounts, reliability_counts
from driftboard.monitors.classification import confusion_matrix
from driftboard.monitors.labelled import LabelledClasses, class_scores, labelled_classes, labelled_values
from driftboard.monitors.sample import Codes, Floats, Sample

_LEAST = float(np.finfo(np.float64).eps)
"""A probability of 0 given to what happened costs -log of this, as in scikit-learn, not infinity."""


@dataclass(frozen=True, slots=True, eq=False)
class ClassOutcomes:
    """Counts of the rows that have both a predicted class and a label, over K fixed classes and one more for any other.

    Attributes
    ----------
    n, hits
        Such rows, and those predicted right.
    confusion
        Shape (K + 1, K + 1): labelled (rows) against predicted (columns). The last place is "new": any class beside the
        fixed list. Two different new classes meet in its corner, so `hits`, not the diagonal, says what was right.
    reliability
        Rows, confidence and hits in ten bins of confidence.
    n_scored, log_loss, squares
        Rows with a label among the K and a score in [0, 1] for every class; the sum over them of -log(score of the
        label), and of the squared distance between scores and outcome: the sum over classes of (p - y)², Brier's own
        definition and for two classes twice the one over the positive class alone.
    histograms
        Shape (K, 2, 741): the scores of the same rows, see `auc`; (0, 2, 741) where K is above 20.
    """

    n: int
    hits: int
    confusion: Codes
    reliability: ReliabilityCounts
    n_scored: int
    log_loss: float
    squares: float
    histograms: Codes

    def __add__(self, other: "ClassOutcomes") -> "ClassOutcomes":
        """Return the counts of both samples together; both are over the same class list."""
        return ClassOutcomes(
            n=self.n + other.n,
            hits=self.hits + other.hits,
            confusion=self.confusion + other.confusion,
            reliability=self.reliability + other.reliability,
            n_scored=self.n_scored + other.n_scored,
            log_loss=self.log_loss + other.log_loss,
            squares=self.squares + other.squares,
            histograms=self.histograms + other.histograms,
        )


def class_outcomes(sample: Sample, classes: tuple[str, ...]) -> ClassOutcomes:
    """Return the counts of a sample over the reference's class list; a sample without labels counts nothing.

    >>> sample = Sample(3, {}, classes=("no", "yes"), predicted=np.array([0.0, 1, 1]), labels=np.array([0.0, 0, -1]))
    >>> outcomes = class_outcomes(sample, ("no", "yes"))
    >>> (outcomes + outcomes).confusion.tolist()
    [[2, 2, 0], [0, 0, 0], [0, 0, 0]]
    """
    labelled = labelled_classes(sample, classes)
    confidence = sample.confidence[labelled.rows] if sample.confidence.size == sample.n else np.empty(0)
    scores, labels = _scored(sample, classes, labelled)
    given = scores[np.arange(labels.size), labels]
    return ClassOutcomes(
        n=labelled.right.size,
        hits=int(np.count_nonzero(labelled.right)),
        confusion=confusion_matrix(labelled.labels, labelled.predicted, len(classes) + 1),
        reliability=reliability_counts(confidence, labelled.right[: confidence.size]),
        n_scored=labels.size,
        log_loss=-float(np.log(np.clip(given, _LEAST, 1 - _LEAST)).sum()),
        squares=float((scores**2).sum() - 2 * given.sum()) + labels.size,
        histograms=score_histograms(scores, labels),
    )


def _scored(sample: Sample, classes: tuple[str, ...], labelled: LabelledClasses) -> tuple[Floats, Codes]:
    """The scores, shape (m, K), and labels of the labelled rows that can be scored."""
    scores = class_scores(sample, classes)
    if scores.size == 0:
        return np.empty((0, len(classes))), np.empty(0, dtype=np.int64)
    scores = scores[labelled.rows]
    usable = ((scores >= 0) & (scores <= 1)).all(axis=1) & (labelled.labels < len(classes))
    return scores[usable], labelled.labels[usable]


@dataclass(frozen=True, slots=True, eq=False)
class ValueOutcomes:
    """Sums over the n rows whose predicted value and label are both finite; a sum that overflows stays infinite.

    Attributes
    ----------
    n
        Such rows.
    absolute, signed, squares
        Sum of |e|, of e and of e² for the errors e = predicted - label.
    labels, label_squares
        Sum of y - c and of (y - c)² for the labels y and a fixed centre c near their mean, without which the spread of
        labels such as 10⁹ ± 1 would be lost in the rounding.
    """

    n: int
    absolute: float
    signed: float
    squares: float
    labels: float
    label_squares: float

    def __add__(self, other: "ValueOutcomes") -> "ValueOutcomes":
        """Return the sums of both samples together; both are about the same centre."""
        return ValueOutcomes(
            n=self.n + other.n,
            absolute=self.absolute + other.absolute,
            signed=self.signed + other.signed,
            squares=self.squares + other.squares,
            labels=self.labels + other.labels,
            label_squares=self.label_squares + other.label_squares,
        )


def value_outcomes(sample: Sample, *, centre: float) -> ValueOutcomes:
    """Return the sums of a regression sample about the centre, the reference's mean label.

    >>> sample = Sample(2, {}, "regression", predicted=np.array([1.0, 2.0]), labels=np.array([2.0, 4.0]))
    >>> value_outcomes(sample, centre=3.0)
    ValueOutcomes(n=2, absolute=3.0, signed=-3.0, squares=5.0, labels=0.0, label_squares=2.0)
    """
    rows = labelled_values(sample)
    labels, predicted = (sample.labels[rows], sample.predicted[rows]) if rows.any() else (np.empty(0), np.empty(0))
    with np.errstate(over="ignore", invalid="ignore"):
        errors, labels = predicted - labels, labels - centre
        return ValueOutcomes(
            n=labels.size,
            absolute=float(np.abs(errors).sum()),
            signed=float(errors.sum()),
            squares=float((errors**2).sum()),
            labels=float(labels.sum()),
            label_squares=float((labels**2).sum()),
        )
