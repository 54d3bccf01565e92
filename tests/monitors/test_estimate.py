"""The band of an estimate."""

from math import inf, nan

import pytest

from driftboard.monitors.estimate import estimate


def test_the_band_is_two_sided_95_percent_inside_the_figures_range():
    """Value ± 1.96 standard errors, cut where the figure cannot be."""
    wide = estimate("accuracy", 0.9, variance=0.04, reference=0.8, n=50, most=1.0)
    assert (wide.low, wide.high) == (pytest.approx(0.9 - 1.96 * 0.2, abs=1e-4), 1.0)
    low = estimate("mae", 0.1, variance=1.0, reference=0.1, n=50)
    assert (low.low, low.high) == (0.0, pytest.approx(2.06, abs=1e-3))


@pytest.mark.parametrize(
    ("value", "variance", "reference", "n"), [(nan, 1, 1, 9), (1, inf, 1, 9), (1, 1, nan, 9), (1, 1, 1, 0)]
)
def test_what_is_not_finite_is_no_estimate(value, variance, reference, n):
    """None, for a report holds neither NaN nor infinity, and nothing is estimated from no rows."""
    assert estimate("mae", value, variance=variance, reference=reference, n=n) is None
