"""Whether the performance of a batch may be judged yet."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.monitors.label_delays import Cohort, LabelDelays, learn_delays
from driftboard.monitors.maturity import LONGEST_WAIT, cohorts, duration, maturity

DAY = 86_400.0
EDGES = (0.0, *np.geomspace(60.0, 365 * DAY, 63).tolist())
KNOWN = LabelDelays(500, 9, (0.0, DAY, 5 * DAY), (0.0, 0.34, 1.0), 0.9)
SAMPLED = LabelDelays(500, 9, (0.0, DAY, 5 * DAY), (0.0, 0.34, 1.0), 0.05)
AT_ONCE = LabelDelays(500, 9, (0.0,), (1.0,), 0.05)
UNKNOWN = LabelDelays(40, 2, unknown="40 of 100 labels needed")


@pytest.mark.parametrize(
    ("n_labels", "age", "delays", "mature", "says"),
    [
        (
            306,
            1 * DAY,
            KNOWN,
            False,
            "provisional: 34 % of the labels are usually known by now, mature in about 3 days",
        ),
        (800, 4 * DAY, KNOWN, True, "mature: 84 % of the labels are usually known by now"),
        (950, 0.1 * DAY, KNOWN, True, "mature: 95 % of the predictions are labelled"),
        (
            17,
            1 * DAY,
            SAMPLED,
            False,
            "provisional: 34 % of the labels are usually known by now, mature in about 3 days",
        ),
        (42, 4 * DAY, SAMPLED, True, "mature: 84 % of the labels are usually known by now"),
        (50, 0.0, AT_ONCE, True, "mature: 100 % of the labels are usually known by now"),
        (40, DAY, UNKNOWN, False, "provisional: the usual label delay is not known yet: 40 of 100 labels needed"),
        (800, DAY, UNKNOWN, True, "mature: 80 % of the predictions are labelled"),
        (40, LONGEST_WAIT, UNKNOWN, True, "mature: labels are not waited for longer than 30 days"),
        (
            200,
            4 * DAY,
            KNOWN,
            True,
            "mature: 84 % of the labels are usually known by now, but here only 200 of about 752: labels may be late",
        ),
    ],
)
def test_a_batch_is_mature_by_its_age_or_its_coverage(n_labels, age, delays, mature, says):
    """1,000 predictions: all cases, in the words that the dashboard shows; a model of 5 % labels matures too."""
    answer = maturity(n_labels, 1_000, age, delays)
    assert (answer.mature, answer.message) == (mature, says)
    assert answer.coverage == n_labels / 1_000


def test_the_wait_is_told_in_seconds() -> None:
    """What is left until the age at which 80 % have arrived; 0 once mature, None while nothing is known."""
    left = maturity(100, 1_000, DAY, KNOWN).matures_in
    assert left == pytest.approx(KNOWN.age_at(0.8) - DAY)
    assert maturity(100, 1_000, DAY + left, KNOWN).mature
    assert maturity(950, 1_000, DAY, KNOWN).matures_in == 0
    assert maturity(100, 1_000, DAY, UNKNOWN).matures_in is None


def test_the_share_can_be_set() -> None:
    """At a day a third has arrived: enough for who asks for no more."""
    assert maturity(100, 1_000, DAY, KNOWN, share=0.3).mature
    assert not maturity(100, 1_000, 4 * DAY, KNOWN, share=0.9).mature


def test_half_of_the_batches_of_a_stream_are_mature_when_they_should_be():
    """Exponential delays of 3 days: batches mature at 4.8 days (ln 5 times the mean), give or take half a day."""
    rng = np.random.default_rng(3)
    batches = []
    for day in range(30):
        waited = rng.exponential(3 * DAY, 200)
        arrived = waited[waited <= day * DAY]
        counts = np.bincount(np.searchsorted(EDGES, arrived), minlength=65)
        batches.append(Cohort(f"{day}", day * DAY, 200, arrived.size, tuple(counts.tolist())))
    delays = learn_delays(batches, EDGES)
    mature = [maturity(each.n_labels, each.n_predictions, each.age, delays).mature for each in batches]
    assert mature == [False] * 5 + [True] * 25
    assert delays.age_at(0.8) == pytest.approx(3 * DAY * np.log(5), abs=DAY / 2)
    table = cohorts(batches, delays)
    assert [row.batch for row in table] == [f"{day}" for day in range(30)]
    assert all(abs(row.coverage - row.expected_coverage) < 0.12 for row in table)
    assert table[1].expected_share == pytest.approx(1 - np.exp(-1 / 3), abs=0.05)


def test_the_table_shows_what_has_arrived_before_anything_is_known() -> None:
    """Coverage without an expectation beside it."""
    (row,) = cohorts([Cohort("a", DAY, 10, 4)], UNKNOWN)
    assert (row.coverage, row.expected_coverage, row.expected_share) == (0.4, None, None)


@given(
    st.integers(-1, 10_000),
    st.integers(-1, 10_000),
    st.floats(),
    st.sampled_from([KNOWN, SAMPLED, AT_ONCE, UNKNOWN]),
    st.floats(0, 1),
)
def test_every_answer_is_finite(n_labels, n_predictions, age, delays, share):
    """Also for a batch without predictions, more labels than predictions, a clock that runs backwards."""
    answer = maturity(n_labels, n_predictions, age, delays, share=share)
    assert 0 <= answer.coverage <= 1
    assert answer.expected_share is None or 0 <= answer.expected_share <= 1
    assert answer.matures_in is None or 0 <= answer.matures_in <= 5 * DAY
    assert answer.message.startswith("mature: " if answer.mature else "provisional: ")


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (59.0, "less than a minute"),
        (60.0, "about 1 minute"),
        (3_599.0, "about 60 minutes"),
        (40 * DAY, "about 40 days"),
    ],
)
def test_a_wait_is_told_in_its_largest_unit(seconds, says):
    """As a person would say it."""
    assert duration(seconds) == says
