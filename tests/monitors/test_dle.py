"""DLE against the realised errors, and against NannyML's estimates of the same stream."""

import csv
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.scored import CHUNK, draw_valued
from driftboard.monitors.dle import LEAST_LABELS, ValueEstimator
from driftboard.monitors.sample import Categorical, Numeric, Sample

ORACLE = Path(__file__).parents[2] / "benchmarks/peers/results/nannyml_dle.csv"


def part(sample, start, stop):
    """Some of the rows of a sample."""
    features = {name: Numeric(column.values[start:stop]) for name, column in sample.features.items()}
    held = {name: getattr(sample, name)[start:stop] for name in ("predicted", "labels")}
    return Sample(stop - start, features, "regression", (), **held)


@pytest.fixture(scope="module")
def small():
    """An estimator fitted on 2,000 rows, and a stream for it."""
    reference, stream = draw_valued(1, 2000)
    return ValueEstimator(reference), stream


@pytest.fixture(scope="module")
def oracle():
    """NannyML's columns, and our estimates of the same chunks from the same reference."""
    reference, stream = draw_valued(42, 20_000)
    estimator = ValueEstimator(reference)
    pieces = [part(stream, start, start + CHUNK) for start in range(0, stream.n, CHUNK)]
    with ORACLE.open() as file:
        rows = list(csv.DictReader(file))
    columns = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    return columns, [estimator.estimates(estimator.expect(piece)) for piece in pieces]


@pytest.mark.parametrize(("place", "name", "apart"), [(0, "mae", 0.006), (1, "rmse", 0.012)])
def test_estimates_are_as_near_as_nannymls(oracle, place, name, apart):
    """200 chunks of 200: mean absolute error within 5 % of theirs, and the two estimates within 1 % of each other."""
    columns, estimates = oracle
    realised, theirs = columns[f"realised_{name}"], columns[f"estimated_{name}"]
    ours = np.array([each[place].value for each in estimates])
    assert np.abs(ours - realised).mean() <= 1.05 * np.abs(theirs - realised).mean()
    assert np.abs(ours - theirs).mean() < apart


@pytest.mark.parametrize(("place", "name"), [(0, "mae"), (1, "rmse")])
def test_the_bands_hold_what_they_promise(oracle, place, name):
    """Between 90 and 99 % of the realised figures lie in their 95 % bands."""
    columns, estimates = oracle
    realised = columns[f"realised_{name}"]
    inside = [each[place].low <= real <= each[place].high for each, real in zip(estimates, realised, strict=True)]
    assert 0.90 <= np.mean(inside) <= 0.99


def test_sums_of_two_batches_are_those_of_both_together(small):
    """Each sum adds up, so an hour's estimates make the day's."""
    estimator, stream = small
    added = estimator.expect(part(stream, 0, 300)) + estimator.expect(part(stream, 300, 1000))
    whole = estimator.expect(part(stream, 0, 1000))
    for each in fields(whole):
        assert np.ravel(getattr(added, each.name)) == pytest.approx(np.ravel(getattr(whole, each.name)))


def test_the_same_reference_gives_the_same_estimate(small):
    """Nothing in it is left to chance: reports are repeatable."""
    estimator, stream = small
    again = ValueEstimator(draw_valued(1, 2000)[0])
    batch = part(stream, 0, 200)
    assert again.estimates(again.expect(batch)) == estimator.estimates(estimator.expect(batch))


