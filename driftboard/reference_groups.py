"""Which batch of its own each row of a reference belongs to, so that its days are compared with its other days."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]

FIRST_BATCHES = 8
"""So many batches tell how long one is."""

_LEAST_GROUPS = 8
_LEAST_ROWS = 20  # of a group, on average

_MINUTE = 60_000_000
_WEEK = 7 * 24 * 60 * _MINUTE
_UNITS = (_MINUTE, 60 * _MINUTE, 24 * 60 * _MINUTE, _WEEK)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a model's batches cut time, in microseconds: every `unit`, `phase` after midnight of 1 January 1970 UTC."""

    unit: int
    phase: int


def rhythm_of(batches: Sequence[tuple[int, int]]) -> Rhythm | None:
    """Return how batches cut time; None without any.

    Parameters
    ----------
    batches
        First and last `predicted_at` of each in microseconds, oldest first; the first eight are looked at.

    The unit is their median length, rounded up to a minute, an hour, a day or whole weeks. The cut lies in the middle
    of the pause that the first batch leaves in its unit: a day of flights that ends at four in the morning, UTC, is not
    cut at midnight.

    >>> hour = 3_600_000_000
    >>> day = rhythm_of([(10 * hour, 28 * hour), (34 * hour, 52 * hour)])
    >>> day.unit // hour, day.phase // hour
    (24, 7)
    """
    spans = [last - first for first, last in batches[:FIRST_BATCHES]]
    if not spans:
        return None
    span = int(median(spans))
    unit = next((each for each in _UNITS if span <= each), -(-span // _WEEK) * _WEEK)
    first, last = batches[0]
    pause = max(unit - (last - first), 0)
    return Rhythm(unit, (first - pause // 2) % unit)


def reference_groups(predicted_at: Codes, rhythm: Rhythm) -> Codes | None:
    """Return the group of each row of the reference: the same unit of time, numbered from 0 in order.

    Parameters
    ----------
    predicted_at
        Shape (n,): microseconds since 1970 UTC.

    Returns
    -------
    Codes or None
        Shape (n,). None where the rows are not in order of time, or would make fewer than 8 groups or fewer than 20
        rows a group on average: such a reference says nothing of how its own batches vary.

    >>> reference_groups(np.repeat(np.arange(8) * 60_000_000, 20), Rhythm(60_000_000, 0)).max()
    np.int64(7)
    """
    if len(predicted_at) < _LEAST_GROUPS * _LEAST_ROWS or np.any(np.diff(predicted_at) < 0):
        return None
    units, groups = np.unique((predicted_at - rhythm.phase) // rhythm.unit, return_inverse=True)
    enough = len(units) >= _LEAST_GROUPS and len(predicted_at) >= _LEAST_ROWS * len(units)
    return groups.astype(np.int64) if enough else None
