"""How good predicted values were: MAE, RMSE, R², and whether the error grew."""

from math import inf, sqrt

import numpy as np

from driftboard.monitors.sample import Floats


def mean_absolute_error(labels: Floats, predicted: Floats) -> float:
    """Return the mean of |label - predicted|.

    >>> mean_absolute_error(np.array([3.0, 5.0]), np.array([2.0, 5.0]))
    0.5
    """
    with np.errstate(over="ignore"):
        return float(np.mean(np.abs(labels - predicted)))


def root_mean_squared_error(labels: Floats, predicted: Floats) -> float:
    """Return sqrt(mean((label - predicted)²)).

    >>> root_mean_squared_error(np.array([3.0, 5.0]), np.array([0.0, 5.0 + 4.0])) == 12.5**0.5
    True
    """
    with np.errstate(over="ignore"):
        return sqrt(float(np.mean((labels - predicted) ** 2)))


def r_squared(labels: Floats, predicted: Floats) -> float | None:
    """Return the share of variance explained, 1 - sum((y - ŷ)²) / sum((y - mean y)²); None for constant labels.

    >>> r_squared(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]))
    0.5
    """
    with np.errstate(over="ignore"):
        spread = float(np.sum((labels - labels.mean()) ** 2))
        missed = float(np.sum((labels - predicted) ** 2))
    return 1 - missed / spread if 0 < spread < inf else None


def growth_z(errors: Floats, reference_errors: Floats) -> float:
    """Return Welch's z for the growth of the mean absolute error.

    (m - M) / sqrt(s²/n + S²/N) over the absolute errors of the batch and of the reference. Both samples' noise is in
    it, and the two spreads may differ. With no spread at all any growth is certain: +inf.

    Source: B. L. Welch, Biometrika 34 (1947), 28.

    >>> round(growth_z(np.array([2.0, 4.0]), np.array([1.0, 1.0, 2.0, 2.0])), 3)
    1.441
    """
    with np.errstate(over="ignore", invalid="ignore"):
        grown = float(errors.mean() - reference_errors.mean())
        noise = sqrt(_squared_error_of_mean(errors) + _squared_error_of_mean(reference_errors))
    if noise > 0:
        return grown / noise
    return inf if grown > 0 else 0.0


def _squared_error_of_mean(values: Floats) -> float:
    return float(np.var(values, ddof=1)) / values.size if values.size > 1 else 0.0
