"""The outcomes of one batch as numbers."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    f1_score,
    log_loss,
    mean_absolute_error,
    r2_score,
    recall_score,
    roc_auc_score,
    root_mean_squared_error,
)

from driftboard.monitors import Detector, Sample
from tests.monitors.degenerate_samples import healthy, healthy_values
from tests.monitors.samples import classified


def _report(reference, *batches: Sample):
    detector = Detector(reference)
    return [detector.update(batch, str(place)).reports["performance"] for place, batch in enumerate(batches)][-1]


def test_every_figure_of_a_classifier_is_scikit_learns():
    """Accuracy, F1, recall, log loss, Brier (twice the binary one) and AUC, to the histogram's two hundredth."""
    batch = healthy(700, seed=3)
    report = _report(healthy(2_000), batch)
    labels, predicted, second = batch.labels, batch.predicted, batch.scores[:, 1]
    assert report.accuracy == pytest.approx(accuracy_score(labels, predicted))
    assert report.macro_f1 == pytest.approx(f1_score(labels, predicted, average="macro"))
    assert report.weighted_f1 == pytest.approx(f1_score(labels, predicted, average="weighted"))
    assert report.log_loss == pytest.approx(log_loss(labels, batch.scores))
    assert report.brier == pytest.approx(2 * brier_score_loss(labels, second))
    assert report.roc_auc == pytest.approx(roc_auc_score(labels, second), abs=0.005)
    recalls = recall_score(labels, predicted, average=None).tolist()
    assert [each.recall for each in report.by_class] == pytest.approx(recalls)
    assert [each.support for each in report.by_class] == list(report.support)


def test_every_figure_of_a_regression_is_scikit_learns():
    """MAE, RMSE, R²."""
    batch = healthy_values(300, seed=3)
    report = _report(healthy_values(2_000), batch)
    assert report.mae == pytest.approx(mean_absolute_error(batch.labels, batch.predicted))
    assert report.rmse == pytest.approx(root_mean_squared_error(batch.labels, batch.predicted))
    assert report.r2 == pytest.approx(r2_score(batch.labels, batch.predicted))
    assert report.segments[0].interval.low < report.segments[0].value < report.segments[0].interval.high


@pytest.mark.parametrize(("rows", "batches", "expected"), [(400, 1, 1), (400, 4, 4), (600, 4, 2), (1_500, 3, 1)])
def test_calibration_waits_for_a_thousand_labels(rows, batches, expected):
    """One batch of a few hundred says nothing of it: the smallest window with a thousand, else the longest."""
    report = _report(healthy(2_000), *(healthy(rows, seed=seed) for seed in range(1, batches + 1)))
    assert report.calibration.batches == expected
    assert report.calibration.n == rows * expected
    assert 0 <= report.calibration.debiased <= report.calibration.plain <= 1


def test_a_calibrated_model_has_no_calibration_error_beyond_luck():
    """The debiased error is near zero where the plain one is not, and luck's limit lies above both."""
    rng = np.random.default_rng(0)
    batch = healthy(1_200, seed=5)
    right = rng.random(1_200) < batch.confidence
    calibration = _report(
        healthy(2_000), replace(batch, labels=np.where(right, batch.predicted, 1 - batch.predicted))
    ).calibration
    assert calibration.debiased < calibration.plain < calibration.by_luck


def test_no_scores_have_no_calibration_and_no_score_figures():
    """None, not zero."""
    batch = replace(healthy(300, seed=1), scores=np.empty((0, 0)), confidence=np.empty(0))
    report = _report(healthy(2_000), batch)
    assert (report.calibration, report.log_loss, report.brier, report.roc_auc, report.ece) == (None,) * 5


def test_coverage_counts_predictions_not_requests():
    """Failed requests can have no label, and are not waited for."""
    batch = classified(300, seed=1)
    batch.predicted[:100] = -1
    batch.labels[:200] = -1
    report = _report(classified(2_000), batch)
    assert (report.n, report.n_labelled, report.coverage) == (200, 100, 0.5)


def test_estimates_stand_beside_the_figures():
    """Without a single label: accuracy and macro F1 with their bands, and what the reference's were."""
    report = _report(healthy(2_000), replace(healthy(500, seed=2), labels=np.empty(0)))
    assert report.accuracy is None
    assert [each.name for each in report.estimates] == ["accuracy", "macro_f1"]
    accuracy = report.estimates[0]
    assert accuracy.low < accuracy.value < accuracy.high
    assert accuracy.value == pytest.approx(0.9, abs=0.05)
