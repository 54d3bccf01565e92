"""Kolmogorov-Smirnov: the largest gap between two empirical distribution functions."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import kolmogorov
from scipy.stats import kstwo

from driftboard.monitors.sample import Codes, Floats

_MERGED_FROM = 8
_LIMIT_FROM = 100
_NO_EVIDENCE_BELOW = 0.35  # here p > 0.999


def ks_statistic(reference: Floats, batch: Floats) -> float:
    """Return D, the largest gap between the two empirical distribution functions.

    Between two neighbouring values of one sample its own function is flat and the other's only rises, so the largest
    gap is reached at a value of the smaller sample or just before one: the larger is searched, and never sorted again.

    Parameters
    ----------
    reference, batch
        Sorted, no NaN; ±inf is a value like any other. Neither is empty.

    >>> ks_statistic(np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.0, 5.0]))
    0.5
    """
    few, many = (batch, reference) if batch.size <= reference.size else (reference, batch)
    below = _count_below(few, many)
    tied = many.take(below, mode="clip") == few
    steps = few[1:] != few[:-1]
    if np.count_nonzero(tied) or np.count_nonzero(steps) < steps.size:
        return _widest_of_runs(few, many, np.append(steps, True)) / (few.size * many.size)
    gaps = np.arange(1, few.size + 1) * many.size - below * few.size  # just before each value they are many.size less
    return int(max(gaps.max(), many.size - gaps.min())) / (few.size * many.size)


def _count_below(few: Floats, many: Floats) -> Codes:
    """How many of the others lie below each value; merging two samples is faster than searching one of like size."""
    if few.size * _MERGED_FROM < many.size:
        return many.searchsorted(few)
    order = np.concatenate([few, many]).argsort(kind="stable")
    return np.flatnonzero(order < few.size) - np.arange(few.size)


def _widest_of_runs(few: Floats, many: Floats, last: NDArray[np.bool_]) -> int:
    """The largest gap, times both sizes, where values tie; `last` says which of the few end a run of equal ones."""
    ends = np.flatnonzero(last) + 1
    starts = np.append(0, ends[:-1])
    values = few[starts]
    before = starts * many.size - many.searchsorted(values) * few.size
    after = ends * many.size - many.searchsorted(values, side="right") * few.size
    return int(max(before.max(), -before.min(), after.max(), -after.min()))


def ks_of_cells(reference: Codes, batch: Codes) -> Floats:
    """Return D at the cuts between cells: never more than the samples' own, and equal to it where cells hold one value.

    Parameters
    ----------
    reference, batch
        Counts of shape (..., f), of shapes that broadcast; the result is of shape (...), 0 where either is empty.

    >>> float(ks_of_cells(np.array([1, 1, 1, 1]), np.array([0, 0, 1, 1])))
    0.5
    """
    gaps = np.abs(_cumulative(batch) - _cumulative(reference)).max(axis=-1)
    widest: Floats = np.where((reference.sum(axis=-1) > 0) & (batch.sum(axis=-1) > 0), gaps, 0.0)
    return widest


def ks_p_value(statistic: Floats, n: Codes, n_reference: Codes) -> Floats:
    """Return the two-sided p-value of D for samples of n and N rows; 1 where either is empty.

    The distribution of the one-sample D at n·N/(n + N) rows, as SciPy's asymptotic two-sample test; from a hundred of
    these on its limit with Vrbik's correction, a hundred times as fast. For p in 10⁻⁴ to 0.5 and n from 50 it is within
    10 % of the exact one, and beyond, where it matters whom it wakes, too large rather than too small.

    Source: J. L. Hodges, Arkiv för Matematik 3 (1958), 469; J. Vrbik, Pioneer Journal of Theoretical and Applied
    Statistics 15 (2018), 15.

    >>> [float(f"{p:.2g}") for p in ks_p_value(np.array([0.1, 0.3]), np.array([200, 50]), np.array([2000, 2000]))]
    [0.049, 0.00021]
    """
    statistic, n, n_reference = np.broadcast_arrays(statistic, n, n_reference)
    rows = n * n_reference / np.maximum(1, n + n_reference)
    z = statistic * np.sqrt(rows)
    root = np.sqrt(np.maximum(1.0, rows))
    p_value = kolmogorov(np.maximum(0.0, z + 1 / (6 * root) + (z - 1) / (4 * np.maximum(1.0, rows))))
    small = (rows >= 1) & (rows < _LIMIT_FROM) & (z > _NO_EVIDENCE_BELOW)
    if small.any():
        p_value[small] = kstwo.sf(statistic[small], np.round(rows[small]))
    certain: Floats = np.where((rows < 1) | (z <= _NO_EVIDENCE_BELOW), 1.0, np.clip(p_value, 0.0, 1.0))
    return certain


def _cumulative(counts: Codes) -> Floats:
    shares: Floats = np.cumsum(counts, axis=-1) / np.maximum(1, counts.sum(axis=-1, keepdims=True))
    return shares
