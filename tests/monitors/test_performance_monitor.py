"""The outcomes."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from driftboard.monitors import PerformanceMonitor, Sample


def test_decay_is_critical_and_says_by_how_much(classification_sample):
    """Ten points lost on 400 labels are beyond luck."""
    monitor = PerformanceMonitor(classification_sample(3_000))
    report = monitor.report(classification_sample(400, seed=1, right=0.75))
    assert report.verdict == "critical"
    assert report.message.startswith("performance decayed: accuracy 9")
    assert report.message.endswith("400 of 400 predictions labelled.")
    assert report.accuracy_interval.high < report.reference_accuracy


def test_scores_are_scikit_learns(classification_sample):
    """Accuracy and macro F1 of the labelled rows, over the reference's classes."""
    batch = classification_sample(300, seed=2)
    batch.labels[200:] = -1
    report = PerformanceMonitor(classification_sample(3_000)).report(batch)
    labels, predicted = batch.labels[:200], batch.predicted[:200]
    assert report.accuracy == pytest.approx(accuracy_score(labels, predicted))
    assert report.macro_f1 == pytest.approx(f1_score(labels, predicted, average="macro"))
    assert (report.n, report.n_labelled, report.coverage) == (300, 200, pytest.approx(2 / 3))
    assert sum(map(sum, report.confusion)) == sum(report.support) == 200


def test_a_small_batch_does_not_page_by_its_noise(classification_sample):
    """Forty labels lose five points in many stable batches; at most one in a hundred may page (C11)."""
    monitor = PerformanceMonitor(classification_sample(5_000))
    reports = [monitor.report(classification_sample(40, seed=seed)) for seed in range(1, 201)]
    lost = [report for report in reports if report.accuracy <= report.reference_accuracy - 0.05]
    critical = [report for report in reports if report.verdict == "critical"]
    assert len(lost) > 20
    assert len(critical) <= 2


def test_stable_batches_of_two_hundred_are_not_critical(classification_sample):
    """Twenty stable batches page nobody."""
    monitor = PerformanceMonitor(classification_sample(5_000))
    verdicts = [monitor.report(classification_sample(200, seed=seed)).verdict for seed in range(1, 21)]
    assert "critical" not in verdicts


def test_a_class_absent_from_the_batch_is_no_decay(classification_sample):
    """Macro F1 over the fixed list counts it as 0; without evidence of its recall that is information (C12)."""
    batch = classification_sample(300, seed=1, right=1.0)
    batch.predicted[batch.predicted == 2] = 0
    batch = replace(batch, labels=batch.predicted.copy())
    report = PerformanceMonitor(classification_sample(3_000)).report(batch)
    assert report.macro_f1 == pytest.approx(2 / 3)
    assert report.support[2] == 0
    assert report.verdict == "info"


def test_macro_f1_alone_is_a_warning_where_a_recall_fell():
    """Accuracy loses two points, which nobody would see; the rare class loses its recall."""
    labels = np.repeat([0.0, 1.0], [960, 40])
    reference = Sample(1_000, {}, "classification", ("ok", "fraud"), labels.copy(), labels=labels)
    reference.predicted[:30] = 1.0
    worse = labels.copy()
    worse[960:985] = 0.0
    worse[:5] = 1.0
    report = PerformanceMonitor(reference).report(replace(reference, predicted=worse))
    assert report.accuracy_interval.high > report.reference_accuracy
    assert report.verdict == "warning"
    assert "recall fell" in report.message


def test_a_label_class_never_seen_extends_the_list(classification_sample):
    """It comes after the reference's own classes, and is said (C10)."""
    batch = classification_sample(300, seed=1)
    batch = replace(batch, classes=("martian", *batch.classes), predicted=batch.predicted + 1, labels=batch.labels + 1)
    batch.labels[:2] = 0
    report = PerformanceMonitor(classification_sample(3_000)).report(batch)
    assert report.classes == ("ok", "late", "lost", "martian")
    assert report.support[-1] == 2
    assert "labels never seen before: `martian`" in report.message
    assert report.accuracy > 0.8


def test_no_labels_are_no_data(classification_sample):
    """Nothing has arrived: no exception, no zero, no ok (C13)."""
    batch = classification_sample(300, seed=1)
    for labels in (np.full(300, -1.0), np.full(300, np.nan), np.empty(0)):
        report = PerformanceMonitor(classification_sample(3_000)).report(replace(batch, labels=labels))
        assert report.verdict == "no_data"
        assert report.accuracy is None
        assert report.message == "no labels have arrived; 0 of 300 predictions labelled."


def test_too_few_labels_say_how_many_are_needed(classification_sample):
    """Ten labels are reported but not judged (C14)."""
    batch = classification_sample(300, seed=1)
    batch.labels[10:] = -1
    report = PerformanceMonitor(classification_sample(3_000)).report(batch)
    assert report.verdict == "insufficient"
    assert report.message == "10 labels are too few to judge: 20 more needed; 10 of 300 predictions labelled."
    assert report.accuracy is not None


def test_a_reference_without_labels_still_reports_scores(classification_sample):
    """The comparison has no data; the batch's own accuracy stands."""
    reference = replace(classification_sample(3_000), labels=np.full(3_000, -1.0))
    report = PerformanceMonitor(reference).report(classification_sample(300, seed=1))
    assert report.verdict == "no_data"
    assert report.accuracy > 0.8
    assert report.reference_accuracy is None
    assert report.message.startswith("the reference has no labels to compare with, here accuracy is ")


@pytest.mark.parametrize(("noise", "verdict"), [(1.0, "ok"), (1.5, "critical")])
def test_regression_decay_is_growth_of_the_mean_absolute_error(regression_sample, noise, verdict):
    """Half as much error again on 300 labels is beyond luck."""
    report = PerformanceMonitor(regression_sample(3_000)).report(regression_sample(300, seed=3, noise=noise))
    assert report.verdict == verdict
    assert report.mae == pytest.approx(0.8 * noise, rel=0.15)
    assert report.r2 < 1


def test_infinite_predictions_are_left_out_and_said(regression_sample):
    """They have no error that could be averaged: invalid, with the rest of the scores."""
    batch = regression_sample(300, seed=3)
    batch.predicted[:3] = np.inf
    report = PerformanceMonitor(regression_sample(3_000)).report(batch)
    assert (report.verdict.value, report.n_labelled) == ("invalid", 297)
    assert report.message.startswith("3 labelled predictions infinite and left out")
