"""Frozen cells: learnt once from the reference, so that the counts of two batches can be compared and added up."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from driftboard.monitors.sample import Categorical, Codes, Floats

COARSE = 10
FINE = 100
MOST_LEVELS = 1_000
OTHER = "other"
NEW = "new"

_ROWS_A_CELL = 5


@dataclass(frozen=True, slots=True, eq=False)
class NumericCells:
    """Equal-frequency cells (cut, next cut] that together cover -inf to +inf: up to 100 fine ones inside up to ten.

    Attributes
    ----------
    cuts
        Shape (f - 1,), rising: f fine cells.
    coarse_cuts
        Shape (k - 1,), some of the fine cuts: k coarse cells.
    """

    cuts: Floats
    coarse_cuts: Floats

    @property
    def labels(self) -> tuple[str, ...]:
        """One label a coarse cell, in order."""
        texts = [f"{cut:.6g}" for cut in self.coarse_cuts]
        if not texts:
            return ("any",)
        between = [f"{low} - {high}" for low, high in pairwise(texts)]
        return (f"≤ {texts[0]}", *between, f"> {texts[-1]}")

    @property
    def ends(self) -> Codes:
        """Shape (k,): the last fine cell of each coarse cell."""
        ends: Codes = np.append(np.searchsorted(self.cuts, self.coarse_cuts), self.cuts.size)
        return ends

    def count(self, ordered: Floats) -> Codes:
        """Count sorted values (no NaN) in each fine cell; shape (f,). ±inf falls into the last or first one."""
        return np.diff(np.searchsorted(ordered, self.cuts, side="right"), prepend=0, append=ordered.size)


def numeric_cells(ordered: Floats) -> NumericCells:
    """Return the cells of a reference: its percentiles and deciles, merged where they tie.

    Few distinct values get a cell each. A constant gets three: below, equal, above, so that leaving it shows.

    Parameters
    ----------
    ordered
        Sorted, no NaN. Without any values there is one cell.

    >>> numeric_cells(np.array([0.0, 0.0, 0.0, 1.0])).labels
    ('≤ 0', '> 0')
    >>> cells = numeric_cells(np.arange(1.0, 1001.0))
    >>> cells.cuts.size + 1, cells.coarse_cuts.size + 1, cells.ends[:3].tolist()
    (100, 10, [9, 19, 29])
    """
    distinct = np.unique(ordered)
    if distinct.size == 0:
        return NumericCells(distinct, distinct)
    if distinct.size == 1:
        with np.errstate(over="ignore"):  # below the lowest float there is -inf: as it should be
            just_below = np.nextafter(distinct[0], -np.inf)
        around = np.unique([just_below, distinct[0]])
        return NumericCells(around, around)
    coarse = _cuts(ordered, distinct, COARSE)
    return NumericCells(np.union1d(_cuts(ordered, distinct, FINE), coarse), coarse)


def _cuts(ordered: Floats, distinct: Floats, most: int) -> Floats:
    if distinct.size <= most and distinct.size <= max(COARSE, ordered.size // _ROWS_A_CELL):
        return distinct[:-1]
    wanted = min(most, max(2, ordered.size // _ROWS_A_CELL))
    quantiles = np.quantile(ordered, np.arange(1, wanted) / wanted, method="inverted_cdf")
    return np.unique(np.minimum(quantiles, distinct[-2]))


@dataclass(frozen=True, slots=True, eq=False)
class LevelCells:
    """A cell for each level the reference has, one for its rarer ones beyond a thousand, one for levels it never had.

    Attributes
    ----------
    levels
        Most frequent first, at most a thousand.
    rarer
        The reference's other levels: the cell "other".
    """

    levels: tuple[str, ...]
    rarer: frozenset[str]

    @property
    def labels(self) -> tuple[str, ...]:
        """One label a cell, in order; the last two are "other" (where there are rarer ones) and "new"."""
        return (*self.levels, OTHER, NEW) if self.rarer else (*self.levels, NEW)

    def count(self, column: Categorical) -> Codes:
        """Count the present values in each cell, matching levels by name; a code without a name is a new level."""
        last = len(self.labels) - 1
        places = {name: place for place, name in enumerate(self.levels)} | dict.fromkeys(self.rarer, last - 1)
        cells = np.array([*(places.get(name, last) for name in column.levels), last])
        return np.bincount(cells, weights=count_levels(column), minlength=last + 1).astype(np.int64)

    def unseen(self, column: Categorical, *, most: int) -> tuple[str, ...]:
        """Return the first few levels of the column, in order of name, that occur in it and never did here."""
        known = {*self.levels, *self.rarer}
        counts = count_levels(column).tolist()
        found = (name for name, count in zip(column.levels, counts, strict=False) if count and name not in known)
        return tuple(sorted(found)[:most])


def level_cells(column: Categorical, *, first: Sequence[str] = ()) -> LevelCells:
    """Return the cells of a reference: the levels `first`, then those that occur in it, not those it merely declares.

    >>> level_cells(Categorical(np.array([1, 1, 0, -1]), ("red", "blue", "green"))).labels
    ('blue', 'red', 'new')
    """
    seen = Counter(dict(zip(column.levels, count_levels(column).tolist(), strict=False)))
    ranked = list(dict.fromkeys((*first, *(name for name, count in seen.most_common() if count > 0))))
    return LevelCells(tuple(ranked[:MOST_LEVELS]), frozenset(ranked[MOST_LEVELS:]))


def count_levels(column: Categorical) -> Codes:
    """Count each level; shape (levels + 1,), the last for codes beyond them. Missing values are left out."""
    present = column.codes[column.codes >= 0]
    return np.bincount(np.minimum(present, len(column.levels)), minlength=len(column.levels) + 1)
