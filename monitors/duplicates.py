"""Rows that repeat an earlier row in every feature: a retry, a replayed file, a join that went wrong."""

import numpy as np
from numpy.typing import NDArray

from driftboard.monitors.sample import Codes, Column, Numeric, Sample

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


def count_duplicates(sample: Sample) -> int:
    """Return how many rows repeat an earlier one; 0 without features.

    Rows are compared by a 64-bit hash of their values: among a million rows, two that differ are taken for the same
    once in 40 million times.

    >>> from driftboard.monitors.sample import Numeric
    >>> count_duplicates(Sample(4, {"a": Numeric(np.array([1.0, 2.0, 1.0, np.nan]))}))
    1
    """
    if sample.n == 0 or not sample.features:
        return 0
    rows = np.zeros(sample.n, dtype=np.uint64)
    for column in sample.features.values():
        rows = (rows ^ _bits(column)) * _MULTIPLIER
        rows ^= rows >> _SHIFT
    rows.sort()
    return int(np.count_nonzero(rows[1:] == rows[:-1]))


def _bits(column: Column) -> NDArray[np.uint64]:
    """The column as integers, mixed so that small differences spread over all bits."""
    if isinstance(column, Numeric):
        values = np.where(np.isnan(column.values), np.nan, column.values + 0.0)  # one NaN, one zero
        bits = values.view(np.uint64)
    else:
        codes: Codes = column.codes
        bits = codes.astype(np.uint64)
    mixed = (bits ^ (bits >> _SHIFT)) * _MULTIPLIER
    mixed ^= mixed >> _SHIFT
    return mixed
