"""What a monitor looks at: one batch, or the reference, as plain arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

MISSING = -1
"""The code of a missing level, an unknown class or a label that has not arrived."""


@dataclass(frozen=True, slots=True, eq=False)
class Numeric:
    """A numeric feature: float64 of shape (n,); NaN is a missing value, ±inf is a value."""

    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Categorical:
    """A categorical or boolean feature: codes of shape (n,) into `levels`; -1 is a missing value."""

    codes: Codes
    levels: tuple[str, ...]


Column = Numeric | Categorical


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A batch of predictions (or the reference) as arrays of the same length n.

    Attributes
    ----------
    n
        Number of rows.
    features
        Feature name to column.
    task
        `classification` or `regression`.
    classes
        Class names; a class code is a position in this tuple. Empty for regression.
    predicted
        Shape (n,). Class codes (-1: the request failed), or real values for regression (NaN: failed).
    confidence
        Shape (n,), the score of the predicted class in [0, 1]; NaN where the model gave none.
    labels
        Shape (n,). Class codes (-1: not arrived), or real values (NaN: not arrived).
    scores
        Shape (n, number of classes): the model's probability of each class, NaN where it gave none; empty without any.
    segments
        Segment name (country, device) to column.
    """

    n: int
    features: Mapping[str, Column] = field(default_factory=dict)
    task: Literal["classification", "regression"] = "classification"
    classes: tuple[str, ...] = ()
    predicted: Floats = field(default_factory=lambda: np.empty(0))
    confidence: Floats = field(default_factory=lambda: np.empty(0))
    labels: Floats = field(default_factory=lambda: np.empty(0))
    scores: Floats = field(default_factory=lambda: np.empty((0, 0)))
    segments: Mapping[str, Categorical] = field(default_factory=dict)
