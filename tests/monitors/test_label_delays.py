"""The delay of labels, learnt from batches that still wait for some of theirs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.monitors.label_delays import Cohort, learn_delays

DAY = 86_400.0
EDGES = (0.0, *np.geomspace(60.0, 365 * DAY, 63).tolist())
AGES = np.array([0.25, 0.5, 1, 2, 3, 4, 6, 9, 12]) * DAY


def cohort(name, age, delays, *, n=None):
    """A batch of n predictions of which those labels have arrived that came within its age."""
    here = delays[delays <= age]
    counts = np.bincount(np.searchsorted(EDGES, here), minlength=len(EDGES) + 1)
    return Cohort(name, age, n or delays.size, here.size, tuple(counts.tolist()))


def stream(draw, *, seed=0, days=30, n=200, share=1.0):
    """A batch a day; the newest is a few hours old."""
    rng = np.random.default_rng(seed)
    sizes = rng.binomial(n, share, days)
    return [cohort(f"{day}", (day + 0.3) * DAY, draw(rng, sizes[day]), n=n) for day in range(days)]


def exponential(rng, n):
    """Delays with a mean of 3 days."""
    return rng.exponential(3 * DAY, n)


def naive(cohorts):
    """The share of the labels so far that came within each age: what one gets without minding how young batches are."""
    total = np.sum([each.counts for each in cohorts], axis=0).cumsum()
    return np.interp(AGES, EDGES, total[:-1] / total[-1])


@pytest.mark.parametrize("days", [14, 30])
def test_the_delays_of_young_batches_are_not_taken_for_all(days):
    """Exponential with a mean of 3 days: within 5 points of the truth at every age; the naive count is off by more."""
    truth = 1 - np.exp(-AGES / (3 * DAY))
    ours, theirs = [], []
    for seed in range(10):
        cohorts = stream(exponential, seed=seed, days=days)
        delays = learn_delays(cohorts, EDGES)
        ours.append([delays.arrived_by(age) for age in AGES] - truth)
        theirs.append(naive(cohorts) - truth)
    assert np.abs(ours).max() < 0.05
    assert np.abs(np.mean(ours, axis=0)).max() < 0.5 * np.abs(np.mean(theirs, axis=0)).max()
    assert np.abs(np.mean(theirs, axis=0)).max() > 0.03


def test_the_chain_is_that_of_a_published_triangle():
    """Taylor and Ashe's claims, as in Mack (1993): development 3.4906, 1.7473, 1.4574, 1.1739, ... 1.0177."""
    paid = [
        [357848, 1124788, 1735330, 2218270, 2745596, 3319994, 3466336, 3606286, 3833515, 3901463],
        [352118, 1236139, 2170033, 3353322, 3799067, 4120063, 4647867, 4914039, 5339085],
        [290507, 1292306, 2218525, 3235179, 3985995, 4132918, 4628910, 4909315],
        [310608, 1418858, 2195047, 3757447, 4029929, 4381982, 4588268],
        [443160, 1136350, 2128333, 2897821, 3402672, 3873311],
        [396132, 1333217, 2180715, 2985752, 3691712],
        [440832, 1288463, 2419861, 3483130],
        [359480, 1421128, 2864498],
        [376686, 1363294],
        [344014],
    ]
    edges = (0.0, *(2.0**year for year in range(9)))  # the intervals may be of any length
    triangle = [
        Cohort(f"{year}", edges[9 - year], 1, row[-1], (*np.diff([0, *row]).tolist(), *[0] * (11 - len(row))))
        for year, row in enumerate(paid)
    ]
    arrived = np.array(learn_delays(triangle, edges).arrived)
    developments = [3.4906, 1.7473, 1.4574, 1.1739, 1.1038, 1.0863, 1.0539, 1.0766, 1.0177]
    assert arrived[1:] / arrived[:-1] == pytest.approx(developments, abs=1e-4)


def test_a_sample_of_labels_gives_the_same_delays_and_its_own_coverage():
    """5 % labels: F still rises to 1, and it is the final coverage that is 5 %."""
    delays = learn_delays(stream(exponential, n=4_000, share=0.05), EDGES)
    assert delays.final_coverage == pytest.approx(0.05, rel=0.1)
    assert delays.arrived_by(40 * DAY) == 1.0
    assert delays.expected_coverage(40 * DAY) == delays.final_coverage
    assert delays.age_at(0.8) == pytest.approx(3 * DAY * np.log(5), rel=0.15)


def test_labels_that_come_with_the_batch_have_arrived_at_once():
    """Delay 0 everywhere: F is 1 at age 0."""
    delays = learn_delays([cohort(f"{day}", day * DAY, np.zeros(50)) for day in range(5)], EDGES)
    assert (delays.arrived_by(0.0), delays.age_at(0.8), delays.final_coverage) == (1.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("cohorts", "reason"),
    [
        ([], "0 of 100 labels needed"),
        (stream(exponential, days=4, n=15), " of 100 labels needed"),
        (stream(exponential, days=2, n=500), "labels of 2 of 3 batches needed"),
        (stream(exponential, days=6, n=500), "the oldest labelled batches are not old enough to tell"),
        ([Cohort(f"{day}", day * DAY, 9, 9, (1, 2)) for day in range(99)], "0 of 100 labels needed"),
    ],
)
def test_what_cannot_be_known_is_not(cohorts, reason):
    """Too few labels or batches, a log younger than the delay, counts over other edges: None, and why."""
    delays = learn_delays(cohorts, EDGES)
    assert delays.unknown.endswith(reason)
    assert (delays.arrived_by(DAY), delays.age_at(0.8), delays.expected_coverage(DAY)) == (None, None, None)


def test_the_fast_half_of_the_labels_is_not_taken_for_all():
    """Half at once, half after 40 days: after 60 days the log is too young to tell, after 120 it knows."""

    def draw(rng, n):
        return np.where(rng.random(n) < 0.5, 60.0, 40 * DAY)

    assert learn_delays(stream(draw, days=60), EDGES).unknown
    known = learn_delays(stream(draw, days=120), EDGES)
    assert known.arrived_by(20 * DAY) == pytest.approx(0.5, abs=0.05)


def test_a_backfill_of_old_batches_is_forgotten():
    """Labels came within hours; those of batches older than 200 days all came on one day, months late."""
    rng = np.random.default_rng(0)
    young = [cohort(f"{day}", (day + 0.3) * DAY, rng.exponential(3_600.0, 50)) for day in range(200)]
    old = [cohort(f"{day}", day * DAY, np.full(50, (day - 200) * DAY)) for day in range(260, 360, 5)]
    assert learn_delays([*young, *old], EDGES).age_at(0.8) < DAY


@given(
    st.lists(
        st.tuples(st.floats(0, 400), st.integers(0, 500), st.lists(st.integers(0, 300), min_size=65, max_size=65)),
        max_size=12,
    )
)
def test_the_curve_only_rises_and_is_finite(rows):
    """Whatever the counts, also ones that no batch of that age can have."""
    cohorts = [Cohort("x", age * DAY, n, sum(counts), tuple(counts)) for age, n, counts in rows]
    delays = learn_delays(cohorts, EDGES)
    if delays.arrived:
        arrived = [delays.arrived_by(age) for age in (0.0, 1.0, DAY, 1e9)]
        assert arrived == sorted(arrived)
        assert arrived[0] >= 0
        assert arrived[-1] == 1
        assert 0 <= delays.age_at(0.8) <= delays.edges[-1]
        assert delays.final_coverage is None or 0 <= delays.final_coverage <= 1
    else:
        assert delays.unknown
