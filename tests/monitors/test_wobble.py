"""Wobble: days that differ among themselves."""

import numpy as np
import pytest
from scipy.stats import f

from driftboard.monitors import Categorical, Detector, Numeric, Sample
from driftboard.monitors.baseline import row_slice
from driftboard.monitors.chi_square import ChiSquare
from driftboard.monitors.wobble import Pieces, Wobble, measure_wobble
from tests.monitors.samples import TOWNS

DAYS, ROWS = 40, 200


def _days(days, *, seed, spread=0.4, rows=ROWS):
    """Days that each have a mean, a mix of towns and an error rate of their own."""
    rng = np.random.default_rng(seed)
    means, mixes = rng.normal(0, spread, days), rng.dirichlet(np.full(3, 25 / max(spread, 1e-9)), days)
    rates = np.clip(0.15 + 0.15 * spread * rng.normal(size=days), 0.01, 0.9)
    day = np.repeat(np.arange(days), rows)
    n = days * rows
    town = (rng.random(n)[:, None] > np.cumsum(mixes, axis=1)[day]).sum(axis=1)
    predicted = rng.integers(0, 2, n) * 1.0
    labels = np.where(rng.random(n) < rates[day], 1 - predicted, predicted)
    features = {"temp": Numeric(rng.normal(means[day], 1)), "town": Categorical(np.minimum(town, 2), TOWNS)}
    return Sample(n, features, "classification", ("no", "yes"), predicted, labels=labels)


def _pages(detector, sample, *, days):
    """Pages by layer, of stable days judged one by one."""
    found = []
    for place in range(days):
        batch = row_slice(sample, np.arange(place * ROWS, (place + 1) * ROWS))
        reports = detector.judge([detector.profile(batch, str(place))]).reports
        found.append([reports[name].verdict == "critical" for name in ("feature", "performance")])
    return np.sum(found, axis=0)


def test_stable_days_do_not_page_where_the_reference_knows_that_days_differ():
    """Judged against its own days next to none of sixty; with the reference's rows shuffled a good part of them."""
    reference, later = _days(DAYS, seed=0), _days(60, seed=1)
    shuffled = row_slice(reference, np.random.default_rng(0).permutation(reference.n))
    assert (_pages(Detector(reference), later, days=60) <= 1).all()
    assert (_pages(Detector(shuffled), later, days=60) >= 5).all()


def test_a_drift_beyond_the_wobble_still_pages():
    """It is not a blindfold: a day four spreads away is told."""
    detector, day = Detector(_days(DAYS, seed=0)), _days(1, seed=2)
    moved = Sample(ROWS, {**day.features, "temp": Numeric(day.features["temp"].values + 2.5)})
    feature = detector.update(moved).reports["feature"]
    assert feature.verdict == "critical"
    assert feature.features[0].evidence.wobble > 2
    assert "its batches vary " in feature.features[0].message


def test_groups_say_which_rows_were_a_batch():
    """Days of unequal length, and rows that are not in order of time, are found by their group."""
    reference, day = _days(DAYS, seed=0), np.repeat(np.arange(DAYS), ROWS)
    order = np.random.default_rng(3).permutation(reference.n)
    detector = Detector(row_slice(reference, order), groups=day[order])
    assert (_pages(detector, _days(60, seed=1), days=60) <= 1).all()


def test_independent_rows_do_not_wobble():
    """Where days do not differ, nothing is inflated: at most one test in twenty by chance."""
    rng = np.random.default_rng(4)
    columns = {f"x{place}": Numeric(rng.normal(size=8_000)) for place in range(40)}
    batch = Sample(200, {name: Numeric(rng.normal(size=200)) for name in columns})
    report = Detector(Sample(8_000, columns)).update(batch).reports["feature"]
    assert sum(each.evidence.wobble > 1 for each in report.features) <= 4


def test_rows_that_repeat_wobble():
    """Every row logged four times is a quarter of the evidence; fifty ordered batches tell it by themselves."""
    rng = np.random.default_rng(5)
    detector = Detector(Sample(10_000, {"x": Numeric(np.repeat(rng.normal(size=2_500), 4))}))
    reports = [
        detector.judge([detector.profile(Sample(200, {"x": Numeric(np.repeat(rng.normal(size=50), 4))}), "b")])
        for _ in range(100)
    ]
    evidence = [each.reports["feature"].features[0].evidence for each in reports]
    assert np.median([each.wobble for each in evidence]) == pytest.approx(4.0, rel=0.4)
    assert sum(each.reports["feature"].verdict == "critical" for each in reports) <= 1


def test_too_few_pieces_tell_nothing():
    """Seven batches are no basis for a wobble."""
    statistics = np.full((7, 2), 1e6)
    assert not measure_wobble(ChiSquare(statistics, np.full((7, 2), 9)), Pieces(7, 100, 600)).wobbles.any()


def test_one_degree_of_freedom_takes_four_deviations():
    """Two are not enough for correlations and rates, of which there are thousands."""
    statistic = np.full((8, 1), 1 + 3 * np.sqrt(2 / 8))
    assert not measure_wobble(ChiSquare(statistic, np.ones((8, 1))), Pieces(8, 100, 700)).wobbles.any()
    assert measure_wobble(ChiSquare(statistic * 2, np.ones((8, 1))), Pieces(8, 100, 700)).wobbles.all()


def test_a_known_wobble_is_judged_by_f():
    """Scipy's F tail at the inflated statistic."""
    wobble = Wobble(Pieces(20, 200, 3_800), np.array([3.0]), np.array([5.0]))
    test = ChiSquare(np.array([[60.0]]), np.array([[9]]))
    ours = wobble.p_value(test, np.array([[3.0]]))
    assert float(ours[0, 0]) == pytest.approx(f.sf(60 / 9 / 3, 5, 100))


def test_windows_of_many_days_average_them():
    """Sixteen days feel the wobble as one does; sixteen times the rows on a single day feel it sixteen times more."""
    pieces = Pieces(1_000_000, 200, 2e8)
    one, sixteen = pieces.growth(np.array([1.0, 16.0]), np.array([200.0, 3_200.0]), np.array([2e8, 2e8]))
    assert one == pytest.approx(1.0, rel=1e-3)
    assert sixteen == pytest.approx(1.0, rel=1e-3)
    merged = pieces.growth(np.array([1.0]), np.array([3_200.0]), np.array([2e8]))
    assert merged[0] == pytest.approx(16.0, rel=1e-3)
