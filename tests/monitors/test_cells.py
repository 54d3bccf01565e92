"""Frozen cells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.monitors.cells import COARSE, FINE, MOST_LEVELS, count_levels, level_cells, numeric_cells
from driftboard.monitors.sample import Categorical

FLOATS = st.lists(st.floats(allow_nan=False), max_size=200)


def _coarse(cells, values):
    return np.diff(np.cumsum(cells.count(values))[cells.ends], prepend=0).tolist()


def test_a_large_reference_gets_a_hundred_cells_of_equal_frequency():
    """Percentiles, ten to each decile."""
    values = np.sort(np.random.default_rng(0).normal(size=1_000))
    cells = numeric_cells(values)
    assert cells.count(values).tolist() == [10] * FINE
    assert _coarse(cells, values) == [100] * COARSE


@given(FLOATS, FLOATS)
def test_every_value_falls_into_one_cell(reference, batch):
    """Infinite, outlying and tied values included: nothing is lost, and coarse cells are made of whole fine ones."""
    cells, values = numeric_cells(np.sort(np.array(reference, dtype=np.float64))), np.sort(np.array(batch, dtype=float))
    counts = cells.count(values)
    assert counts.sum() == len(batch) == sum(_coarse(cells, values))
    assert counts.size <= FINE
    assert cells.ends.size == len(cells.labels) <= COARSE


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=300))
def test_no_cell_of_a_reference_is_empty_unless_it_is_constant(reference):
    """An empty reference cell would make any batch's PSI infinite."""
    values = np.sort(np.array(reference))
    counts = numeric_cells(values).count(values)
    assert (counts > 0).all() or np.unique(values).size == 1


def test_infinite_values_land_in_the_end_cells():
    """-inf is below and +inf above everything (C2)."""
    cells = numeric_cells(np.arange(1_000.0))
    counts = cells.count(np.array([-np.inf, -np.inf, np.inf]))
    assert (counts[0], counts[-1], counts.sum()) == (2, 1, 3)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0] * 95 + [1.0] * 5, [95, 5]),
        ([0.0] * 5 + [1.0] * 95, [5, 95]),
        ([7.0] * 20, [0, 20, 0]),
        (list(range(40)) + [99.0] * 60, [10, 10, 10, 10, 60]),
        ([], [0]),
    ],
)
def test_ties_merge_cells(values, expected):
    """A heavy value has a cell; one never ends up in two, and a constant can be left on either side."""
    ordered = np.sort(np.array(values, dtype=np.float64))
    assert _coarse(numeric_cells(ordered), ordered) == expected


def test_few_distinct_values_get_a_cell_each():
    """Nothing is hidden by lumping counts such as 0, 1, 2 together."""
    values = np.sort(np.repeat([0.0, 1.0, 2.0, 5.0], [970, 20, 7, 3]))
    assert numeric_cells(values).count(values).tolist() == [970, 20, 7, 3]


def test_levels_are_matched_by_name():
    """The same codes under other level names are other levels; unseen and nameless ones are new."""
    cells = level_cells(Categorical(np.array([0, 0, 0, 1, 1, -1]), ("red", "blue", "never used")))
    batch = Categorical(np.array([0, 1, 1, 2, 3, -1]), ("blue", "red", "never used"))
    assert cells.labels == ("red", "blue", "new")
    assert cells.count(batch).tolist() == [2, 1, 2]
    assert cells.unseen(batch, most=5) == ("never used",)


def test_levels_beyond_a_thousand_share_a_cell():
    """A high-cardinality column stays bounded: the most frequent levels, other, new (T8)."""
    codes = np.concatenate([np.arange(1_500), np.arange(1_000)])
    column = Categorical(codes, tuple(f"level {i}" for i in range(1_500)))
    cells = level_cells(column)
    counts = cells.count(column)
    assert counts.size == MOST_LEVELS + 2
    assert (counts[-2], counts[-1]) == (500, 0)
    assert cells.labels[-2:] == ("other", "new")
    assert cells.unseen(column, most=5) == ()


def test_missing_levels_are_not_counted():
    """They are the quality report's; codes beyond the names are."""
    assert count_levels(Categorical(np.array([-1, -5, 0, 7]), ("red",))).tolist() == [1, 1]
