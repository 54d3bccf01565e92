"""Population stability index: how far a batch's shares lie from the reference's."""

import numpy as np

from driftboard.monitors.sample import Codes, Floats

_MOST_ROWS_LENT = 5.0


def psi(reference: Codes, batch: Codes) -> float:
    """Return the population stability index of two tables of counts over the same k cells.

    PSI = sum((a - e)·ln(a / e)) over the batch's shares a and the reference's shares e.

    A cell that is empty on one side would make it infinite, so shares are smoothed: an empty reference cell counts as
    half a row, and the batch is lent min(k, 10)/2 rows spread like the reference. With ten equal-frequency cells that
    is the usual half row per cell; with many rare cells, half a row in each would drown a small batch, and this does
    not. Cells that are empty on both sides do not count.

    Parameters
    ----------
    reference, batch
        Counts of shape (k,). Either total may be zero: the result is finite.

    Source: S. Siddiqi, Credit Risk Scorecards (Wiley, 2006).

    >>> round(psi(np.array([500, 500]), np.array([100, 100])), 6)
    0.0
    >>> round(psi(np.array([800, 200]), np.array([120, 80])), 4)
    0.1944
    """
    used = (reference > 0) | (batch > 0)
    if not used.any():
        return 0.0
    reference, batch = reference[used], batch[used]
    expected = _shares(np.where(reference > 0, reference, 0.5))
    lent = min(_MOST_ROWS_LENT, reference.size / 2)
    actual = _shares(batch + lent * expected)
    return max(0.0, float(np.sum((actual - expected) * np.log(actual / expected))))


def psi_noise(cells: int, n: int, n_reference: int) -> float:
    """Return the PSI to expect, on average, with nothing drifting: (k - 1)(1/n + 1/N).

    Source: B. Yurdakul, Statistical Properties of Population Stability Index (Western Michigan University, 2018).

    >>> round(psi_noise(10, 200, 1000), 3)
    0.054
    """
    return (cells - 1) * (1 / n + 1 / n_reference)


def _shares(counts: Floats) -> Floats:
    shares: Floats = counts / counts.sum()
    return shares
