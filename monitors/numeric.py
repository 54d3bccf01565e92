"""Numeric columns against their frozen reference: counted batch by batch, counts that add up."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import isfinite, isnan
from os import cpu_count

import numpy as np

from driftboard.monitors.cells import COARSE, FINE, NumericCells, numeric_cells
from driftboard.monitors.ks import ks_statistic
from driftboard.monitors.sample import Codes, Floats

_WORTH_THREADS = 400_000
_HIGHEST = float(np.finfo(np.float64).max)
_RANGE_MARKS = 4


@dataclass(frozen=True, slots=True, eq=False)
class NumericCounts:
    """What d numeric columns of some rows hold; the counts of two batches add up.

    Attributes
    ----------
    fine
        Shape (d, 100): values in each fine cell of the reference, ±inf in the outer ones; unused cells are last.
    rows, missing, infinite, below, above
        Shape (d,): rows that have the column at all, NaN, ±inf, and finite values outside the reference's range.
    total
        Shape (d,): sum of the finite values less the reference's mean.
    lowest, highest
        Shape (d,): range of the finite values; +inf and -inf without any.
    ks
        Shape (d,): D against the reference's own values; NaN without values, and in a sum of batches.
    """

    fine: Codes
    rows: Codes
    missing: Codes
    infinite: Codes
    below: Codes
    above: Codes
    total: Floats
    lowest: Floats
    highest: Floats
    ks: Floats

    def __add__(self, other: "NumericCounts") -> "NumericCounts":
        """Return the counts of both together."""
        with np.errstate(over="ignore", invalid="ignore"):
            return NumericCounts(
                fine=self.fine + other.fine,
                rows=self.rows + other.rows,
                missing=self.missing + other.missing,
                infinite=self.infinite + other.infinite,
                below=self.below + other.below,
                above=self.above + other.above,
                total=self.total + other.total,
                lowest=np.minimum(self.lowest, other.lowest),
                highest=np.maximum(self.highest, other.highest),
                ks=np.full_like(self.ks, np.nan),
            )

    @property
    def present(self) -> Codes:
        """Shape (d,): values that are not missing."""
        present: Codes = self.rows - self.missing
        return present

    @property
    def finite(self) -> Codes:
        """Shape (d,): values that a mean can use."""
        finite: Codes = self.rows - self.missing - self.infinite
        return finite


@dataclass(frozen=True, slots=True, eq=False)
class _Frozen:
    """One reference column, as batches are compared with it.

    Attributes
    ----------
    ordered, cells, labels
        Its sorted values, its cells, and a label for each coarse one.
    marks
        What to look up in a sorted batch, so that one search says everything: the upper end of each fine cell, -inf,
        just below the finite range, the end of that range, the highest float.
    mean
        Of the finite values; 0 without any.
    """

    ordered: Floats
    cells: NumericCells
    labels: tuple[str, ...]
    marks: Floats
    mean: float


class NumericColumns:
    """The reference's numeric columns: sorted once, cut into cells once. NaN is missing.

    Attributes
    ----------
    names
        The d columns.
    counts
        The reference's own `NumericCounts`.
    ends
        Shape (d, 10): last fine cell of each coarse cell.
    """

    def __init__(self, columns: Mapping[str, Floats]) -> None:
        self.names = tuple(columns)
        self._places = {name: place for place, name in enumerate(self.names)}
        self._frozen = [_freeze(values) for values in columns.values()]
        self.counts = self.count(columns)
        self.ends = np.full((len(self.names), COARSE), FINE - 1)
        for row, each in zip(self.ends, self._frozen, strict=True):
            row[: each.cells.ends.size - 1] = each.cells.ends[:-1]

    def __len__(self) -> int:
        return len(self.names)

    def labels(self, place: int) -> tuple[str, ...]:
        """Return one label for each coarse cell of a column."""
        return self._frozen[place].labels

    def means(self, counts: NumericCounts) -> list[float | None]:
        """Return the mean of the finite values of each column; None without any, or where the sum overflows."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            means = np.array([each.mean for each in self._frozen]) + counts.total / counts.finite
        return [mean if isfinite(mean) else None for mean in means.tolist()]

    def coarse(self, fine: Codes) -> Codes:
        """Return the counts of the coarse cells, shape (..., d, 10), from those of the fine ones, (..., d, 100)."""
        ends = np.broadcast_to(self.ends, (*fine.shape[:-1], COARSE))
        coarse: Codes = np.diff(np.take_along_axis(np.cumsum(fine, axis=-1), ends, axis=-1), axis=-1, prepend=0)  # type: ignore[assignment] # numpy's stub thinks of times
        return coarse

    def count(self, columns: Mapping[str, Floats], *, exact: bool = True) -> NumericCounts:
        """Count the columns of a batch, matched by name; one it lacks has no rows.

        Parameters
        ----------
        columns
            Shape (n,) each.
        exact
            Whether `ks` is wanted.
        """
        counts = _nothing(len(self.names))
        known = [(self._places[name], values) for name, values in columns.items() if name in self._places]

        def one(column: tuple[int, Floats]) -> None:
            _count(counts, column[0], self._frozen[column[0]], column[1], exact=exact)

        if sum(values.size for _, values in known) < _WORTH_THREADS:
            for column in known:
                one(column)
        else:  # sorting releases the interpreter's lock, and each column writes to its own places
            with ThreadPoolExecutor(cpu_count()) as pool:
                list(pool.map(one, known))
        return counts

    def codes(self, name: str, values: Floats) -> Codes:
        """Return the fine cell of each value, shape (n,); -1 where it is missing."""
        cuts = self._frozen[self._places[name]].cells.cuts
        codes: Codes = np.where(np.isnan(values), -1, np.searchsorted(cuts, values, side="left"))
        return codes


