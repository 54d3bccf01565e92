"""Numeric columns, counted batch by batch."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.monitors.numeric import NumericColumns, NumericCounts

REFERENCE = np.array([*np.arange(100.0), np.nan, np.inf])
ODD = st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 99.0])
VALUES = st.lists(st.floats(width=32) | ODD, max_size=60).map(np.array)


def _count(values, name="x"):
    return NumericColumns({"x": REFERENCE}).count({name: np.asarray(values, dtype=np.float64)})


@given(VALUES, VALUES)
def test_counts_of_two_batches_add_up_to_the_counts_of_both(first, second):
    """Every field but the KS distance, which only a single batch has; totals as far as rounding goes."""
    added, together = _count(first) + _count(second), _count(np.append(first, second))
    for field in fields(NumericCounts):
        if field.name == "total":
            assert added.total == pytest.approx(together.total, rel=1e-9, abs=1e-6, nan_ok=True)
        elif field.name != "ks":
            assert getattr(added, field.name).tolist() == getattr(together, field.name).tolist(), field.name
    assert np.isnan(added.ks).all()


@given(VALUES)
def test_every_row_is_counted_where_it_belongs(values):
    """Missing, infinite, below, above and inside are what numpy says of the raw values."""
    counts, finite = _count(values), values[np.isfinite(values)] if values.size else values
    assert counts.rows[0] == values.size
    assert counts.missing[0] == np.isnan(values).sum()
    assert counts.infinite[0] == np.isinf(values).sum()
    assert (counts.below[0], counts.above[0]) == ((finite < 0).sum(), (finite > 99).sum())
    assert counts.fine.sum() == counts.present[0] == values.size - np.isnan(values).sum()
    assert counts.finite[0] == finite.size
    if finite.size:
        assert (counts.lowest[0], counts.highest[0]) == (finite.min(), finite.max())


def test_a_column_that_the_batch_lacks_has_no_rows():
    """Columns are matched by name; one that nobody knows is no column (C7)."""
    counts = _count([1.0, 2.0], name="y")
    assert (counts.rows[0], counts.fine.sum(), counts.lowest[0]) == (0, 0, np.inf)


def test_means_are_numpys():
    """From the sum of deviations, which loses nothing far from zero; None without finite values."""
    far = np.random.default_rng(0).normal(1e9, 1, 5_000)
    columns = NumericColumns({"x": far, "y": far})
    counts = columns.count({"x": far[:777], "y": np.full(777, np.inf)})
    assert columns.means(counts) == [pytest.approx(far[:777].mean(), abs=1e-6), None]


def test_codes_are_the_cells_that_counting_fills():
    """The relations' view of a value and the counts agree."""
    columns, values = NumericColumns({"x": REFERENCE}), np.array([-5.0, 0.0, 50.2, 99.0, np.inf, np.nan])
    codes = columns.codes("x", values)
    assert np.bincount(codes[codes >= 0], minlength=100).tolist() == columns.count({"x": values}).fine[0].tolist()
    assert codes[-1] == -1


def test_threads_change_nothing():
    """A million values are sorted by several threads; the counts are those of one."""
    rng = np.random.default_rng(1)
    wide = {f"x{place}": rng.normal(size=30_000) for place in range(40)}
    together, columns = NumericColumns(wide).counts, list(wide)
    alone = NumericColumns({"x7": wide["x7"]}).counts
    assert together.fine[columns.index("x7")].tolist() == alone.fine[0].tolist()
