"""Quantiles of a histogram."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.monitors.histogram import histogram_quantile

BOUNDS = (0.1, 0.2, 0.5, 1.0)
cells = st.lists(st.integers(0, 10**6), min_size=5, max_size=5)
shares = st.floats(0.001, 0.999)


def test_nothing_has_no_quantile():
    """No cells, or empty ones."""
    assert histogram_quantile(0.5, BOUNDS, ()) is None
    assert histogram_quantile(0.5, BOUNDS, (0,) * 5) is None


@pytest.mark.parametrize(
    ("q", "counted", "expected"),
    [
        (0.5, (10, 0, 0, 0, 0), 0.05),
        (0.5, (5, 5, 0, 0, 0), 0.1),
        (0.95, (0, 0, 100, 0, 0), 0.485),
        (0.95, (90, 0, 0, 10, 0), 0.75),
        (0.99, (1, 0, 0, 0, 99), 1.0),
    ],
)
def test_known_quantiles(q: float, counted: tuple[int, ...], expected: float):
    """As Prometheus computes them; what lies above the last bound is told as that bound."""
    assert histogram_quantile(q, BOUNDS, counted) == pytest.approx(expected)


@given(cells, shares, shares)
def test_quantiles_grow_with_their_share(counted: list[int], one: float, other: float):
    """And stay within the bounds."""
    low, high = (histogram_quantile(q, BOUNDS, counted) for q in sorted((one, other)))
    if low is None or high is None:
        return
    assert 0 <= low <= high + 1e-9
    assert high <= BOUNDS[-1]


def test_it_is_near_the_true_quantile():
    """Within the cell that holds it."""
    durations = np.random.default_rng(7).lognormal(-1.5, 0.6, 10_000)
    counted, _ = np.histogram(durations, [0, *BOUNDS, np.inf])
    true = float(np.quantile(durations, 0.95))
    estimate = histogram_quantile(0.95, BOUNDS, counted.tolist())
    assert estimate is not None
    assert np.searchsorted(BOUNDS, estimate) == np.searchsorted(BOUNDS, true)
