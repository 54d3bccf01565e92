"""Two-sample chi-square test: whether two tables of counts may come from one distribution."""

import sys

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from driftboard.monitors.report import Test
from driftboard.monitors.sample import Codes

ENOUGH = 5
"""Rows a cell must be expected to have for the chi-square distribution to be a fair approximation."""

Mask = NDArray[np.bool_]


def chi_square(reference: Codes, batch: Codes, *, alpha: float) -> Test:
    """Return the two-sample chi-square test on counts over the same cells.

    The sum of (observed - expected)²/expected over both rows, expected from the margins; k - 1 degrees of freedom:
    what `scipy.stats.chi2_contingency(correction=False)` computes, on cells of which sparse ones are merged into a rest
    cell. When even the rest is too small for the approximation it takes in the smallest other cell. So a single row in
    a cell that the reference never filled can neither divide by zero nor make p vanish (p is never 0). With fewer than
    two cells left nothing can differ: statistic 0, p = 1.

    Source: K. Pearson, Philosophical Magazine 50 (1900), 157; W. G. Cochran, Biometrics 10 (1954), 417.

    >>> test = chi_square(np.array([600, 400]), np.array([100, 100]), alpha=0.01)
    >>> round(test.statistic, 3), round(test.p_value, 5)
    (6.857, 0.00883)
    >>> chi_square(np.array([6000, 4000, 0]), np.array([6000, 3999, 1]), alpha=0.01).rejects
    False
    """
    rows = min(int(reference.sum()), int(batch.sum()))
    sparse = _with_a_fair_rest(sparse_cells(reference, rows), reference, batch, rows)
    table = np.stack([merge(reference, sparse), merge(batch, sparse)]).astype(np.float64)
    if rows == 0 or table.shape[1] <= 1:
        return Test(statistic=0.0, p_value=1.0, alpha=alpha)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    statistic = float(np.sum((table - expected) ** 2 / expected))
    p_value = max(sys.float_info.min, float(chdtrc(table.shape[1] - 1, statistic)))
    return Test(statistic=statistic, p_value=p_value, alpha=alpha)


def sparse_cells(reference: Codes, rows: int) -> Mask:
    """Return which cells, judged from the reference alone, are expected to hold fewer than five of so many rows.

    >>> sparse_cells(np.array([50, 40, 9, 1]), 60).tolist()
    [False, False, False, True]
    """
    sparse: Mask = reference * (rows / max(1, int(reference.sum()))) < ENOUGH
    return sparse


def merge(counts: Codes, sparse: Mask) -> Codes:
    """Merge the sparse cells into one, the last.

    >>> merge(np.array([50, 0, 40, 1]), np.array([False, True, False, True]))
    array([50, 40,  1])
    """
    return np.append(counts[~sparse], counts[sparse].sum()) if sparse.any() else counts


def _with_a_fair_rest(sparse: Mask, reference: Codes, batch: Codes, rows: int) -> Mask:
    """Add the smallest other cell where the rest cell's expected count, from the margins, stays below five."""
    both = reference + batch
    if sparse.all() or not sparse.any() or both[sparse].sum() * rows >= ENOUGH * both.sum():
        return sparse
    smallest = np.argmin(np.where(sparse, np.inf, reference))
    fair: Mask = sparse | (np.arange(sparse.size) == smallest)
    return fair
