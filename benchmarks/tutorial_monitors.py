"""The baseline: how the tutorial computes its monitors' figures, written anew from its description.

Drift, feature by feature: PSI over ten equal-width bins of the range of reference and batch together, and SciPy's
two-sample Kolmogorov-Smirnov test. Performance: scikit-learn's functions, and a loop over the bins for calibration.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.stats import ks_2samp
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from benchmarks.tutorial_rule import equal_width_psi
from driftboard.monitors import Floats

_BINS = 10


@dataclass(frozen=True, slots=True)
class FeatureFigures:
    """PSI of one feature, and D and p of its KS test."""

    psi: float
    statistic: float
    p_value: float


def feature_figures(reference: Mapping[str, Floats], batch: Mapping[str, Floats]) -> dict[str, FeatureFigures]:
    """Return name to figures of every feature of the reference.

    >>> feature_figures({"temp": np.arange(100.0)}, {"temp": np.arange(50.0)})["temp"].statistic
    0.5
    """
    return {name: _figures(values, batch[name]) for name, values in reference.items()}


def _figures(reference: Floats, batch: Floats) -> FeatureFigures:
    test = ks_2samp(reference, batch)
    return FeatureFigures(equal_width_psi(reference, batch), float(test.statistic), float(test.pvalue))


@dataclass(frozen=True, slots=True)
class Performance:
    """Accuracy, macro F1, expected calibration error and confusion matrix of labelled class predictions."""

    accuracy: float
    macro_f1: float
    ece: float
    confusion: tuple[tuple[int, ...], ...]


def performance(labels: Floats, predicted: Floats, confidence: Floats) -> Performance:
    """Return the figures of n rows, arrays of shape (n,).

    >>> performance(np.array([0.0, 1.0]), np.array([0.0, 0.0]), np.array([0.75, 0.75]))
    Performance(accuracy=0.5, macro_f1=0.3333333333333333, ece=0.25, confusion=((1, 0), (1, 0)))
    """
    return Performance(
        accuracy=float(accuracy_score(labels, predicted)),
        macro_f1=float(f1_score(labels, predicted, average="macro", zero_division=0)),
        ece=_calibration_error(confidence, labels == predicted),
        confusion=tuple(tuple(row) for row in confusion_matrix(labels, predicted).tolist()),
    )


def _calibration_error(confidence: Floats, right: Floats) -> float:
    edges = np.linspace(0, 1, _BINS + 1)
    error = 0.0
    for low, high in pairwise(edges):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            error += float(inside.mean()) * abs(float(right[inside].mean()) - float(confidence[inside].mean()))
    return error
