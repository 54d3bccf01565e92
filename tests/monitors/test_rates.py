"""Rates that should not rise."""

import numpy as np
import pytest

from driftboard.monitors.fisher import rise_p_value
from driftboard.monitors.rates import rate_wobble, rate_z, test_rates
from driftboard.monitors.wobble import Pieces, no_wobble

test_rates.__test__ = False  # a statistical test, whatever pytest makes of the name


def _rates(hits, rows, reference=(100, 2_000), *, floor=0.05, wobble=None, least=20):
    shape = (np.array([[hits]]), np.array([reference[0]])), (np.array([[rows]]), np.array([reference[1]]))
    wobble = no_wobble(1) if wobble is None else wobble
    return test_rates(("x",), *shape, np.array([[1.0]]), wobble, np.array([floor]), least=least)


def test_a_rise_is_judged_by_fishers_exact_test():
    """Effect: points; evidence: the chance of so many among so many rows."""
    tests = _rates(30, 200)
    assert tests.p_value[0, 0] == rise_p_value(30, 200, 100, 2_000)
    assert tests.effect[0, 0] == pytest.approx(0.10)
    assert tests.measure[0, 0] == "points"


def test_a_rise_that_is_not_worth_a_word_is_not_tested():
    """Less than half the floor, or a fall: p is 1, and no time is spent."""
    assert _rates(700, 10_000).p_value[0, 0] == 1.0
    assert _rates(0, 200).p_value[0, 0] == 1.0


@pytest.mark.parametrize(("rows", "reference"), [(19, (100, 2_000)), (200, (1, 19)), (0, (0, 0))])
def test_too_few_rows_on_either_side_are_not_tested(rows, reference):
    """Nothing is said, and nothing is ok."""
    assert not _rates(rows // 2, rows, reference).tested.any()


def test_the_level_is_kept_on_every_share():
    """Stable rates are rejected at 1 % at most once in a hundred times; the test is exact, so it is rather less."""
    rng = np.random.default_rng(0)
    for share in (0.002, 0.03, 0.3):
        reference, batch = rng.binomial(2_000, share, 4_000), rng.binomial(200, share, 4_000)
        p_values = [rise_p_value(int(k), 200, int(before), 2_000) for k, before in zip(batch, reference, strict=True)]
        assert np.mean(np.array(p_values) <= 0.01) < 0.01 + 3 * np.sqrt(0.01 / 4_000)


def test_z_of_two_rates_is_standard_normal_without_a_difference():
    """Pooled variance, both samples' noise."""
    rng = np.random.default_rng(1)
    hits, before = rng.binomial(200, 0.1, 20_000), rng.binomial(2_000, 0.1, 20_000)
    z = rate_z(hits, np.full(20_000, 200), before, np.full(20_000, 2_000))
    assert z.mean() == pytest.approx(0.0, abs=0.03)
    assert z.std() == pytest.approx(1.0, abs=0.03)


def test_a_wobbling_rate_is_judged_against_its_wobble():
    """Where the reference's own days differ by ten points, ten points more on one day are no evidence."""
    rng = np.random.default_rng(2)
    hits = rng.binomial(200, rng.uniform(0.02, 0.3, 20))[:, None]
    wobble = rate_wobble(Pieces(20, 200, 3_800), (hits, hits.sum(axis=0)), (np.full((20, 1), 200), np.array([4_000])))
    assert wobble.wobbles.tolist() == [True]
    usual = int(hits.sum())
    allowed, strict = _rates(50, 200, (usual, 4_000), wobble=wobble), _rates(50, 200, (usual, 4_000))
    assert strict.p_value[0, 0] < 1e-3
    assert allowed.p_value[0, 0] > 0.02


def test_what_would_show_grows_with_the_noise():
    """`visible` is the rise that these rows prove half the time."""
    few, many = _rates(30, 200).visible(1e-4), _rates(300, 2_000).visible(1e-4)
    assert 0 < many[0, 0] < few[0, 0] < 0.2
