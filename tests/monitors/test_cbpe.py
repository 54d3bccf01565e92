"""CBPE against the realised figures, and against NannyML's estimates of the same stream."""

import csv
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from benchmarks.scored import CHUNK, draw_scored
from driftboard.monitors.cbpe import LEAST_LABELS, ClassEstimator
from driftboard.monitors.sample import Sample

ORACLE = Path(__file__).parents[2] / "benchmarks/peers/results/nannyml_cbpe.csv"
COLUMNS = ("predicted", "confidence", "labels", "scores")


def part(sample, start, stop):
    """Some of the rows of a sample, without its features."""
    held = {name: getattr(sample, name)[start:stop] for name in COLUMNS}
    return Sample(stop - start, {}, "classification", sample.classes, **held)


def chunks(sample, size):
    """The sample in pieces."""
    return [part(sample, start, start + size) for start in range(0, sample.n, size)]


def accuracy_of(sample):
    """The realised accuracy."""
    return float((sample.predicted == sample.labels).mean())


@pytest.fixture(scope="module")
def oracle():
    """NannyML's columns, the estimator fitted on the same reference, and its estimates of the same chunks."""
    reference, stream = draw_scored(42, 50_000)
    estimator = ClassEstimator(reference)
    pieces = chunks(stream, CHUNK)
    with ORACLE.open() as file:
        rows = list(csv.DictReader(file))
    columns = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    return columns, pieces, [estimator.estimates(estimator.expect(piece)) for piece in pieces]


def test_accuracy_is_as_near_as_nannymls(oracle):
    """500 chunks of 200: mean absolute error within 5 % of theirs, estimates within 0.002 of theirs on average."""
    columns, pieces, estimates = oracle
    realised, theirs = columns["realised_accuracy"], columns["estimated_accuracy"]
    assert [accuracy_of(piece) for piece in pieces] == pytest.approx(realised, abs=1e-6)
    ours = np.array([accuracy.value for accuracy, _ in estimates])
    assert np.abs(ours - realised).mean() <= 1.05 * np.abs(theirs - realised).mean()
    assert np.abs(ours - theirs).mean() < 0.002


def test_the_bands_hold_what_they_promise(oracle):
    """Between 92 and 99 % of the realised accuracies and macro F1 lie in their 95 % bands."""
    _, pieces, estimates = oracle
    realised = [(accuracy_of(piece), f1_score(piece.labels, piece.predicted, average="macro")) for piece in pieces]
    for place in (0, 1):
        inside = [
            est[place].low <= real[place] <= est[place].high for est, real in zip(estimates, realised, strict=True)
        ]
        assert 0.92 <= np.mean(inside) <= 0.99


def test_the_stream_moves_and_the_estimate_follows():
    """Hard stretches are told from easy ones: estimates of 2,000 rows correlate with what came."""
    reference, stream = draw_scored(5, 20_000)
    estimator = ClassEstimator(reference)
    pieces = chunks(stream, 2000)
    ours = [estimator.estimates(estimator.expect(piece))[0].value for piece in pieces]
    realised = [accuracy_of(piece) for piece in pieces]
    assert np.ptp(realised) > 0.08
    assert np.corrcoef(ours, realised)[0, 1] > 0.9


def test_a_small_reference_widens_the_band():
    """The calibration's own error is in it: with 300 reference rows most of the band of 5,000 rows."""
    reference, stream = draw_scored(6, 20_000)
    few, many = ClassEstimator(part(reference, 0, 300)), ClassEstimator(reference)
    batch = part(stream, 0, 5000)
    narrow, wide = (each.estimates(each.expect(batch))[0] for each in (many, few))
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_sums_of_two_batches_are_those_of_both_together():
    """Each sum adds up, so an hour's estimates make the day's."""
    reference, stream = draw_scored(7, 2000)
    estimator = ClassEstimator(reference)
    added = estimator.expect(part(stream, 0, 700)) + estimator.expect(part(stream, 700, 1500))
    whole = estimator.expect(part(stream, 0, 1500))
    for each in fields(whole):
        assert np.ravel(getattr(added, each.name)) == pytest.approx(np.ravel(getattr(whole, each.name)))


