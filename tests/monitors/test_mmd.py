"""The maximum mean discrepancy."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from sklearn.metrics.pairwise import rbf_kernel

from driftboard.monitors.mmd import PERMUTATIONS, make_kernel, median_distance


def by_definition(batch, reference, bandwidth):
    """The unbiased estimate as Gretton and others write it, equation 3."""
    xx, yy, xy = (
        rbf_kernel(left, right, gamma=1 / (2 * bandwidth**2))
        for left, right in ((batch, batch), (reference, reference), (batch, reference))
    )
    n, m = len(batch), len(reference)
    return (xx.sum() - n) / (n * (n - 1)) + (yy.sum() - m) / (m * (m - 1)) - 2 * xy.mean()


@pytest.mark.parametrize(("n", "n_reference"), [(2, 50), (40, 40), (70, 25)])
def test_the_statistic_is_the_published_one(n, n_reference):
    """Sums over one joint matrix give what the definition gives, and every relabelling likewise."""
    rng = np.random.default_rng(n)
    batch, reference = rng.normal(0.4, 1, (n, 3)), rng.normal(size=(n_reference, 3))
    found = make_kernel(reference, bandwidth=1.7).test(batch)
    assert found.statistic == pytest.approx(by_definition(batch, reference, 1.7), abs=1e-12)


def test_the_bandwidth_is_the_median_distance():
    """The usual heuristic."""
    points = np.random.default_rng(0).normal(size=(60, 4))
    assert median_distance(points) == pytest.approx(np.median(pdist(points)))


@pytest.mark.parametrize(("points", "bandwidth"), [([[1.0]] * 9 + [[3.0]], 2.0), ([[1.0]] * 4, 1.0), ([[1.0]], 1.0)])
def test_a_bandwidth_is_never_zero(points, bandwidth):
    """Where most points coincide, their median distance would divide by zero."""
    assert median_distance(np.array(points)) == bandwidth


def test_a_p_value_is_never_zero():
    """Luck is one of the relabellings: the smallest is 1 in 200."""
    found = make_kernel(np.zeros((50, 1)), bandwidth=1.0).test(np.full((50, 1), 9.0))
    assert found.p_value == 1 / (PERMUTATIONS + 1)


def test_points_that_all_coincide_are_no_evidence():
    """Rounding decides between equal statistics: they count as at least as large."""
    found = make_kernel(np.full((30, 2), 0.1), bandwidth=1.0).test(np.full((40, 2), 0.1))
    assert (found.statistic, found.p_value) == (pytest.approx(0, abs=1e-9), 1.0)


def test_the_p_value_is_honest_when_nothing_drifts():
    """At most 5 % of stable pairs have p below 0.05, within Monte-Carlo error."""
    rng = np.random.default_rng(13)
    below = sum(
        make_kernel(rng.exponential(size=(60, 2)), bandwidth=1.0).test(rng.exponential(size=(30, 2))).p_value <= 0.05
        for _ in range(400)
    )
    assert 8 <= below <= 34


def test_the_same_rows_give_the_same_p_value():
    """No clock seeds the relabellings."""
    rng = np.random.default_rng(17)
    reference, batch = rng.normal(size=(2, 50, 2))
    assert make_kernel(reference, bandwidth=1.0).test(batch) == make_kernel(reference, bandwidth=1.0).test(batch)
