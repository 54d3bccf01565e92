"""Inputs: rows of features out of whatever a model is asked with."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel
from scipy.sparse import csr_matrix

from driftboard.instrument.inputs import Unreadable, count_rows, rows_of

ROWS = [{"a": 1, "b": 2.5}, {"a": 3, "b": 4.5}]


@dataclass
class Plain:
    a: int
    b: float


class Model(BaseModel):
    a: int
    b: float


@pytest.mark.parametrize(
    "source",
    [
        ROWS,
        tuple(ROWS),
        pd.DataFrame(ROWS),
        np.array([[1, 2.5], [3, 4.5]]),
        csr_matrix([[1, 2.5], [3, 4.5]]),
        [[1, 2.5], [3, 4.5]],
        [np.array([1, 2.5]), np.array([3, 4.5])],
        [Plain(1, 2.5), Plain(3, 4.5)],
        [Model(a=1, b=2.5), Model(a=3, b=4.5)],
    ],
    ids=["mappings", "tuple", "table", "array", "sparse", "lists", "arrays", "dataclasses", "pydantic"],
)
def test_two_rows(source: Any) -> None:
    """Whatever holds two rows is read as two rows, and counted as two."""
    assert rows_of(source, ["a", "b"]) == ROWS
    assert count_rows(source) == 2


@pytest.mark.parametrize(
    "source",
    [{"a": 1, "b": 2.5}, Plain(1, 2.5), Model(a=1, b=2.5), np.array([1, 2.5]), [1, 2.5], pd.Series([1, 2.5])],
    ids=["mapping", "dataclass", "pydantic", "array", "list", "series"],
)
def test_one_row(source: Any) -> None:
    """Whatever is one row is read as one, and counted as one."""
    assert rows_of(source, ["a", "b"]) == ROWS[:1]
    assert count_rows(source) == 1


def test_names() -> None:
    """Features without names are numbered; names that do not fit, and text, are refused without showing a value."""
    assert rows_of([5, 6]) == [{"f0": 5, "f1": 6}]
    assert rows_of([]) == []
    with pytest.raises(Unreadable, match="2 features for 1 feature_names"):
        rows_of([5, 6], ["a"])
    with pytest.raises(Unreadable, match="of type str: give features="):
        rows_of("4711")


def test_the_input_is_copied() -> None:
    """What is done to a row afterwards is not done to what was read."""
    source = {"a": 1}
    (row,) = rows_of(source)
    source["a"] = 2
    assert row == {"a": 1}
