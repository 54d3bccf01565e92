"""The population stability index."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.monitors.psi import psi, psi_noise

COUNTS = st.integers(0, 10_000)
TABLES = st.integers(1, 12).flatmap(lambda k: st.tuples(*[st.lists(COUNTS, min_size=k, max_size=k)] * 2))


def test_psi_is_the_published_formula_where_no_cell_is_empty():
    """With many rows the smoothing vanishes and the textbook sum remains."""
    reference, batch = np.array([40_000, 30_000, 30_000]), np.array([50_000, 30_000, 20_000])
    e, a = reference / reference.sum(), batch / batch.sum()
    assert psi(reference, batch) == pytest.approx(float(np.sum((a - e) * np.log(a / e))), rel=1e-3)


@given(TABLES)
def test_psi_is_finite_and_not_negative_for_any_counts(table):
    """Empty cells, empty batches and empty references give a number."""
    reference, batch = (np.array(counts, dtype=np.int64) for counts in table)
    assert 0 <= psi(reference, batch) < 100


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=12), st.integers(1, 5))
def test_equal_shares_have_no_psi(counts, times):
    """The lent rows are spread like the reference, so they never make a difference of their own."""
    reference = np.array(counts)
    assert psi(reference, reference * times) == pytest.approx(0.0, abs=1e-12)


def test_many_rare_cells_do_not_drown_a_small_batch_in_smoothing():
    """Half a row in each of 500 rare cells would be a PSI above 2 of its own."""
    reference = np.array([8000, 8000, *[1] * 500])
    assert psi(reference, np.array([25, 25, *[0] * 500])) < 0.1


@pytest.mark.parametrize(("n", "n_reference"), [(200, 1000), (1000, 1000)])
def test_psi_without_drift_averages_its_stated_noise(n, n_reference):
    """(k - 1)(1/n + 1/N) is what luck gives (Yurdakul 2018)."""
    rng = np.random.default_rng(7)
    shares = np.full(10, 0.1)
    drawn = [psi(rng.multinomial(n_reference, shares), rng.multinomial(n, shares)) for _ in range(2000)]
    assert np.mean(drawn) == pytest.approx(psi_noise(10, n, n_reference), rel=0.1)
