"""Two-sample chi-square test: do two tables of counts come from one distribution?"""

import numpy as np
from scipy.special import chdtrc

from driftboard.monitors.report import Test
from driftboard.monitors.sample import Codes

ENOUGH = 5
"""Rows a cell must be expected to have for the chi-square distribution to be a fair approximation."""


def chi_square(reference: Codes, batch: Codes, *, alpha: float) -> Test:
    """Return the two-sample chi-square test on counts over the same cells.

    The sum of (observed - expected)²/expected over both rows, expected from the margins; k - 1 degrees of freedom:
    what `scipy.stats.chi2_contingency(correction=False)` computes, on the cells that `merge_sparse` leaves. A cell the
    reference never filled is merged away, so a single row in it can neither divide by zero nor make p vanish. With
    fewer than two cells left nothing can differ: statistic 0, p = 1.

    Source: K. Pearson, Philosophical Magazine 50 (1900), 157.

    >>> chi_square(np.array([600, 400]), np.array([100, 100]), alpha=0.01)
    Test(statistic=6.857..., p_value=0.00882..., alpha=0.01)
    """
    table = np.stack(merge_sparse(reference, batch)).astype(np.float64)
    if table.shape[1] <= 1:
        return Test(statistic=0.0, p_value=1.0, alpha=alpha)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    statistic = float(np.sum((table - expected) ** 2 / expected))
    return Test(statistic=statistic, p_value=float(chdtrc(table.shape[1] - 1, statistic)), alpha=alpha)


def merge_sparse(reference: Codes, batch: Codes) -> tuple[Codes, Codes]:
    """Merge the cells that, judged from the reference, are expected to hold fewer than five rows into a rest cell.

    The judge is the reference alone (at the smaller of the two sizes): the batch must not choose its own cells. When
    the rest itself stays below five it takes in the smallest of the other cells.

    >>> merge_sparse(np.array([50, 40, 1, 0]), np.array([50, 40, 1, 9]))
    (array([50, 41]), array([50, 50]))
    """
    rows = int(reference.sum())
    if rows == 0 or batch.sum() == 0:
        return reference[:0], batch[:0]
    expected = reference * (min(rows, int(batch.sum())) / rows)
    sparse = expected < ENOUGH
    if not sparse.any():
        return reference, batch
    if expected[sparse].sum() < ENOUGH and not sparse.all():
        sparse = sparse | (np.arange(reference.size) == np.argmin(np.where(sparse, np.inf, expected)))
    return _merge(reference, sparse), _merge(batch, sparse)


def _merge(counts: Codes, sparse: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Codes:
    return np.append(counts[~sparse], counts[sparse].sum())
