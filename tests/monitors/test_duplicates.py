"""Rows that repeat an earlier row."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from driftboard.monitors import Categorical, Numeric, Sample
from driftboard.monitors.duplicates import count_duplicates

ROWS = st.lists(st.tuples(st.sampled_from([0.0, -0.0, 1.0, np.nan, np.inf, 1e-300]), st.integers(-1, 2)), max_size=40)


@given(ROWS)
def test_as_many_as_a_set_would_find(rows):
    """NaN equals NaN here and 0 equals -0: a replayed row is a replayed row."""
    numbers, codes = (np.array([row[place] for row in rows]) for place in (0, 1))
    levels = Categorical(codes.astype(np.int64), ("a", "b", "c"))
    sample = Sample(len(rows), {"x": Numeric(numbers.astype(float)), "town": levels})
    distinct = {("nan" if np.isnan(number) else number + 0.0, code) for number, code in rows}
    assert count_duplicates(sample) == len(rows) - len(distinct)


def test_different_rows_are_not_taken_for_the_same():
    """A hundred thousand neighbouring floats, and the same values the other way round in two columns."""
    close = 1 + np.arange(100_000) * np.finfo(float).eps
    assert count_duplicates(Sample(100_000, {"x": Numeric(close)})) == 0
    x, y = Numeric(np.array([1.0, 2.0])), Numeric(np.array([2.0, 1.0]))
    assert count_duplicates(Sample(2, {"x": x, "y": y})) == 0


def test_no_features_have_no_duplicates():
    """Rows of which nothing is known do not repeat one another."""
    assert count_duplicates(Sample(50)) == 0
