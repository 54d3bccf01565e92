"""Canonical values: one of four types, or a reason."""

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.data.values import MAX_TEXT, canonical

ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(max_size=5),
    st.dates(),
    st.decimals(allow_nan=True),
    st.complex_numbers(),
    st.lists(st.integers(), max_size=2),
    st.floats(width=32).map(np.float32),
    st.integers(-5, 5).map(np.int8),
    st.booleans().map(np.bool_),
    st.just(pd.NA),
    st.just(pd.NaT),
    st.text(alphabet=st.characters(categories=["Cs"]), min_size=1, max_size=3),
)


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([1, 2, None], pa.int64(), [1, 2, None]),
        ([1, 2.5], pa.float64(), [1.0, 2.5]),
        ([float("nan"), float("inf"), -0.0], pa.float64(), [None, float("inf"), -0.0]),
        ([True, None], pa.bool_(), [True, None]),
        (["a", None, float("nan")], pa.string(), ["a", None, None]),
        ([None, None], pa.null(), [None, None]),
        ([np.float64(1.5), np.int64(2)], pa.float64(), [1.5, 2.0]),
        (np.array([1, 2], dtype=np.uint8), pa.int64(), [1, 2]),
        (np.array([1.5], dtype=np.float32), pa.float64(), [1.5]),
        (np.array([1.5], dtype=np.float16), pa.float64(), [1.5]),
        (np.array(["x", "y"]), pa.string(), ["x", "y"]),
        (pd.Series(["x", None], dtype="category"), pa.string(), ["x", None]),
        (pd.Series([1, pd.NA], dtype="Int64"), pa.int64(), [1, None]),
        ([Decimal("1.5"), 1], pa.float64(), [1.5, 1.0]),
        (["tab\tand\x00nul", "\ud800"], pa.string(), ["tab\tand\x00nul", "\\ud800"]),
    ],
)
def test_values_are_kept_in_one_of_four_types(values: Any, kind: pa.DataType, expected: list[Any]) -> None:
    """What a caller may reasonably hand in is stored whole."""
    array, reasons = canonical(values, name="x")
    assert (array.type, array.to_pylist(), reasons) == (kind, expected, {})


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (2**70, "beyond 64 bits"),
        (b"bytes", "bytes is neither"),
        (dt.date(2026, 1, 1), "date is neither"),
        ([1], "list is neither"),
        ("text", "a text where a number was expected"),
        (1j, "complex is neither"),
    ],
)
def test_a_bad_value_spoils_its_own_row_only(bad: Any, reason: str) -> None:
    """The other rows of the column are stored."""
    array, reasons = canonical([1, bad, 3], name="x")
    assert array.to_pylist() == [1, None, 3]
    assert list(reasons) == [1]
    assert reason in reasons[1]


def test_the_known_type_decides_which_values_of_a_mixed_column_are_good() -> None:
    """A column of text in the reference stays one, though numbers are in the majority now."""
    array, reasons = canonical([1, "a", 2], name="x", known=pa.string())
    assert array.to_pylist() == [None, "a", None]
    assert sorted(reasons) == [0, 2]


def test_a_column_that_changed_type_as_a_whole_is_kept_as_it_is() -> None:
    """Its monitor says `invalid`; the log does not throw the evidence away."""
    array, reasons = canonical(["a", "b"], name="x", known=pa.float64())
    assert (array.to_pylist(), reasons) == (["a", "b"], {})


def test_a_text_beyond_the_limit_is_refused() -> None:
    """Ten megabytes of text are nobody's category."""
    array, reasons = canonical(["ok", "x" * (MAX_TEXT + 1)], name="x")
    assert array.to_pylist() == ["ok", None]
    assert "longer than" in reasons[1]


@given(st.lists(ANYTHING, max_size=12))
def test_any_column_is_stored_or_refused_row_by_row(values: list[Any]) -> None:
    """No value raises, and none is lost without a reason."""
    array, reasons = canonical(values, name="x")
    assert len(array) == len(values)
    assert array.type in (pa.int64(), pa.float64(), pa.bool_(), pa.string(), pa.null())
    for row, value in enumerate(values):
        if array[row].as_py() is None and row not in reasons:
            assert value.is_nan() if isinstance(value, Decimal) else pd.isna(value)


@given(st.lists(st.floats(allow_nan=True, width=64)))
def test_floats_come_back_bit_for_bit(values: list[float]) -> None:
    """Only NaN, which is missing, changes its form."""
    array, _ = canonical(np.array(values, dtype=np.float64), name="x")
    back = array.cast(pa.float64()).to_numpy(zero_copy_only=False)
    np.testing.assert_array_equal(back, np.array(values, dtype=np.float64))