def test_levels_are_matched_by_name():
    """A category that makes large errors does so wherever it stands in the batch's own list; a new one is unknown."""
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 2, 1000)
    labels = rng.normal(0, np.where(codes == 1, 5.0, 1.0))
    features = {"town": Categorical(codes, ("calm", "wild"))}
    estimator = ValueEstimator(Sample(1000, features, "regression", (), np.zeros(1000), labels=labels))
    towns = Categorical(np.zeros(50, dtype=np.int64), ("wild", "unheard of"))
    mae, rmse = estimator.estimates(estimator.expect(Sample(50, {"town": towns}, "regression", (), np.zeros(50))))
    assert mae.value == pytest.approx(5 * np.sqrt(2 / np.pi), rel=0.15)
    assert rmse.value == pytest.approx(5, rel=0.15)
    strange = Sample(50, {"town": Categorical(towns.codes + 1, towns.levels)}, "regression", (), np.zeros(50))
    assert estimator.expect(strange).n == 50


@pytest.mark.parametrize(
    "spoil",
    [
        lambda batch: replace(batch, features={}),
        lambda batch: replace(batch, features={"x0": Categorical(np.zeros(50, dtype=np.int64), ("text",))}),
        lambda batch: replace(batch, features={name: Numeric(np.full(50, np.nan)) for name in batch.features}),
        lambda batch: replace(batch, features={name: Numeric(np.full(50, -np.inf)) for name in batch.features}),
        lambda batch: replace(batch, predicted=np.full(50, 1e308)),
    ],
)
def test_spoilt_features_still_give_finite_estimates(small, spoil):
    """Gone, retyped, missing or infinite features are unknown to the model of the error, not an exception."""
    estimator, stream = small
    mae, rmse = estimator.estimates(estimator.expect(spoil(part(stream, 0, 50))))
    assert 0 <= mae.low <= mae.value <= mae.high < np.inf
    assert 0 <= rmse.low <= rmse.value <= rmse.high < np.inf


@pytest.mark.parametrize(
    "batch",
    [
        Sample(0, task="regression"),
        Sample(3, {}, "regression"),
        Sample(3, {}, "regression", (), np.array([np.nan, np.inf, -np.inf])),
        Sample(3, {}, "classification", ("a",), np.zeros(3)),
    ],
)
def test_a_batch_without_predictions_has_no_estimate(small, batch):
    """Nothing is expected of failed requests or of another task."""
    estimator, _ = small
    assert estimator.estimates(estimator.expect(batch)) == ()


def test_a_reference_that_cannot_teach_estimates_nothing():
    """Without labels or with too few of them it says so."""
    reference, stream = draw_valued(3, 1000)
    for poor in (replace(reference, labels=np.empty(0)), part(reference, 0, LEAST_LABELS - 1), Sample(0)):
        estimator = ValueEstimator(poor)
        assert not estimator.able
        assert estimator.estimates(estimator.expect(part(stream, 0, 50))) == ()


def test_a_reference_without_errors_expects_none():
    """A perfect model has an estimate of 0 with no band, and no division by zero."""
    reference, _ = draw_valued(4, 600)
    perfect = replace(reference, labels=reference.predicted)
    estimator = ValueEstimator(perfect)
    mae, rmse = estimator.estimates(estimator.expect(perfect))
    assert (mae.value, rmse.value, mae.high) == (0.0, 0.0, 0.0)


def test_enormous_errors_of_the_reference_are_no_overflow():
    """Rows whose error has no square are not learnt from."""
    reference, _ = draw_valued(5, 600)
    labels = reference.labels.copy()
    labels[:3] = (1e308, -1e308, 1e200)
    estimator = ValueEstimator(replace(reference, labels=labels))
    assert estimator.estimates(estimator.expect(reference))[0].value == pytest.approx(0.8, abs=0.2)


def test_a_feature_without_values_teaches_nothing_and_stops_nothing():
    """A column that is missing throughout the reference is left alone by the model of the error."""
    rng = np.random.default_rng(5)
    features = {"x": Numeric(rng.normal(size=600)), "void": Numeric(np.full(600, np.nan))}
    reference = Sample(600, features, "regression", predicted=np.zeros(600), labels=rng.normal(size=600))
    estimator = ValueEstimator(reference)
    assert [each.name for each in estimator.estimates(estimator.expect(reference))] == ["mae", "rmse"]
