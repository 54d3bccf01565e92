"""Two-sample chi-square test: whether tables of counts may come from one distribution."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from driftboard.monitors.sample import Codes, Floats

ENOUGH = 5
"""Rows a cell must be expected to have for the chi-square distribution to be a fair approximation."""

Mask = NDArray[np.bool_]
_SMALLEST = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True, eq=False)
class ChiSquare:
    """Statistics and degrees of freedom of many tests, in arrays of one shape; p is never 0."""

    statistic: Floats
    freedom: Codes

    @property
    def p_value(self) -> Floats:
        """Chance of as large a statistic by luck; 1 where nothing can differ."""
        p_value: Floats = np.where(
            self.freedom > 0, np.maximum(_SMALLEST, chdtrc(np.maximum(1, self.freedom), self.statistic)), 1.0
        )
        return p_value


def chi_square(reference: Codes, batch: Codes) -> ChiSquare:
    """Return the two-sample chi-square test on counts over the same cells.

    The sum of (observed - expected)²/expected over both rows, expected from the margins; k - 1 degrees of freedom:
    what `scipy.stats.chi2_contingency(correction=False)` computes, on cells of which sparse ones are merged into a rest
    cell. When even the rest is too small for the approximation it takes in the smallest other cell. So a single row in
    a cell that the reference never filled can neither divide by zero nor make p vanish. With fewer than two cells left
    nothing can differ: statistic 0, p = 1.

    Parameters
    ----------
    reference, batch
        Counts of shape (..., k), of shapes that broadcast; the result is of shape (...).

    Source: K. Pearson, Philosophical Magazine 50 (1900), 157; W. G. Cochran, Biometrics 10 (1954), 417.

    >>> test = chi_square(np.array([600, 400]), np.array([100, 100]))
    >>> round(float(test.statistic), 3), round(float(test.p_value), 5)
    (6.857, 0.00883)
    >>> bool(chi_square(np.array([6000, 4000, 0]), np.array([6000, 3999, 1])).p_value < 0.01)
    False
    """
    reference, batch = np.broadcast_arrays(reference, batch)
    rows = np.minimum(reference.sum(axis=-1, keepdims=True), batch.sum(axis=-1, keepdims=True))
    sparse = _with_a_fair_rest(sparse_cells(reference, rows), reference, batch, rows)
    table = np.stack([_merged(reference, sparse), _merged(batch, sparse)], axis=-2).astype(np.float64)
    cells = np.count_nonzero(table.sum(axis=-2) > 0, axis=-1)
    total = np.maximum(1.0, table.sum(axis=(-2, -1), keepdims=True))
    expected = table.sum(axis=-1, keepdims=True) * table.sum(axis=-2, keepdims=True) / total
    terms = np.where(expected > 0, (table - expected) ** 2 / np.where(expected > 0, expected, 1.0), 0.0)
    freedom = np.where(rows[..., 0] > 0, np.maximum(0, cells - 1), 0)
    return ChiSquare(np.where(freedom > 0, terms.sum(axis=(-2, -1)), 0.0), freedom)


def sparse_cells(reference: Codes, rows: Codes) -> Mask:
    """Return which cells, judged from the reference alone, are expected to hold fewer than five of so many rows.

    >>> sparse_cells(np.array([50, 40, 9, 1]), np.array([60])).tolist()
    [False, False, False, True]
    """
    sparse: Mask = reference * (rows / np.maximum(1, reference.sum(axis=-1, keepdims=True))) < ENOUGH
    return sparse


def _merged(counts: Codes, sparse: Mask) -> Codes:
    """The counts with the sparse cells emptied into one more, the last."""
    rest = np.where(sparse, counts, 0).sum(axis=-1, keepdims=True)
    return np.concatenate([np.where(sparse, 0, counts), rest], axis=-1)


def _with_a_fair_rest(sparse: Mask, reference: Codes, batch: Codes, rows: Codes) -> Mask:
    """Add the smallest other cell where the rest cell's expected count, from the margins, stays below five."""
    both = reference + batch
    rest = np.where(sparse, both, 0).sum(axis=-1, keepdims=True)
    lacking = (rest * rows < ENOUGH * both.sum(axis=-1, keepdims=True)) & (rest > 0)
    smallest = np.argmin(np.where(sparse | (reference == 0), np.inf, reference), axis=-1)[..., None]
    fair: Mask = sparse | (lacking & (np.arange(sparse.shape[-1]) == smallest))
    return fair
