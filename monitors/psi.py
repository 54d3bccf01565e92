"""Population stability index: how far a batch's shares lie from the reference's."""

import numpy as np
from scipy.special import chdtri

from driftboard.monitors.sample import Codes, Floats

_MOST_ROWS_LENT = 5.0
_RARE = 0.001


def psi(reference: Codes, batch: Codes) -> Floats:
    """Return the population stability index of tables of counts over the same k cells.

    PSI = sum((a - e)·ln(a / e)) over the batch's shares a and the reference's shares e.

    A cell that is empty on one side would make it infinite, so shares are smoothed: an empty reference cell counts as
    half a row, and the batch is lent min(k, 10)/2 rows spread like the reference. With ten equal-frequency cells that
    is the usual half row per cell; with many rare cells, half a row in each would drown a small batch, and this does
    not. Cells that are empty on both sides do not count.

    Parameters
    ----------
    reference, batch
        Counts of shape (..., k), of shapes that broadcast. Totals may be zero: the result, of shape (...), is finite.

    Source: S. Siddiqi, Credit Risk Scorecards (Wiley, 2006).

    >>> round(float(psi(np.array([500, 500]), np.array([100, 100]))), 6)
    0.0
    >>> psi(np.array([800, 200]), np.array([[120, 80], [160, 40]])).round(4).tolist()
    [0.1944, 0.0]
    """
    reference, batch = np.broadcast_arrays(reference, batch)
    used = (reference > 0) | (batch > 0)
    expected = _shares(np.where(used, np.where(reference > 0, reference, 0.5), 0.0))
    lent = np.minimum(_MOST_ROWS_LENT, used.sum(axis=-1, keepdims=True) / 2)
    actual = _shares(batch + lent * expected)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(used, (actual - expected) * np.log(actual / expected), 0.0)
    total: Floats = np.maximum(0.0, terms.sum(axis=-1))
    return total


def psi_noise(cells: Codes, n: Codes, n_reference: Codes) -> Floats:
    """Return the PSI to expect, on average, with nothing drifting: (k - 1)(1/n + 1/N).

    Source: B. Yurdakul, Statistical Properties of Population Stability Index (Western Michigan University, 2018).

    >>> round(float(psi_noise(np.array(10), np.array(200), np.array(1000))), 3)
    0.054
    """
    noise: Floats = np.maximum(0, cells - 1) * _both(n, n_reference)
    return noise


def psi_limit(cells: Codes, n: Codes, n_reference: Codes) -> Floats:
    """Return the PSI that luck exceeds once in a thousand times: the upper end of the noise band of a chart.

    The 99.9 % quantile of chi-square with k - 1 degrees of freedom, times (1/n + 1/N).

    >>> round(float(psi_limit(np.array(10), np.array(200), np.array(1000))), 3)
    0.167
    """
    limit: Floats = np.where(cells > 1, chdtri(np.maximum(1, cells - 1), _RARE), 0.0) * _both(n, n_reference)
    return limit


def _both(n: Codes, n_reference: Codes) -> Floats:
    both: Floats = 1 / np.maximum(1, n) + 1 / np.maximum(1, n_reference)
    return both


def _shares(counts: Floats) -> Floats:
    shares: Floats = counts / np.maximum(counts.sum(axis=-1, keepdims=True), np.finfo(float).tiny)
    return shares
