"""Two models on the same predictions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.monitors.mcnemar import PairedCounts, mcnemar, paired_difference

COUNT = st.integers(0, 2000)


def test_mcnemar_is_the_published_exact_test():
    """Airway reactivity of 21 children before and after treatment (Fagerland, Lydersen and Laake 2014): p = 0.070."""
    assert mcnemar(PairedCounts(1, 1, 7, 12)) == pytest.approx(2 * 9 / 2**8)


def test_without_disagreement_there_is_no_evidence():
    """No coin was tossed."""
    assert mcnemar(PairedCounts(50, 0, 0, 3)) == 1.0


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((1, 1, 7, 12), 0.026, 0.507),  # Fagerland and others 2014, Newcombe's square-and-add
        ((36, 2, 12, 0), 0.0569, 0.3404),  # Newcombe 1998, method 10
    ],
)
def test_the_interval_is_the_published_one(counts, low, high):
    """To the digits that were printed; the sign turned, as ours is the second less the first."""
    interval = paired_difference(PairedCounts(*counts))
    assert (interval.low, interval.high) == (pytest.approx(low, abs=6e-4), pytest.approx(high, abs=6e-4))


@given(COUNT, COUNT, COUNT, COUNT)
def test_the_interval_holds_the_difference_and_turns_with_the_models(both, first, second, neither):
    """Inside [-1, 1], around the difference, mirrored when the models change places."""
    interval = paired_difference(PairedCounts(both, first, second, neither))
    mirrored = paired_difference(PairedCounts(both, second, first, neither))
    n = max(1, both + first + second + neither)
    assert -1 <= interval.low <= (second - first) / n + 1e-12
    assert (second - first) / n - 1e-12 <= interval.high <= 1
    assert (interval.low, interval.high) == (pytest.approx(-mirrored.high), pytest.approx(-mirrored.low))


def test_the_interval_covers_the_truth_as_often_as_it_says():
    """About 95 of 100 times, for two models of 90 % and 92 % that agree a lot."""
    rng = np.random.default_rng(0)
    draws = rng.multinomial(400, (0.88, 0.02, 0.04, 0.06), size=2000)
    intervals = [paired_difference(PairedCounts(*row)) for row in draws.tolist()]
    assert 0.935 <= np.mean([each.low <= 0.02 <= each.high for each in intervals]) <= 0.98
