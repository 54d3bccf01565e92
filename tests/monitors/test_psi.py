"""The population stability index."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.monitors.psi import psi, psi_limit, psi_noise

COUNTS = st.integers(0, 10_000)
TABLES = st.integers(1, 12).flatmap(lambda k: st.tuples(*[st.lists(COUNTS, min_size=k, max_size=k)] * 2))
TENTHS = np.full(10, 0.1)


def test_psi_is_the_published_formula_where_no_cell_is_empty():
    """With many rows the smoothing vanishes and the textbook sum remains."""
    reference, batch = np.array([40_000, 30_000, 30_000]), np.array([50_000, 30_000, 20_000])
    e, a = reference / reference.sum(), batch / batch.sum()
    assert psi(reference, batch) == pytest.approx(float(np.sum((a - e) * np.log(a / e))), rel=1e-3)


@given(TABLES)
def test_psi_is_finite_and_not_negative_for_any_counts(table):
    """Empty cells, empty batches and empty references give a number."""
    assert 0 <= psi(*np.array(table)) < 100


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=12), st.integers(1, 5))
def test_equal_shares_have_no_psi(counts, times):
    """The lent rows are spread like the reference, so they never make a difference of their own."""
    reference = np.array(counts)
    assert psi(reference, reference * times) == pytest.approx(0.0, abs=1e-12)


def test_many_rare_cells_do_not_drown_a_small_batch_in_smoothing():
    """Half a row in each of 500 rare cells would be a PSI above 2 of its own."""
    reference = np.array([8000, 8000, *[1] * 500])
    assert psi(reference, np.array([25, 25, *[0] * 500])) < 0.1


@pytest.mark.parametrize(("n", "n_reference"), [(1_000, 1_000), (1_000, 5_000), (5_000, 5_000)])
def test_psi_without_drift_has_the_published_mean_and_variance(n, n_reference):
    """(1/n + 1/N) times chi-square with 9 degrees: mean 9 and variance 18 of these units (Yurdakul 2018)."""
    rng, draws = np.random.default_rng(7), 20_000
    drawn = psi(rng.multinomial(n_reference, TENTHS, draws), rng.multinomial(n, TENTHS, draws))
    units = drawn / (1 / n + 1 / n_reference)
    error_of_mean = np.sqrt(18 / draws)
    assert units.mean() == pytest.approx(9.0, abs=4 * error_of_mean + 0.15)  # the chi-square is a limit
    assert units.var() == pytest.approx(18.0, rel=0.08)
    assert psi_noise(np.array(10), np.array(n), np.array(n_reference)) == pytest.approx(drawn.mean(), rel=0.02)


@pytest.mark.parametrize(("n", "critical"), [(100, 0.338), (200, 0.169), (400, 0.085), (1_000, 0.034)])
def test_critical_values_are_the_published_ones(n, critical):
    """The 5 % critical PSI of ten bins with N = n, exceeded by luck once in twenty times (Yurdakul 2018)."""
    from_limit = psi_limit(np.array(10), np.array(n), np.array(n)) * 16.919 / 27.877  # chi-square's 95 and 99.9 %
    assert from_limit == pytest.approx(critical, abs=6e-4)
    rng = np.random.default_rng(n)
    drawn = psi(rng.multinomial(n, TENTHS, 10_000), rng.multinomial(n, TENTHS, 10_000))
    assert np.mean(drawn > critical) == pytest.approx(0.05, abs=0.012)


def test_the_band_of_a_chart_holds_luck_999_times_in_1000():
    """Its upper end is what stable batches exceed once in a thousand times."""
    rng = np.random.default_rng(11)
    drawn = psi(rng.multinomial(5_000, TENTHS, 50_000), rng.multinomial(1_000, TENTHS, 50_000))
    above = np.mean(drawn > psi_limit(np.array(10), np.array(1_000), np.array(5_000)))
    assert above == pytest.approx(0.001, abs=0.0006)


def test_one_cell_has_neither_noise_nor_limit():
    """Where nothing can differ nothing is expected."""
    one, rows = np.array(1), np.array(50)
    assert (psi_noise(one, rows, rows), psi_limit(one, rows, rows)) == (0, 0)
