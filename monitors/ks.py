"""Kolmogorov-Smirnov: the largest gap between two empirical distribution functions."""

from math import sqrt

import numpy as np
from scipy.special import kolmogorov
from scipy.stats import ks_2samp, kstwo

from driftboard.monitors.report import Test
from driftboard.monitors.sample import Floats

_EXACT_UP_TO = 1_000_000
_LIMIT_FROM = 200
_NO_EVIDENCE_BELOW = 0.35  # here p > 0.999; SciPy's exact count can round to more than 1, and then warns


def ks_statistic(reference: Floats, batch: Floats) -> float:
    """Return D, the largest gap between the two empirical distribution functions.

    Between two neighbouring values of the batch its own function is flat and the reference's only rises, so the largest
    gap is reached at a value of the batch or just before one: the reference is searched, never sorted again.

    Parameters
    ----------
    reference, batch
        Sorted, no NaN; ±inf is a value like any other. Neither is empty.

    >>> ks_statistic(np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.0, 5.0]))
    0.5
    """
    n, n_reference = batch.size, reference.size
    widest = 0
    for side in ("left", "right"):
        below = np.searchsorted(batch, batch, side=side)
        reference_below = np.searchsorted(reference, batch, side=side)
        widest = max(widest, int(np.abs(below * n_reference - reference_below * n).max()))
    return widest / (n * n_reference)


def ks_test(reference: Floats, batch: Floats, *, alpha: float) -> Test:
    """Return the two-sided Kolmogorov-Smirnov test of sorted samples without NaN, neither of them empty.

    The p-value is exact (SciPy's path counting) while n·N is at most a million; beyond that the distribution of the
    one-sample D at n·N/(n + N) rows, as SciPy's; and from 200 of these on its limit with Vrbik's correction, a hundred
    times as fast. For p in 10⁻⁴ to 0.5 it is within 10 % of SciPy's.

    Source: J. L. Hodges, Arkiv för Matematik 3 (1958), 469; J. Vrbik, Pioneer Journal of Theoretical and Applied
    Statistics 15 (2018), 15.

    >>> test = ks_test(np.array([1.0, 2.0, 3.0, 4.0]), np.array([5.0, 6.0]), alpha=0.01)
    >>> test.statistic, round(test.p_value, 4)
    (1.0, 0.1333)
    """
    statistic = ks_statistic(reference, batch)
    rows = batch.size * reference.size / (batch.size + reference.size)
    certain = statistic * sqrt(rows) < _NO_EVIDENCE_BELOW
    if batch.size * reference.size <= _EXACT_UP_TO and not certain:
        p_value = float(ks_2samp(reference, batch, method="exact").pvalue)
    elif rows < _LIMIT_FROM and not certain:
        p_value = float(kstwo.sf(statistic, round(rows)))
    else:
        p_value = _limit(statistic * sqrt(rows), rows)
    return Test(statistic=statistic, p_value=min(1.0, max(0.0, p_value)), alpha=alpha)


def _limit(z: float, rows: float) -> float:
    return float(kolmogorov(z + 1 / (6 * sqrt(rows)) + (z - 1) / (4 * rows)))
