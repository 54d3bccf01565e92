"""The Kolmogorov-Smirnov test against SciPy."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from driftboard.monitors.ks import ks_statistic, ks_test

VALUES = st.lists(st.sampled_from([-np.inf, -1.5, 0.0, 0.1, 2.0, 3.0, 1e300, np.inf]), min_size=1, max_size=40)
FLOATS = st.lists(st.floats(allow_nan=False), min_size=1, max_size=40)


@given(VALUES | FLOATS, VALUES | FLOATS)
def test_statistic_and_p_value_are_scipys(reference, batch):
    """D is exactly SciPy's and small samples get its exact p-value, with ties and infinities."""
    reference, batch = np.sort(reference), np.sort(batch)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SciPy's own count can round to more than 1
        theirs = ks_2samp(reference, batch)
    ours = ks_test(reference, batch, alpha=0.01)
    assert ours.statistic == theirs.statistic
    no_evidence = ours.p_value > 0.99  # there the limit is used, and a percent more or less says nothing
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=0.01 if no_evidence else 1e-9)


@pytest.mark.parametrize(
    ("n", "n_reference"), [(50, 9_000), (50, 30_000), (200, 9_000), (900, 9_000), (900, 16_000), (3_000, 10_000)]
)
def test_p_value_is_within_ten_per_cent_of_scipys(n, n_reference):
    """Between 1e-4 and 0.5, for the sizes where speed forbids the exact count."""
    rng = np.random.default_rng(n + n_reference)
    compared = 0
    for step in range(15):
        reference = np.sort(rng.normal(size=n_reference))
        batch = np.sort(rng.normal(0.15 * step / np.sqrt(n), 1 + 0.2 * step / np.sqrt(n), n))
        theirs = ks_2samp(reference, batch)
        if 1e-4 <= theirs.pvalue <= 0.5:
            ours = ks_test(reference, batch, alpha=0.01)
            assert ours.statistic == pytest.approx(theirs.statistic, abs=1e-12)
            assert ours.p_value == pytest.approx(theirs.pvalue, rel=0.1)
            compared += 1
    assert compared >= 3


def test_statistic_of_separated_samples_is_one():
    """Nothing in common is the largest gap there is."""
    assert ks_statistic(np.arange(5.0), np.arange(10.0, 12.0)) == 1.0
