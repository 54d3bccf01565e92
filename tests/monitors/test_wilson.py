"""Wilson's interval."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from driftboard.monitors.wilson import wilson


@given(st.integers(1, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_interval_is_scipys(trial):
    """Equal to binomtest's Wilson interval, for any share."""
    theirs = binomtest(*trial).proportion_ci(method="wilson")
    ours = wilson(*trial)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_nothing_tried_is_nothing_known():
    """No trials leave every share possible."""
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)
