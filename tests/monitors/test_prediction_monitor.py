"""The outputs."""

from dataclasses import replace

import numpy as np
import pytest

from driftboard.monitors import PredictionMonitor, Sample

CLASSES = ("ok", "late", "lost")


def _mix(n, shares, *, seed=0, classes=CLASSES, confidence=None):
    rng = np.random.default_rng(seed)
    predicted = rng.choice(len(shares), n, p=shares).astype(np.float64)
    return Sample(n, {}, "classification", classes, predicted, np.empty(0) if confidence is None else confidence)


def test_label_shift_is_a_warning_that_names_the_class():
    """The class whose share changed most is in the sentence, with its share before and now."""
    report = PredictionMonitor(_mix(2_000, (0.6, 0.3, 0.1))).report(_mix(300, (0.4, 0.3, 0.3), seed=1))
    assert report.verdict == "warning"
    assert report.message.startswith("label shift: class mix differs from the reference, p ")
    assert "`lost` 10 % → " in report.message
    assert report.n == sum(report.counts) == 300


def test_classes_are_matched_by_name():
    """The same predictions under another class order are the same predictions."""
    batch = _mix(300, (0.6, 0.3, 0.1), seed=1)
    turned = replace(batch, classes=("lost", "ok", "late"), predicted=(batch.predicted + 1) % 3)
    monitor = PredictionMonitor(_mix(2_000, (0.6, 0.3, 0.1)))
    assert monitor.report(turned) == monitor.report(batch)


@pytest.mark.parametrize(("new", "verdict"), [(1, "info"), (40, "warning")])
def test_a_class_never_seen_before_comes_last_and_is_said(new, verdict):
    """One prediction of it is information, forty of 300 are a shift (C9, C10)."""
    batch = _mix(300, (0.6, 0.3, 0.1, 0.0), seed=1, classes=(*CLASSES, "martian"))
    batch.predicted[:new] = 3
    report = PredictionMonitor(_mix(2_000, (0.6, 0.3, 0.1))).report(batch)
    assert report.verdict == verdict
    assert report.classes == (*CLASSES, "martian")
    assert report.counts[-1] == new
    assert report.reference_counts[-1] == 0
    assert "never seen before: `martian`" in report.message


@pytest.mark.parametrize("code", [7.0, 3.0, -5.0, np.nan, np.inf, -np.inf])
def test_impossible_class_codes_do_not_stop_the_monitor(code):
    """Beyond the class list is a class without a name, below it a failure (C10)."""
    batch = _mix(300, (0.6, 0.3, 0.1), seed=1)
    batch.predicted[0] = code
    report = PredictionMonitor(_mix(2_000, (0.6, 0.3, 0.1))).report(batch)
    assert report.failed == (0 if code > 0 else 1)
    assert sum(report.counts) + report.failed == 300


def test_failed_requests_are_counted_and_many_are_a_warning():
    """They are not part of the class mix."""
    batch = _mix(300, (0.6, 0.3, 0.1), seed=1)
    batch.predicted[:60] = -1
    report = PredictionMonitor(_mix(2_000, (0.6, 0.3, 0.1))).report(batch)
    assert (report.n, report.failed, report.verdict.value) == (240, 60, "warning")
    assert "20 % of the predictions are missing, 0 % in the reference" in report.message


@pytest.mark.parametrize(("low", "verdict"), [(0.6, "ok"), (0.66, "info"), (0.4, "warning")])
def test_confidence_needs_evidence_and_a_shifted_mean(low, verdict):
    """KS alone is information; with a mean moved by 0.05 it is a warning."""
    rng = np.random.default_rng(4)
    reference = _mix(4_000, (0.6, 0.3, 0.1), confidence=rng.uniform(0.6, 1, 4_000))
    batch = _mix(500, (0.6, 0.3, 0.1), seed=1, confidence=rng.uniform(low, 1, 500))
    report = PredictionMonitor(reference).report(batch)
    assert report.verdict == verdict
    assert report.mean_confidence == pytest.approx((1 + low) / 2, abs=0.02)


def test_a_model_that_stops_giving_confidences_is_a_warning():
    """NaN is not ok: what the reference has and the batch lacks is said."""
    rng = np.random.default_rng(4)
    reference = _mix(2_000, (0.6, 0.3, 0.1), confidence=rng.uniform(0.6, 1, 2_000))
    report = PredictionMonitor(reference).report(_mix(300, (0.6, 0.3, 0.1), confidence=np.full(300, np.nan)))
    assert report.verdict == "warning"
    assert "100 % of the confidences are missing" in report.message


def test_shifted_values_are_a_warning(regression_sample):
    """Outputs alone never page, however far they moved."""
    report = PredictionMonitor(regression_sample(2_000)).report(regression_sample(300, seed=1, shift=5))
    assert report.verdict == "warning"
    assert report.value_ks.rejects
    assert report.message.startswith("`predicted value` moved: PSI ")
    assert report.mean_predicted == pytest.approx(15, abs=0.5)


def test_too_few_predictions_say_how_many_are_needed():
    """Twenty rows have no class mix worth judging (C4)."""
    report = PredictionMonitor(_mix(2_000, (0.6, 0.3, 0.1))).report(_mix(20, (0.0, 0.0, 1.0)))
    assert report.verdict == "insufficient"
    assert report.message == "20 rows are too few to judge: 30 more needed."


def test_stable_batches_are_seldom_a_warning(classification_sample):
    """At alpha = 0.01 a hundred stable batches give a handful at most, and none is critical."""
    monitor = PredictionMonitor(classification_sample(5_000))
    verdicts = [monitor.report(classification_sample(200, seed=seed)).verdict.value for seed in range(1, 101)]
    assert verdicts.count("warning") <= 4
    assert "critical" not in verdicts
