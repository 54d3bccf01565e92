"""Fisher's exact test."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from driftboard.monitors.fisher import rise_p_value

SIDE = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(SIDE, SIDE)
def test_is_scipys_one_sided_fisher_test(batch, reference):
    """The chance of so many hits or more, the margins given."""
    (hits, n), (before, all_before) = batch, reference
    theirs = fisher_exact([[hits, n - hits], [before, all_before - before]], alternative="greater").pvalue
    assert rise_p_value(hits, n, before, all_before) == pytest.approx(theirs, rel=1e-6, abs=1e-300)


@pytest.mark.parametrize(("hits", "expected"), [(0, 1.0), (1, 200 / 2200), (2, 200 * 199 / (2200 * 2199))])
def test_counts_the_ways(hits, expected):
    """Hits that the reference lacks: the chance that all of them fall into the batch."""
    assert rise_p_value(hits, 200, 0, 2000) == pytest.approx(expected)