def test_three_classes_in_another_order():
    """Scores are matched by class name, the expected confusion sums to the rows, and macro F1 is near the real one."""
    rng = np.random.default_rng(8)
    truth = rng.dirichlet((1, 1, 1), 8000)
    labels = (rng.random((8000, 1)) > truth.cumsum(axis=1)).sum(axis=1).astype(float)
    scores = truth**2 / (truth**2).sum(axis=1, keepdims=True)
    predicted = scores.argmax(axis=1).astype(float)
    sample = Sample(8000, {}, "classification", ("a", "b", "c"), predicted, scores.max(axis=1), labels, scores)
    estimator = ClassEstimator(part(sample, 0, 6000))
    batch = part(sample, 6000, 8000)
    turned = replace(batch, classes=("c", "b", "a"), predicted=2 - batch.predicted, scores=batch.scores[:, ::-1])
    expected = estimator.expect(turned)
    assert expected.confusion == pytest.approx(estimator.expect(batch).confusion)
    assert expected.confusion.sum() == pytest.approx(2000)
    macro = estimator.estimates(expected)[1]
    assert macro.value == pytest.approx(f1_score(batch.labels, batch.predicted, average="macro"), abs=0.03)


def test_confidence_alone_gives_accuracy_alone():
    """Without the other classes' scores the chance to be right is calibrated, and no F1 is claimed."""
    reference, stream = draw_scored(9, 5000)
    bare = replace(reference, scores=np.empty((0, 0)))
    estimator = ClassEstimator(bare)
    batch = replace(part(stream, 0, 5000), scores=np.empty((0, 0)))
    (accuracy,) = estimator.estimates(estimator.expect(batch))
    assert accuracy.name == "accuracy"
    assert accuracy.value == pytest.approx(accuracy_of(batch), abs=0.03)
    assert accuracy.reference == pytest.approx(accuracy_of(reference), abs=0.01)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: Sample(0),
        lambda batch: replace(batch, scores=np.full_like(batch.scores, np.nan)),
        lambda batch: replace(batch, scores=np.full_like(batch.scores, np.inf)),
        lambda batch: replace(batch, scores=np.empty((0, 0))),
        lambda batch: replace(batch, predicted=np.full(batch.n, -1.0)),
        lambda batch: replace(batch, classes=("x", "y")),
        lambda _: Sample(3, {}, "regression", (), np.ones(3)),
    ],
)
def test_a_batch_without_usable_scores_has_no_estimate(spoil):
    """No rows, no scores, failed requests, unknown classes, the other task: nothing is expected of them."""
    reference, stream = draw_scored(10, 500)
    estimator = ClassEstimator(reference)
    assert estimator.estimates(estimator.expect(spoil(part(stream, 0, 50)))) == ()


def test_scores_that_do_not_sum_to_one_are_normalised():
    """Chances of a row sum to 1 whatever its scores do, also where all of them are 0."""
    reference, stream = draw_scored(11, 500)
    batch = part(stream, 0, 50)
    odd = replace(batch, scores=np.where(np.arange(50)[:, None] % 2, 0.0, batch.scores / 2))
    assert ClassEstimator(reference).expect(odd).confusion.sum() == pytest.approx(50)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda reference: replace(reference, labels=np.empty(0)),
        lambda reference: replace(reference, scores=np.empty((0, 0)), confidence=np.empty(0)),
        lambda reference: part(reference, 0, LEAST_LABELS - 1),
        lambda _: Sample(0),
    ],
)
def test_a_reference_that_cannot_calibrate_estimates_nothing(spoil):
    """Without labels, without scores or with a handful of rows it says so and expects nothing."""
    reference, stream = draw_scored(12, 500)
    estimator = ClassEstimator(spoil(reference))
    assert not estimator.able
    assert estimator.estimates(estimator.expect(part(stream, 0, 50))) == ()


def test_a_reference_of_one_class_is_certain_of_it():
    """One class alone, always right: accuracy 1 with a band that still knows how few rows that was."""
    classes, ones = ("only",), np.ones((100, 1))
    reference = Sample(100, {}, "classification", classes, np.zeros(100), np.ones(100), np.zeros(100), ones)
    estimator = ClassEstimator(reference)
    accuracy, macro = estimator.estimates(estimator.expect(reference))
    assert (accuracy.value, accuracy.high, macro.value) == (1.0, 1.0, 1.0)
    assert 0.98 < accuracy.low < 1.0
