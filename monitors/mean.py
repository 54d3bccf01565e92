"""The mean of what is finite, or nothing."""

from math import isfinite

import numpy as np

from driftboard.monitors.sample import Floats


def finite_mean(values: Floats) -> float | None:
    """Return the mean of the finite values; None without any, or where their sum overflows.

    >>> finite_mean(np.array([1.0, 3.0, np.inf, np.nan]))
    2.0
    """
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return None
    with np.errstate(over="ignore"):
        return finite_or_none(float(finite.mean()))


def finite_or_none(value: float | None) -> float | None:
    """Return the value, or None where it is NaN or infinite: a report holds neither."""
    return value if value is not None and isfinite(value) else None
