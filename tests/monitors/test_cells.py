"""Frozen cells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.monitors.cells import MOST_LEVELS, level_cells, numeric_cells
from driftboard.monitors.sample import Categorical

FLOATS = st.lists(st.floats(allow_nan=False), max_size=200)


def test_a_large_reference_gets_ten_cells_of_equal_frequency():
    """Deciles: a tenth of the reference each."""
    values = np.sort(np.random.default_rng(0).normal(size=1_000))
    assert numeric_cells(values).count(values).tolist() == [100] * 10


@given(FLOATS, FLOATS)
def test_every_value_falls_into_one_of_at_most_ten_cells(reference, batch):
    """Infinite, outlying and tied values included: nothing is lost, and no cell of the reference's own is split off."""
    cells = numeric_cells(np.sort(np.array(reference, dtype=np.float64)))
    counts = cells.count(np.array(batch, dtype=np.float64))
    assert counts.sum() == len(batch)
    assert counts.size == len(cells.labels) <= 10


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
    ],
)
def test_ties_merge_cells(values, expected):
    """A heavy value has a cell; one never ends up in two, and a constant can be left on either side."""
    ordered = np.sort(np.array(values, dtype=np.float64))
    assert numeric_cells(ordered).count(ordered).tolist() == expected


def test_levels_are_matched_by_name():
    """The same codes under other level names are other levels; unseen and nameless ones are new."""
    cells = level_cells(Categorical(np.array([0, 0, 0, 1, 1, -1]), ("red", "blue", "never used")))
    batch = Categorical(np.array([0, 1, 1, 2, 3, -1]), ("blue", "red", "never used"))
    assert cells.labels == ("red", "blue", "new")
    assert cells.count(batch).tolist() == [2, 1, 2]


def test_levels_beyond_a_thousand_share_a_cell():
    """A high-cardinality column stays bounded: the most frequent levels, other, new."""
    codes = np.concatenate([np.arange(1_500), np.arange(1_000)])
    column = Categorical(codes, tuple(f"level {i}" for i in range(1_500)))
    counts = level_cells(column).count(column)
    assert counts.size == MOST_LEVELS + 2
    assert (counts[-2], counts[-1]) == (500, 0)
