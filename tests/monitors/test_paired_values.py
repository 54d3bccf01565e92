"""Two regressions on the same predictions."""

import numpy as np
import pytest
from scipy.stats import ttest_rel

from driftboard.monitors import Categorical, Verdict
from driftboard.monitors.paired_values import compare_values


def two_models(n, *, seed=0, noise=(1.2, 1.0)):
    """Labels, and predictions with so much noise of their own."""
    rng = np.random.default_rng(seed)
    labels = rng.normal(10, 3, n)
    return labels, *(labels + rng.normal(0, each, n) for each in noise)


def test_the_figures_are_those_of_scipy():
    """The paired t test of the absolute errors and its interval, over rows that have all three."""
    labels, first, second = two_models(500)
    labels[:50], first[50], second[51] = np.nan, np.inf, np.nan
    report = compare_values(labels, first, second)
    errors = [np.abs(each - labels)[52:] for each in (first, second)]
    expected = ttest_rel(errors[1], errors[0])
    interval = expected.confidence_interval(0.95)
    assert (report.n, report.n_labelled) == (498, 448)
    assert (report.figures.champion, report.figures.challenger) == tuple(pytest.approx(each.mean()) for each in errors)
    assert report.figures.p_value == pytest.approx(expected.pvalue)
    assert (report.figures.interval.low, report.figures.interval.high) == pytest.approx((interval.low, interval.high))
    assert report.figures.challenger_better == np.count_nonzero(errors[1] < errors[0])


def test_the_smaller_error_is_the_better():
    """Whichever of the two has it."""
    labels, first, second = two_models(1000)
    assert compare_values(labels, first, second).better == "challenger"
    back = compare_values(labels, second, first, names=("v1", "v2"))
    assert back.better == "champion"
    assert back.message.startswith("v1 is better: mean absolute error 0.7")


def test_equal_models_are_called_equal():
    """At most 5 % of the time one is named."""
    named = sum(compare_values(*two_models(100, seed=seed, noise=(1, 1))).better is not None for seed in range(200))
    assert named <= 18


def test_a_constant_difference_is_no_more_certain_than_so_many_tosses():
    """A t test without spread would say p = 0."""
    labels = np.zeros(31)
    assert compare_values(labels, labels + 2, labels + 1).figures.p_value == 2.0**-30


def test_segments_are_compared_by_themselves():
    """As if their rows were all there is."""
    labels, first, second = two_models(600)
    codes = np.arange(600) % 3 - 1
    report = compare_values(labels, first, second, segments={"site": Categorical(codes, ("a", "b"))})
    for segment in report.segments:
        rows = codes == "ab".index(segment.level)
        assert segment.figures.n == 200
        assert segment.figures.challenger == pytest.approx(
            compare_values(labels[rows], first[rows], second[rows]).figures.challenger
        )


@pytest.mark.parametrize("wild", [1e300, -1e308, np.inf, np.nan])
def test_values_that_overflow_are_left_out(wild):
    """A report is finite."""
    labels, first, second = two_models(60)
    first[0] = wild
    report = compare_values(labels, first, second)
    assert report.n_labelled == 59
    assert np.isfinite([report.figures.champion, report.figures.interval.low]).all()


def test_a_single_pair_is_too_few():
    """It has no spread; nothing divides by zero."""
    report = compare_values(np.zeros(1), np.ones(1), np.zeros(1))
    assert (report.verdict, report.figures.p_value) == (Verdict.INSUFFICIENT, 1.0)
