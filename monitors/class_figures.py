"""The figures that counts of classified rows make: accuracy, F1, AUC, log loss, Brier score, calibration error."""

from dataclasses import dataclass

import numpy as np

from driftboard.monitors.auc import macro_auc
from driftboard.monitors.calibration import plain_error
from driftboard.monitors.outcomes import ClassOutcomes
from driftboard.monitors.sample import Codes


@dataclass(frozen=True, slots=True)
class ClassFigure:
    """One class: labelled rows, and how well it was found; 0 where nothing was labelled (predicted) so."""

    support: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """All figures of a sample or a window; None where no row gives one.

    Attributes
    ----------
    n, n_scored
        Rows behind accuracy and F1, and behind log loss, Brier score and AUC.
    accuracy
        Share of right predictions.
    macro_f1, weighted_f1
        Mean F1 over the fixed classes (and "new" where it was met), plain and weighted by support.
    auc
        Mean one-versus-rest area under the ROC curve.
    log_loss, brier
        Mean of -log(score of the label); mean of the sum over classes of (p - y)².
    ece
        Expected calibration error over ten bins, not debiased (see `calibration`).
    classes
        Precision, recall and F1 of each class, "new" last where it was met.
    """

    n: int
    n_scored: int
    accuracy: float | None
    macro_f1: float | None
    weighted_f1: float | None
    auc: float | None
    log_loss: float | None
    brier: float | None
    ece: float | None
    classes: tuple[ClassFigure, ...]


def class_figures(outcomes: ClassOutcomes) -> ClassFigures:
    """Return the figures of the counts; equal to scikit-learn's on the rows that were counted.

    Source: F. Pedregosa et al., Journal of Machine Learning Research 12 (2011), 2825, `sklearn.metrics`.

    >>> from driftboard.monitors.outcomes import class_outcomes
    >>> from driftboard.monitors.sample import Sample
    >>> predicted, labels = np.array([0.0, 1, 1, 1]), np.array([0.0, 0, 1, 1])
    >>> sample = Sample(4, {}, classes=("no", "yes"), predicted=predicted, labels=labels)
    >>> figures = class_figures(class_outcomes(sample, ("no", "yes")))
    >>> figures.accuracy, round(figures.macro_f1, 4), figures.classes[0].recall, figures.auc
    (0.75, 0.7333, 0.5, None)
    """
    n, scored = outcomes.n, outcomes.n_scored
    confusion = met_confusion(outcomes)
    classes = per_class(confusion)
    return ClassFigures(
        n=n,
        n_scored=scored,
        accuracy=outcomes.hits / n if n else None,
        macro_f1=sum(each.f1 for each in classes) / len(classes) if n and classes else None,
        weighted_f1=sum(each.support * each.f1 for each in classes) / n if n else None,
        auc=macro_auc(outcomes.histograms),
        log_loss=outcomes.log_loss / scored if scored else None,
        brier=max(0.0, outcomes.squares / scored) if scored else None,
        ece=plain_error(outcomes.reliability),
        classes=classes,
    )


def met_confusion(outcomes: ClassOutcomes) -> Codes:
    """Return the confusion matrix, without the place of new classes where none was met."""
    counts = outcomes.confusion
    met = counts[-1].sum() + counts[:, -1].sum() > 0
    return counts if met else counts[:-1, :-1]


def per_class(confusion: Codes) -> tuple[ClassFigure, ...]:
    """Return precision = hits / predicted, recall = hits / labelled and F1 = 2·hits / (both) of each class.

    >>> per_class(np.array([[3, 1], [0, 4]]))[1]
    ClassFigure(support=4, precision=0.8, recall=1.0, f1=0.8888888888888888)
    """
    hits, labelled, predicted = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    precision, recall = hits / np.maximum(predicted, 1), hits / np.maximum(labelled, 1)
    f1 = 2 * hits / np.maximum(labelled + predicted, 1)
    rows = zip(labelled.tolist(), precision.tolist(), recall.tolist(), f1.tolist(), strict=True)
    return tuple(ClassFigure(*row) for row in rows)
