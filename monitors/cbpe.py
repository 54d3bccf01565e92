"""Accuracy and macro F1 without labels: confidence-based performance estimation (CBPE)."""

from dataclasses import dataclass

import numpy as np

from driftboard.monitors.classes import recode
from driftboard.monitors.estimate import estimate
from driftboard.monitors.isotonic import Isotonic, fit_isotonic
from driftboard.monitors.labelled import Mask, class_scores, labelled_classes
from driftboard.monitors.report import Estimate
from driftboard.monitors.sample import Codes, Floats, Sample

LEAST_LABELS = 30
"""A reference with fewer labelled and scored rows calibrates nothing."""
_CELLS = 10


@dataclass(frozen=True, slots=True, eq=False)
class ExpectedClasses:
    """What the scores say the labels will be; sums over rows that add up, like the realised `ClassOutcomes`.

    Attributes
    ----------
    n
        Predictions with a class of the reference's list and usable scores.
    right, variance
        Sum of p and of p·(1 - p), for p the calibrated chance that the prediction is right.
    confusion
        Shape (K, K): expected rows labelled k (row) and predicted j (column); zeros where the model gives only the
        confidence of the predicted class.
    cells
        Shape (10,): predictions by p, in tenths.
    """

    n: int
    right: float
    variance: float
    confusion: Floats
    cells: Codes

    def __add__(self, other: "ExpectedClasses") -> "ExpectedClasses":
        """Return the sums of both samples together; both come from the same estimator."""
        return ExpectedClasses(
            n=self.n + other.n,
            right=self.right + other.right,
            variance=self.variance + other.variance,
            confusion=self.confusion + other.confusion,
            cells=self.cells + other.cells,
        )


class ClassEstimator:
    """Estimates how good class predictions are from their scores alone, calibrated once on a labelled reference.

    Each class's score is calibrated against the rest by isotonic regression, and the chances of a row are normalised to
    sum to 1; their sums by predicted class are the expected confusion matrix. Where the model gives the confidence of
    its predicted class only, the chance to be right is calibrated on it, and only accuracy is estimated. It holds as
    long as P(label | features) stays: it sees harder inputs, and is blind to concept drift.

    Parameters
    ----------
    reference
        Held-out predictions with labels, and scores or confidence. With fewer than 30 such rows nothing is estimated.

    Source: W. Kivimäki et al., Confidence-based Estimators for Predictive Performance in Model Monitoring, Journal of
    Artificial Intelligence Research 82 (2025), 209; J. Białek et al., Estimating Model Performance Under Covariate
    Shift Without Labels (2024), arXiv:2401.08348.

    >>> scores = np.repeat([[0.9, 0.1], [0.4, 0.6]], 50, axis=0)
    >>> predicted, labels = scores.argmax(axis=1).astype(float), np.tile([0.0, 0.0, 1.0, 1.0, 0.0], 20)
    >>> reference = Sample(100, classes=("no", "yes"), predicted=predicted, labels=labels, scores=scores)
    >>> estimator = ClassEstimator(reference)
    >>> estimator.expect(reference).confusion.round(6).tolist()
    [[30.0, 30.0], [20.0, 20.0]]
    >>> [round(each.value, 3) for each in estimator.estimates(estimator.expect(reference))]
    [0.5, 0.495]
    """

    def __init__(self, reference: Sample) -> None:
        self._classes = reference.classes
        self._curves = _class_curves(reference)
        self._right = None if self._curves else _right_curve(reference)
        self._reference = self.expect(reference)
        chances = self._chances(reference)[0]
        places = _tenths(chances)
        spread = np.bincount(places, weights=chances * (1 - chances), minlength=_CELLS)
        self._doubt = (spread + 0.25) / (np.bincount(places, minlength=_CELLS) + 1.0) ** 2

    @property
    def able(self) -> bool:
        """Whether the reference had enough labelled and scored rows to estimate anything."""
        return bool(self._curves) or self._right is not None

    def expect(self, batch: Sample) -> ExpectedClasses:
        """Return the sums of one batch; zeros where it has no usable scores."""
        right, predicted, chances = self._chances(batch)
        size = len(self._classes)
        confusion = np.zeros((size, size))
        for each in range(chances.shape[1]):
            confusion[each] = np.bincount(predicted, weights=chances[:, each], minlength=size)
        return ExpectedClasses(
            n=right.size,
            right=float(right.sum()),
            variance=float(right @ (1 - right)),
            confusion=confusion,
            cells=np.bincount(_tenths(right), minlength=_CELLS),
        )

    def estimates(self, expected: ExpectedClasses) -> tuple[Estimate, ...]:
        """Return accuracy, and macro F1 where every class has a score, each with its error band.

        The variance of realised minus estimated accuracy is that of n labels drawn with the calibrated chances,
        sum(p·(1 - p)) / n², and that of the calibration itself: sum over tenths c of p of w_c²·V_c with w_c the share
        of the batch there and V_c = (sum(p·(1 - p)) + 1/4) / (N_c + 1)² over the N_c rows of the reference there. For
        macro F1 the first part is the delta method's, with labels drawn column by column of the expected confusion: a
        little wide. The second is in the same proportion to it as for accuracy.
        """
        n, before = expected.n, self._reference
        if n == 0 or before.n == 0:
            return ()
        drawn = expected.variance / n**2
        learnt = float((expected.cells / n) ** 2 @ self._doubt)
        accuracy, usual = expected.right / n, before.right / before.n
        found = [estimate("accuracy", accuracy, variance=drawn + learnt, reference=usual, n=n, most=1.0)]
        if self._curves:
            share = learnt / drawn if drawn > 0 else 0.0
            (value, variance), (usual, _) = _macro_f1(expected.confusion), _macro_f1(before.confusion)
            found.append(estimate("macro_f1", value, variance=variance * (1 + share), reference=usual, n=n, most=1.0))
        return tuple(each for each in found if each is not None)

    def _chances(self, sample: Sample) -> tuple[Floats, Codes, Floats]:
        """Of the m usable rows: chance to be right (m,), predicted class (m,), chance of each class (m, K or 0)."""
        nobody = (np.empty(0), np.empty(0, dtype=np.int64), np.empty((0, 0)))
        if not self.able or sample.task != "classification" or sample.predicted.size != sample.n:
            return nobody
        predicted = recode(sample.predicted, sample.classes, self._classes)
        if self._right is not None:
            usable = (predicted >= 0) & _known(sample)
            return self._right.at(sample.confidence[usable]), predicted[usable], np.empty((0, 0))
        scores = class_scores(sample, self._classes)
        if scores.shape[0] == 0:
            return nobody
        usable = (predicted >= 0) & ((scores >= 0) & (scores <= 1)).all(axis=1)
        chances, predicted = _calibrated(self._curves, scores[usable]), predicted[usable]
        return chances[np.arange(predicted.size), predicted], predicted, chances


