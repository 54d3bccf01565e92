"""Frozen cells: learnt once from the reference, so that the PSI of two batches can be compared."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from driftboard.monitors.sample import Categorical, Codes, Floats

MOST_NUMERIC = 10
MOST_LEVELS = 1_000
OTHER = "other"
NEW = "new"

_ROWS_A_CELL = 5


@dataclass(frozen=True, slots=True, eq=False)
class NumericCells:
    """Up to ten equal-frequency cells (cut, next cut] that together cover -inf to +inf.

    Attributes
    ----------
    cuts
        Shape (k - 1,), rising; k cells.
    """

    cuts: Floats

    @property
    def labels(self) -> tuple[str, ...]:
        """One label a cell, in order."""
        texts = [f"{cut:.6g}" for cut in self.cuts]
        if not texts:
            return ("any",)
        between = [f"{low} - {high}" for low, high in pairwise(texts)]
        return (f"≤ {texts[0]}", *between, f"> {texts[-1]}")

    def count(self, values: Floats) -> Codes:
        """Count values (no NaN) in each cell; shape (k,). An infinite value falls into the first or last one."""
        places = np.searchsorted(self.cuts, values, side="left")
        return np.bincount(places, minlength=self.cuts.size + 1)


def numeric_cells(ordered: Floats) -> NumericCells:
    """Return the cells of a reference: its deciles, merged where they tie.

    Few distinct values get a cell each. A constant gets three: below, equal, above, so that leaving it shows.

    Parameters
    ----------
    ordered
        Sorted, no NaN. Without any values there is one cell.

    >>> numeric_cells(np.array([0.0, 0.0, 0.0, 1.0])).labels
    ('≤ 0', '> 0')
    >>> numeric_cells(np.arange(1.0, 101.0)).count(np.array([-np.inf, 5.0, 95.0, np.inf]))
    array([2, 0, 0, 0, 0, 0, 0, 0, 0, 2])
    """
    distinct = np.unique(ordered)
    if distinct.size == 0:
        return NumericCells(distinct)
    if distinct.size == 1:
        with np.errstate(over="ignore"):  # below the lowest float there is -inf: as it should be
            just_below = np.nextafter(distinct[0], -np.inf)
        return NumericCells(np.unique([just_below, distinct[0]]))
    if distinct.size <= MOST_NUMERIC:
        return NumericCells(distinct[:-1])
    wanted = min(MOST_NUMERIC, max(2, ordered.size // _ROWS_A_CELL))
    deciles = np.quantile(ordered, np.arange(1, wanted) / wanted, method="inverted_cdf")
    return NumericCells(np.unique(np.minimum(deciles, distinct[-2])))


@dataclass(frozen=True, slots=True, eq=False)
class LevelCells:
    """A cell for each level the reference has, one for its rarer ones beyond a thousand, one for levels it never had.

    Attributes
    ----------
    levels
        Most frequent first, at most a thousand.
    rarer
        The reference's other levels: the cell "other", which exists only when there are any.
    """

    levels: tuple[str, ...]
    rarer: frozenset[str]

    @property
    def labels(self) -> tuple[str, ...]:
        """One label a cell, in order; the last is "new"."""
        return (*self.levels, OTHER, NEW) if self.rarer else (*self.levels, NEW)

    def count(self, column: Categorical) -> Codes:
        """Count the present values in each cell, matching levels by name; a code without a name is a new level."""
        last = len(self.labels) - 1
        places = {name: place for place, name in enumerate(self.levels)} | dict.fromkeys(self.rarer, last - 1)
        cells = np.array([*(places.get(name, last) for name in column.levels), last])
        return np.bincount(cells, weights=count_levels(column), minlength=last + 1).astype(np.int64)


def level_cells(column: Categorical) -> LevelCells:
    """Return the cells of a reference: the levels that occur in it, not those it merely declares.

    >>> level_cells(Categorical(np.array([1, 1, 0, -1]), ("red", "blue", "green"))).labels
    ('blue', 'red', 'new')
    """
    seen = Counter(dict(zip(column.levels, count_levels(column).tolist(), strict=False)))
    ranked = [name for name, count in seen.most_common() if count > 0]
    return LevelCells(tuple(ranked[:MOST_LEVELS]), frozenset(ranked[MOST_LEVELS:]))


def count_levels(column: Categorical) -> Codes:
    """Count each level; shape (levels + 1,), the last for codes beyond them. Missing values are left out."""
    present = column.codes[column.codes >= 0]
    return np.bincount(np.minimum(present, len(column.levels)), minlength=len(column.levels) + 1)
