"""The classic policy on performance."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from driftboard.monitors import ClassicPolicy, Detector, Sample
from tests.monitors.samples import classified, regressed


def _report(reference, batch):
    return Detector(reference, ClassicPolicy()).update(batch).reports["performance"]


def test_decay_is_critical_and_says_by_how_much():
    """Fifteen points lost on 400 labels are beyond luck."""
    report = _report(classified(3_000), classified(400, seed=1, right=0.75))
    assert report.verdict == "critical"
    assert report.message.startswith("performance decayed: accuracy 9")
    assert report.message.endswith("400 of 400 predictions labelled.")
    assert report.accuracy_interval.high < report.reference_accuracy


def test_scores_are_scikit_learns():
    """Accuracy and macro F1 of the labelled rows, over the reference's classes."""
    batch = classified(300, seed=2)
    batch.labels[200:] = -1
    report = _report(classified(3_000), batch)
    labels, predicted = batch.labels[:200], batch.predicted[:200]
    assert report.accuracy == pytest.approx(accuracy_score(labels, predicted))
    assert report.macro_f1 == pytest.approx(f1_score(labels, predicted, average="macro"))
    assert (report.n, report.n_labelled, report.coverage) == (300, 200, pytest.approx(2 / 3))
    assert sum(map(sum, report.confusion)) == sum(report.support) == 200


def test_a_small_batch_does_not_page_by_its_noise():
    """Forty labels lose five points in many stable batches; at most one in a hundred may page (C11)."""
    detector = Detector(classified(5_000), ClassicPolicy())
    reports = [detector.update(classified(40, seed=seed)).reports["performance"] for seed in range(1, 201)]
    lost = [report for report in reports if report.accuracy <= report.reference_accuracy - 0.05]
    assert len(lost) > 20
    assert [report.verdict.value for report in reports].count("critical") <= 2


def test_a_class_absent_from_the_batch_is_no_decay():
    """Macro F1 over the fixed list counts it as 0; without evidence of its recall that is information (C12)."""
    batch = classified(300, seed=1, right=1.0)
    batch.predicted[batch.predicted == 2] = 0
    report = _report(classified(3_000), replace(batch, labels=batch.predicted.copy()))
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
    report = _report(reference, replace(reference, predicted=worse))
    assert report.accuracy_interval.high > report.reference_accuracy
    assert report.verdict == "warning"
    assert "recall fell" in report.message


def test_a_label_class_never_seen_extends_the_list():
    """It comes after the reference's own classes, and nothing else is mixed up by it (C10)."""
    batch = classified(300, seed=1)
    batch = replace(batch, classes=("martian", *batch.classes), predicted=batch.predicted + 1, labels=batch.labels + 1)
    batch.labels[:2] = 0
    report = _report(classified(3_000), batch)
    assert report.classes == ("ok", "late", "lost", "(new)")
    assert report.support[-1] == 2
    assert report.accuracy > 0.8


@pytest.mark.parametrize("labels", [np.full(300, -1.0), np.full(300, np.nan), np.empty(0)])
def test_no_labels_are_no_data(labels):
    """Nothing has arrived: no exception, no zero, no ok (C13)."""
    report = _report(classified(3_000), replace(classified(300, seed=1), labels=labels))
    assert report.verdict == "no_data"
    assert report.accuracy is None
    assert report.message == "no labels have arrived; 0 of 300 predictions labelled."


def test_too_few_labels_say_how_many_are_needed():
    """Ten labels are reported but not judged (C14)."""
    batch = classified(300, seed=1)
    batch.labels[10:] = -1
    report = _report(classified(3_000), batch)
    assert report.verdict == "insufficient"
    assert report.message == "10 labels are too few to judge: 20 more needed; 10 of 300 predictions labelled."
    assert report.accuracy is not None


def test_a_reference_without_labels_still_reports_scores():
    """The comparison has no data; the batch's own accuracy stands."""
    reference = replace(classified(3_000), labels=np.full(3_000, -1.0))
    report = _report(reference, classified(300, seed=1))
    assert report.verdict == "no_data"
    assert report.accuracy > 0.8
    assert report.reference_accuracy is None
    assert report.message.startswith("the reference has no labels to compare with, here accuracy is ")


@pytest.mark.parametrize(("noise", "verdict"), [(1.0, "ok"), (1.5, "critical")])
def test_regression_decay_is_growth_of_the_mean_absolute_error(noise, verdict):
    """Half as much error again on 300 labels is beyond luck."""
    report = _report(regressed(3_000), regressed(300, seed=3, noise=noise))
    assert report.verdict == verdict
    assert report.mae == pytest.approx(0.8 * noise, rel=0.15)
    assert report.r2 < 1


def test_infinite_predictions_have_no_error_and_are_left_out():
    """The rest of the scores stand on what is finite."""
    batch = regressed(300, seed=3)
    batch.predicted[:3] = np.inf
    report = _report(regressed(3_000), batch)
    assert report.n_labelled == 297
    assert report.mae == pytest.approx(0.8, rel=0.15)
