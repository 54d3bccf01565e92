"""Outcomes by segment: how often the model was wrong for each country, device or plan, as counts that add up."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from driftboard.monitors.labelled import Mask, labelled_classes, labelled_values
from driftboard.monitors.sample import Categorical, Codes, Floats, Sample

MOST_LEVELS = 50
"""Levels of a segment that are counted apart; the rarer ones share the place of all others."""


@dataclass(frozen=True, slots=True, eq=False)
class SegmentOutcomes:
    """Counts of the labelled rows at each of the L frozen levels of one segment, and of all others in a last place.

    Attributes
    ----------
    n
        Shape (L + 1,): labelled rows. A row whose level is missing is in no place.
    errors
        Shape (L + 1,): wrong predictions (classification), or the sum of |error| (regression).
    squares
        Shape (L + 1,): the sum of error² (regression); for classification the same as `errors`.
    """

    n: Codes
    errors: Floats
    squares: Floats

    def __add__(self, other: "SegmentOutcomes") -> "SegmentOutcomes":
        """Return the counts of both samples together; both are over the same levels."""
        return SegmentOutcomes(self.n + other.n, self.errors + other.errors, self.squares + other.squares)


def segment_levels(reference: Sample) -> dict[str, tuple[str, ...]]:
    """Return the levels of each segment to count apart: the 50 most frequent of the reference, in its own order.

    >>> town = Categorical(np.array([0, 1, 1, -1]), ("Oslo", "Bonn", "Nice"))
    >>> segment_levels(Sample(4, segments={"town": town}))
    {'town': ('Oslo', 'Bonn')}
    """
    return {name: _frequent(column) for name, column in reference.segments.items()}


def segment_outcomes(
    sample: Sample, levels: Mapping[str, tuple[str, ...]], classes: tuple[str, ...] = ()
) -> dict[str, SegmentOutcomes]:
    """Return the counts of a sample for every segment in `levels`; zeros where the sample lacks the segment.

    Parameters
    ----------
    sample, levels
        The sample, and the reference's `segment_levels`.
    classes
        The reference's class list; classification only.

    >>> town = Categorical(np.array([0, 1, 1]), ("Bonn", "Rome"))
    >>> labels, predicted = np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 5.0])
    >>> sample = Sample(3, {}, "regression", predicted=predicted, labels=labels, segments={"town": town})
    >>> counted = segment_outcomes(sample, {"town": ("Oslo", "Bonn")})["town"]
    >>> counted.n.tolist(), counted.errors.tolist()
    ([0, 1, 2], [0.0, 1.0, 2.0])
    """
    rows, errors = _errors(sample, classes)
    with np.errstate(over="ignore"):
        squares = errors**2
    return {name: _count(sample, name, known, rows, errors, squares) for name, known in levels.items()}


def _errors(sample: Sample, classes: tuple[str, ...]) -> tuple[Mask, Floats]:
    """Which rows are labelled, and the error of each: 0 or 1, or its absolute size."""
    if sample.task == "classification":
        labelled = labelled_classes(sample, classes)
        return labelled.rows, (~labelled.right).astype(np.float64)
    rows = labelled_values(sample)
    if not rows.any():
        return rows, np.empty(0)
    with np.errstate(over="ignore"):
        return rows, np.abs(sample.predicted[rows] - sample.labels[rows])


def _count(
    sample: Sample, name: str, levels: tuple[str, ...], rows: Mask, errors: Floats, squares: Floats
) -> SegmentOutcomes:
    places = _places(sample.segments.get(name), levels, sample.n)[rows]
    known = places >= 0
    places, size = places[known], len(levels) + 1
    return SegmentOutcomes(
        n=np.bincount(places, minlength=size),
        errors=np.bincount(places, weights=errors[known], minlength=size).astype(np.float64),
        squares=np.bincount(places, weights=squares[known], minlength=size).astype(np.float64),
    )


def _places(column: Categorical | None, levels: tuple[str, ...], n: int) -> Codes:
    """The place of each row's level, the last for any other, -1 for none."""
    if column is None or column.codes.size != n:
        return np.full(n, -1, dtype=np.int64)
    order = {name: place for place, name in enumerate(levels)}
    table = [order.get(name, len(levels)) for name in column.levels]
    places: Codes = np.array([*table, len(levels), -1], dtype=np.int64)[np.clip(column.codes, -1, len(table))]
    return places


def _frequent(column: Categorical) -> tuple[str, ...]:
    inside = column.codes[(column.codes >= 0) & (column.codes < len(column.levels))]
    counts = np.bincount(inside, minlength=len(column.levels))
    chosen = np.sort(np.argsort(-counts, kind="stable")[:MOST_LEVELS])
    return tuple(column.levels[each] for each in chosen.tolist() if counts[each])
