"""Reliability counts and the calibration error that noise does not inflate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.monitors.calibration import debiased_error, luck_limit, plain_error, reliability_counts

ROWS = st.lists(st.tuples(st.floats(-0.2, 1.2) | st.integers(0, 10).map(lambda tenth: tenth / 10), st.booleans()))
RUNS = 300


@given(ROWS)
def test_counts_are_those_of_the_rows(rows):
    """(low, high] bins found by looking each row up, also on the tenths that are inexact in binary."""
    known = [(confidence, right) for confidence, right in rows if 0 <= confidence <= 1]
    places = [max(int(np.searchsorted(np.arange(11) / 10, confidence)) - 1, 0) for confidence, _ in known]
    counts = reliability_counts(
        np.array([confidence for confidence, _ in rows], dtype=np.float64),
        np.array([right for _, right in rows], dtype=np.bool_),
    )
    held = [[row for row, at in zip(known, places, strict=True) if at == place] for place in range(10)]
    assert counts.n.tolist() == [len(each) for each in held]
    assert counts.hits.tolist() == [sum(right for _, right in each) for each in held]
    assert counts.confidence.tolist() == pytest.approx([sum(confidence for confidence, _ in each) for each in held])
    drawn = [(round(each.low * 10), each.n, each.accuracy) for each in counts.bins()]
    assert drawn == [
        (place, len(each), sum(right for _, right in each) / len(each)) for place, each in enumerate(held) if each
    ]


def test_plain_error_is_the_weighted_gap():
    """Two bins, computed by hand: 0.75·|1/3 - 0.85| + 0.25·|1 - 0.55|; a row without a confidence counts in neither."""
    confidence, right = np.array([0.85, 0.85, 0.85, 0.55, np.nan]), np.array([True, False, False, True, True])
    assert plain_error(reliability_counts(confidence, right)) == pytest.approx(0.75 * (0.85 - 1 / 3) + 0.25 * 0.45)


def errors(slope, *, n=200, seed=0):
    """Plain and debiased errors of many samples of a model whose logit is off by a slope, and the true error."""
    rng = np.random.default_rng(seed)
    drawn = [draw(rng, n, slope) for _ in range(RUNS)]
    plain = np.array([plain_error(counts) for counts, _ in drawn])
    debiased = np.array([debiased_error(counts) for counts, _ in drawn])
    confidence, chance = scored(rng, 400_000, slope)
    bins = np.ceil(confidence * 10).astype(int)
    truth = np.abs(np.bincount(bins, weights=chance - confidence)).sum() / 400_000
    return np.abs(plain - truth).mean(), np.abs(debiased - truth).mean(), truth


def scored(rng, n, slope):
    """Confidences of a three-class model, and how often each is really right."""
    confidence = 0.5 + 0.5 * rng.beta(1.5, 1.2, n)
    return confidence, 1 / (1 + ((1 - confidence) / confidence) ** slope)


def draw(rng, n, slope):
    """Counts of n rows."""
    confidence, chance = scored(rng, n, slope)
    return reliability_counts(confidence, rng.random(n) < chance), chance


def test_debiased_error_of_a_calibrated_model_is_less_than_half_as_wrong():
    """200 rows of a model whose true error is 0: plain some 0.04, debiased at most half of that."""
    plain, debiased, truth = errors(1.0)
    assert truth < 0.002
    assert plain > 0.03
    assert debiased <= 0.5 * plain


def test_debiased_error_of_a_slightly_wrong_model_is_half_as_wrong():
    """Also where the true error is 0.015: most of what the plain one says there is noise."""
    plain, debiased, truth = errors(0.9)
    assert 0.01 < truth < 0.02
    assert debiased <= 0.5 * plain


@pytest.mark.parametrize(("slope", "most"), [(0.8, 0.9), (0.6, 1.15), (1.5, 1.4)])
def test_debiasing_costs_little_where_the_model_is_far_off(slope, most):
    """Sampling noise alone decides there, which no estimate can remove: the two are about as good."""
    plain, debiased, truth = errors(slope)
    assert truth > 0.025
    assert debiased <= most * plain


def test_debiased_error_finds_the_truth_with_many_rows():
    """It is consistent: 20,000 rows give the true error to within 0.005."""
    plain, debiased, _ = errors(0.6, n=20_000)
    assert debiased < 0.005
    assert plain < 0.005


def test_luck_exceeds_the_limit_once_in_a_hundred():
    """Of calibrated samples of 200 rows, 0.2 to 2.5 % lie above their own limit."""
    rng = np.random.default_rng(3)
    drawn = [draw(rng, 200, 1.0)[0] for _ in range(1000)]
    above = sum(plain_error(counts) > luck_limit(counts) for counts in drawn)
    assert 2 <= above <= 25


def test_nothing_counted_has_no_error():
    """None rather than a perfect 0, and confidences of exactly 0 or 1 are no division by zero."""
    nothing = reliability_counts(np.empty(0), np.empty(0, dtype=np.bool_))
    assert plain_error(nothing) is None
    assert debiased_error(nothing) is None
    assert luck_limit(nothing) is None
    certain = reliability_counts(np.ones(5), np.ones(5, dtype=np.bool_))
    assert (debiased_error(certain), luck_limit(certain)) == (0.0, 0.0)