def _class_curves(reference: Sample) -> tuple[Isotonic, ...]:
    """One curve for each class, or none."""
    labelled = labelled_classes(reference, reference.classes)
    scores = class_scores(reference, reference.classes)
    if scores.size == 0:
        return ()
    scores = scores[labelled.rows]
    usable = ((scores >= 0) & (scores <= 1)).all(axis=1)
    scores, labels = scores[usable], labelled.labels[usable]
    if labels.size < LEAST_LABELS:
        return ()
    return tuple(fit_isotonic(scores[:, each], labels == each) for each in range(scores.shape[1]))


def _right_curve(reference: Sample) -> Isotonic | None:
    """The curve from confidence to the chance to be right, or None."""
    labelled = labelled_classes(reference, reference.classes)
    known = _known(reference)[labelled.rows]
    if np.count_nonzero(known) < LEAST_LABELS:
        return None
    return fit_isotonic(reference.confidence[labelled.rows][known], labelled.right[known])


def _known(sample: Sample) -> Mask:
    """Which rows have a confidence; none where the sample has no column of it."""
    if sample.confidence.size != sample.n:
        return np.zeros(sample.n, dtype=np.bool_)
    known: Mask = (sample.confidence >= 0) & (sample.confidence <= 1)
    return known


def _calibrated(curves: tuple[Isotonic, ...], scores: Floats) -> Floats:
    """Chances that sum to 1 in each row; all equal where every curve says 0."""
    chances = np.column_stack([curve.at(scores[:, each]) for each, curve in enumerate(curves)])
    totals = chances.sum(axis=1, keepdims=True)
    return np.where(totals > 0, chances / np.where(totals > 0, totals, 1.0), 1 / len(curves))


def _tenths(chances: Floats) -> Codes:
    return np.minimum(chances * _CELLS, _CELLS - 1).astype(np.int64)


def _macro_f1(confusion: Floats) -> tuple[float, float]:
    """Macro F1 of an expected confusion matrix, and its variance when the labels are drawn."""
    hits, labelled, predicted = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    either = np.maximum(labelled + predicted, 1.0)
    slope = (np.diag(2 / either) - (2 * hits / either**2)[:, None]) / hits.size
    second, first = (confusion * slope**2).sum(axis=0), (confusion * slope).sum(axis=0)
    variance = float((second - first**2 / np.maximum(predicted, 1e-12)).sum())
    return float(np.mean(2 * hits / either)), max(0.0, variance)
