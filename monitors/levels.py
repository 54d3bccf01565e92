"""Categorical columns against their frozen reference: counted batch by batch, counts that add up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from driftboard.monitors.cells import LevelCells, count_levels, level_cells
from driftboard.monitors.sample import Categorical, Codes

MOST_UNSEEN = 5


@dataclass(frozen=True, slots=True, eq=False)
class LevelCounts:
    """What c categorical columns of some rows hold; the counts of two batches add up.

    Attributes
    ----------
    cells
        Values in each cell of the first column (its levels, "other" where there are rarer ones, "new"), then of the
        second, and so on, in one array.
    rows, missing
        Shape (c,): rows that have the column at all, and those without a value.
    unseen
        A few levels that the reference never had, for each of the c columns.
    """

    cells: Codes
    rows: Codes
    missing: Codes
    unseen: tuple[tuple[str, ...], ...]

    def __add__(self, other: "LevelCounts") -> "LevelCounts":
        """Return the counts of both together."""
        both = zip(self.unseen, other.unseen, strict=True)
        unseen = tuple(tuple(sorted({*first, *second})[:MOST_UNSEEN]) for first, second in both)
        return LevelCounts(self.cells + other.cells, self.rows + other.rows, self.missing + other.missing, unseen)

    @property
    def present(self) -> Codes:
        """Shape (c,): values that are not missing."""
        present: Codes = self.rows - self.missing
        return present


class LevelColumns:
    """The reference's categorical columns, their levels counted once. A batch's levels are matched by name.

    Attributes
    ----------
    names
        The c columns.
    counts
        The reference's own `LevelCounts`.
    once
        Shape (c,): rows of levels that the reference has once. Left out, each would have been of a new level: so many
        new ones are to be expected of as many rows with nothing changing.
    expected
        The reference's cells with those rows as new ones: what a stable batch looks like.

    Source: I. J. Good, Biometrika 40 (1953), 237.
    """

    def __init__(self, columns: Mapping[str, Categorical], *, first: Sequence[str] = ()) -> None:
        self.names = tuple(columns)
        self._cells = [level_cells(column, first=first) for column in columns.values()]
        self._ends = np.cumsum([0, *(len(each.labels) for each in self._cells)]).tolist()
        self.counts = self.count(columns)
        alone = self.count({name: _met_once(column) for name, column in columns.items()})
        self.once = alone.present
        self.expected: Codes = self.counts.cells - alone.cells
        self.expected[[end - 1 for end in self._ends[1:]]] += self.once

    def __len__(self) -> int:
        return len(self.names)

    def cells_of(self, place: int) -> LevelCells:
        """Return the cells of one column."""
        return self._cells[place]

    def part(self, place: int, cells: Codes) -> Codes:
        """Return the counts of one column, shape (..., its cells), the last of them "new"."""
        return cells[..., self._ends[place] : self._ends[place + 1]]

    def new(self, cells: Codes) -> Codes:
        """Return the values that are of new levels, shape (..., c)."""
        return cells[..., [end - 1 for end in self._ends[1:]]]

    def count(self, columns: Mapping[str, Categorical]) -> LevelCounts:
        """Count the columns of a batch, matched by name; one it lacks has no rows."""
        cells = np.zeros(self._ends[-1], dtype=np.int64)
        rows, missing = np.zeros((2, len(self.names)), dtype=np.int64)
        unseen: list[tuple[str, ...]] = [()] * len(self.names)
        for place, name in enumerate(self.names):
            column = columns.get(name)
            if column is None:
                continue
            mine = self.part(place, cells)
            mine[:] = self._cells[place].count(column)
            rows[place], missing[place] = column.codes.size, column.codes.size - mine.sum()
            if mine[-1]:
                unseen[place] = self._cells[place].unseen(column, most=MOST_UNSEEN)
        return LevelCounts(cells, rows, missing, tuple(unseen))


def _met_once(column: Categorical) -> Categorical:
    """The column's rows whose level has no other row; codes without a name are new anyhow."""
    counts = count_levels(column)[:-1]
    named = column.codes[(column.codes >= 0) & (column.codes < counts.size)]
    return Categorical(named[counts[named] == 1], column.levels)
