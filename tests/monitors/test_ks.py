"""The Kolmogorov-Smirnov test against SciPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from driftboard.monitors.ks import ks_of_cells, ks_p_value, ks_statistic
from driftboard.monitors.numeric import NumericColumns

TIES = st.lists(st.sampled_from([-np.inf, -1.5, 0.0, 0.1, 2.0, 3.0, 1e300, np.inf]), min_size=1, max_size=40)
VALUES = TIES | st.lists(st.floats(allow_nan=False), min_size=1, max_size=40)


@given(VALUES, VALUES)
def test_the_statistic_of_one_batch_is_scipys(reference, batch):
    """D from a profile's counts is exactly that of the raw data: ties, infinities and tiny samples included."""
    columns = NumericColumns({"x": np.array(reference)})
    counts = columns.count({"x": np.array([*batch, np.nan])})
    theirs = _statistic(reference, batch)
    assert counts.ks[0] == ks_statistic(np.sort(reference), np.sort(batch)) == pytest.approx(theirs, rel=1e-12)
    assert ks_of_cells(columns.counts.fine, counts.fine)[0] <= theirs + 1e-12


@given(TIES, TIES)
def test_cells_of_single_values_have_the_samples_own_statistic(reference, batch):
    """Where every value of a large enough reference has its cell, a sum of batches loses nothing."""
    columns = NumericColumns({"x": np.array(reference * 40)})
    if np.isin(batch, reference).all() and np.unique(reference).size > 1:
        fine = columns.count({"x": np.array(batch)}).fine
        assert ks_of_cells(columns.counts.fine, fine)[0] == pytest.approx(_statistic(reference, batch))


def _statistic(reference, batch):
    with np.errstate(divide="ignore"):  # SciPy's p-value of single rows
        return ks_2samp(reference, batch, method="asymp").statistic


@pytest.mark.parametrize(
    ("n", "n_reference"), [(50, 500), (50, 5_000), (73, 2_000), (200, 2_000), (900, 9_000), (1_000, 1_001)]
)
def test_p_value_is_within_ten_per_cent_of_the_exact_one(n, n_reference):
    """Between 1e-4 and 0.5, from 50 rows on."""
    compared = 0
    for step in range(1, 13):
        gap = (0.6 + 0.14 * step) / np.sqrt(n * n_reference / (n + n_reference))
        exact = _apart(gap, n, n_reference)
        if 1e-4 <= exact.pvalue <= 0.5:
            ours = ks_p_value(np.array([exact.statistic]), np.array([n]), np.array([n_reference]))
            assert float(ours[0]) == pytest.approx(exact.pvalue, rel=0.1)
            compared += 1
    assert compared >= 6


def _apart(gap, n, n_reference):
    """SciPy's exact test of two samples that lie about so far apart."""
    batch = (np.arange(n) + 0.5) / n
    batch[: round(gap * n)] = 2.0  # these are beyond all others
    return ks_2samp(np.arange(n_reference) / n_reference, batch, method="exact")


@given(st.floats(0, 1), st.integers(0, 10_000), st.integers(0, 10_000))
def test_any_statistic_has_a_p_value(d, n, n_reference):
    """No rows on a side, no gap, the largest gap: a number from 0 to 1."""
    p_value = float(ks_p_value(np.array([d]), np.array([n]), np.array([n_reference]))[0])
    assert 0 <= p_value <= 1
    assert p_value == 1 or min(n, n_reference) > 0


def test_statistic_of_separated_samples_is_one():
    """Nothing in common is the largest gap there is."""
    assert ks_statistic(np.arange(5.0), np.arange(10.0, 12.0)) == 1.0