def _nothing(columns: int) -> NumericCounts:
    def zeros() -> Codes:
        return np.zeros(columns, dtype=np.int64)

    return NumericCounts(
        fine=np.zeros((columns, FINE), dtype=np.int64),
        rows=zeros(),
        missing=zeros(),
        infinite=zeros(),
        below=zeros(),
        above=zeros(),
        total=np.zeros(columns),
        lowest=np.full(columns, np.inf),
        highest=np.full(columns, -np.inf),
        ks=np.full(columns, np.nan),
    )


def _freeze(values: Floats) -> _Frozen:
    ordered = np.sort(values)
    ordered = ordered[: ordered.searchsorted(np.nan)]
    finite = ordered[np.isfinite(ordered)]
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(finite.mean()) if finite.size else 0.0
        below, high = (np.nextafter(finite[0], -np.inf), finite[-1]) if finite.size else (-np.inf, _HIGHEST)
    cells = numeric_cells(ordered)
    marks = np.concatenate([cells.cuts, [np.inf, -np.inf, below, high, _HIGHEST]])
    return _Frozen(ordered, cells, cells.labels, marks, mean if np.isfinite(mean) else 0.0)


def _count(counts: NumericCounts, place: int, reference: _Frozen, values: Floats, *, exact: bool) -> None:
    """Write one column's counts into its place."""
    ordered = np.sort(values)
    present = int(ordered.searchsorted(np.nan)) if ordered.size and isnan(ordered[-1]) else ordered.size
    ordered = ordered[:present]
    counts.rows[place], counts.missing[place] = values.size, values.size - present
    if present == 0:
        return
    up_to = ordered.searchsorted(reference.marks, side="right")
    ends, fine = up_to[:-_RANGE_MARKS], counts.fine[place]
    fine[: ends.size] = ends
    fine[1 : ends.size] -= ends[:-1]
    first, below, above, last = up_to[-_RANGE_MARKS:].tolist()
    counts.infinite[place] = first + present - last
    counts.below[place], counts.above[place] = below - first, last - above
    if exact and reference.ordered.size:
        counts.ks[place] = ks_statistic(reference.ordered, ordered)
    if last > first:
        finite = ordered[first:last]
        counts.lowest[place], counts.highest[place] = finite[0], finite[-1]
        with np.errstate(over="ignore", invalid="ignore"):
            counts.total[place] = np.subtract(finite, reference.mean, out=finite).sum()  # `ordered` is ours, and done
