"""How far out of range the reference's own batches lie."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from driftboard.monitors.extremes import extreme_share

VALUES = st.lists(st.floats(-100, 100) | st.sampled_from([np.nan, np.inf, -np.inf]), min_size=1, max_size=20)
DAYS = st.lists(VALUES, min_size=2, max_size=6)


def _shares(days):
    ends = np.cumsum([len(day) for day in days])
    pieces = np.split(np.arange(ends[-1]), ends[:-1])
    below, above = extreme_share({"x": np.concatenate(days)}, pieces)
    return float(below[0]), float(above[0])


@given(DAYS)
def test_shares_are_shares_and_mirror_each_other(days):
    """From 0 to 1, and what is above is below with the sign turned."""
    below, above = _shares(days)
    assert 0 <= below <= 1
    assert 0 <= above <= 1
    assert _shares([[-value for value in day] for day in days]) == (above, below)


def test_a_day_that_held_all_the_extremes_is_usual():
    """Its share, not that of the whole reference."""
    assert _shares([[1.0, 2.0], [1.0, 5.0, 5.0, 2.0], [0.0, 1.0]]) == (0.5, 0.5)


def test_no_batches_teach_nothing():
    """Zero: any value out of range counts."""
    below, above = extreme_share({"x": np.arange(5.0)}, [])
    assert (below.tolist(), above.tolist()) == ([0.0], [0.0])
