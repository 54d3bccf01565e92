"""A sample with unequal probabilities says what is true of all, and how well it knows it."""

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.monitors.sampled import sampled_mean
from driftboard.monitors.wilson import wilson

SIMULATIONS = 2_000


def test_equal_probabilities_are_a_plain_share():
    """The mean and Wilson's interval, every outcome counts for one; the variance is estimated with n - 1."""
    outcome = np.repeat([1.0, 0.0], [40, 10])
    estimate = sampled_mean(outcome, np.full(50, 0.05), share=True)
    assert (estimate.value, estimate.n, estimate.effective_n) == (pytest.approx(0.8), 50, pytest.approx(50))
    plain = wilson(0.8 * 49, 49)
    assert (estimate.low, estimate.high) == (pytest.approx(plain.low), pytest.approx(plain.high))


def test_nothing_says_nothing_and_one_says_little():
    """No outcome: no estimate. One: any mean is possible, and nearly any share."""
    assert sampled_mean(np.array([]), np.array([]), share=True) is None
    one = sampled_mean(np.array([3.0]), np.array([0.5]), share=False)
    assert (one.value, one.low, one.high, one.n) == (3.0, -inf, inf, 1)
    share = sampled_mean(np.array([1.0]), np.array([0.5]), share=True)
    assert (share.low, share.high) == (pytest.approx(wilson(1, 1).low), 1.0)


def test_outcomes_that_are_all_alike_still_leave_doubt():
    """As Wilson's interval does, with the effective number."""
    estimate = sampled_mean(np.ones(40), np.repeat([0.1, 1.0], 20), share=True)
    assert (estimate.value, estimate.high) == (1.0, 1.0)
    assert estimate.low == pytest.approx(wilson(estimate.effective_n, estimate.effective_n).low)


@given(
    st.lists(st.tuples(st.booleans(), st.floats(0.001, 1)), min_size=1, max_size=50),
    st.floats(0.01, 1),
)
def test_only_the_ratios_of_the_probabilities_matter(rows, factor):
    """All of them twice as likely changes nothing; the interval holds the value and stays within [0, 1]."""
    outcome, probability = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows])
    one = sampled_mean(outcome, probability, share=True)
    other = sampled_mean(outcome, probability * factor, share=True)
    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high), abs=1e-6)
    assert 0 <= one.low <= one.value + 1e-9
    assert one.value - 1e-9 <= one.high <= 1
    assert 1 - 1e-9 <= one.effective_n <= one.n + 1e-9


def queue(generator, *, rows, sure, unsure, often):
    """Predictions of which 15 % are unsure: right or wrong, and the probabilities they are chosen with."""
    is_unsure = generator.random(rows) < 0.15
    outcome = (generator.random(rows) < np.where(is_unsure, unsure, sure)).astype(float)
    return outcome, np.where(is_unsure, often, 0.05)


@pytest.mark.parametrize(("sure", "unsure", "often"), [(0.95, 0.6, 0.5), (0.9, 0.6, 0.05), (0.99, 0.95, 0.2)])
def test_the_interval_holds_the_truth_as_often_as_it_says(sure, unsure, often):
    """In 92 to 98 of 100 samples, where the mean of those that were chosen is wrong by the bias of the choice."""
    generator = np.random.default_rng(6)
    truth = 0.85 * sure + 0.15 * unsure
    held, values, naive = 0, [], []
    for _ in range(SIMULATIONS):
        outcome, probability = queue(generator, rows=2_000, sure=sure, unsure=unsure, often=often)
        chosen = generator.random(2_000) < probability
        estimate = sampled_mean(outcome[chosen], probability[chosen], share=True)
        held += estimate.low <= truth <= estimate.high
        values.append(estimate.value)
        naive.append(outcome[chosen].mean())
    assert 0.92 <= held / SIMULATIONS <= 0.98
    assert np.mean(values) == pytest.approx(truth, abs=0.003)
    if often > 0.05:
        assert np.mean(naive) < truth - 0.005
    if (sure, often) == (0.95, 0.5):
        assert np.mean(naive) < truth - 0.1  # 0.73 instead of 0.90


def test_means_of_errors_are_covered_too():
    """Absolute errors, skewed, three times as large where the model is unsure."""
    generator = np.random.default_rng(7)
    truth = np.sqrt(2 / np.pi) * (0.85 + 3 * 0.15)
    held = 0
    for _ in range(SIMULATIONS):
        is_unsure = generator.random(2_000) < 0.15
        error = np.abs(generator.normal(size=2_000)) * np.where(is_unsure, 3, 1)
        probability = np.where(is_unsure, 0.3, 0.05)
        chosen = generator.random(2_000) < probability
        estimate = sampled_mean(error[chosen], probability[chosen], share=False)
        held += estimate.low <= truth <= estimate.high
    assert 0.92 <= held / SIMULATIONS <= 0.98
