"""The classic policy on the outputs."""

from dataclasses import replace

import numpy as np
import pytest

from driftboard.monitors import ClassicPolicy, Detector
from tests.monitors.samples import CLASSES, classified, kinds, predictions, regressed

USUAL = (0.6, 0.3, 0.1)


def _report(reference, batch):
    return Detector(reference, ClassicPolicy()).update(batch).reports["prediction"]


def test_label_shift_is_a_warning_that_names_the_class():
    """The class whose share changed most is in the sentence, with its share before and now (A18)."""
    report = _report(predictions(2_000, USUAL), predictions(300, (0.4, 0.3, 0.3), seed=1))
    assert report.verdict == "warning"
    assert report.message.startswith("label shift: class mix differs from the reference, p ")
    assert "`lost` 10 % → " in report.message
    assert report.n == sum(report.counts) == 300


def test_classes_are_matched_by_name():
    """The same predictions under another class order are the same predictions."""
    batch = predictions(300, USUAL, seed=1)
    turned = replace(batch, classes=("lost", "ok", "late"), predicted=(batch.predicted + 1) % 3)
    assert _report(predictions(2_000, USUAL), turned) == _report(predictions(2_000, USUAL), batch)


@pytest.mark.parametrize(("new", "verdict"), [(1, "info"), (40, "warning")])
def test_a_class_never_seen_before_comes_last_and_is_said(new, verdict):
    """One prediction of it is information, forty of 300 are a shift (C9, C10)."""
    batch = predictions(300, (*USUAL, 0.0), seed=1, classes=(*CLASSES, "martian"))
    batch.predicted[:new] = 3
    report = _report(predictions(2_000, USUAL), batch)
    assert report.verdict == verdict
    assert report.classes == (*CLASSES, "martian")
    assert (report.counts[-1], report.reference_counts[-1]) == (new, 0)
    assert "never seen before: `martian`" in report.message


@pytest.mark.parametrize("code", [7.0, 3.0, -5.0, np.nan, np.inf, -np.inf])
def test_impossible_class_codes_do_not_stop_the_monitor(code):
    """Beyond the class list is a class without a name, below it a failure (C10)."""
    batch = predictions(300, USUAL, seed=1)
    batch.predicted[0] = code
    report = _report(predictions(2_000, USUAL), batch)
    assert report.failed == (0 if code > 0 else 1)
    assert sum(report.counts) + report.failed == 300


def test_failed_requests_are_counted_and_many_are_a_warning():
    """They are not part of the class mix."""
    batch = predictions(300, USUAL, seed=1)
    batch.predicted[:60] = -1
    report = _report(predictions(2_000, USUAL), batch)
    assert (report.n, report.failed, report.verdict.value) == (240, 60, "warning")
    assert "20 % of the requests failed, 0 % in the reference" in report.message


@pytest.mark.parametrize(("low", "verdict"), [(0.6, "ok"), (0.66, "info"), (0.4, "warning")])
def test_confidence_needs_evidence_and_a_shifted_mean(low, verdict):
    """KS alone is information; with a mean moved by 0.05 it is a warning."""
    rng = np.random.default_rng(4)
    reference = replace(predictions(4_000, USUAL), confidence=rng.uniform(0.6, 1, 4_000))
    batch = replace(predictions(500, USUAL, seed=1), confidence=rng.uniform(low, 1, 500))
    report = _report(reference, batch)
    assert report.verdict == verdict
    assert report.mean_confidence == pytest.approx((1 + low) / 2, abs=0.02)


def test_shifted_values_are_a_warning():
    """Outputs alone never page, however far they moved."""
    report = _report(regressed(2_000), regressed(300, seed=1, shift=5))
    assert report.verdict == "warning"
    assert report.value_ks.rejects
    assert report.message.startswith("the predicted value moved: PSI ")
    assert report.mean_predicted == pytest.approx(15, abs=0.5)


def test_too_few_predictions_say_how_many_are_needed():
    """Twenty rows have no class mix worth judging (C4)."""
    report = _report(predictions(2_000, USUAL), predictions(20, (0.0, 0.0, 1.0)))
    assert report.verdict == "insufficient"
    assert report.message == "20 predictions are too few to judge: 30 more needed."


def test_nothing_predicted_is_invalid():
    """Requests arrived and none has a prediction: that is no `ok` and no missing data."""
    batch = replace(predictions(300, USUAL), predicted=np.full(300, -1.0))
    report = _report(predictions(2_000, USUAL), batch)
    assert (report.verdict.value, kinds(report)) == ("invalid", {"schema": "invalid"})


def test_stable_batches_are_seldom_a_warning():
    """At alpha = 0.01 a hundred stable batches give a handful at most, and none is critical."""
    detector = Detector(classified(5_000), ClassicPolicy())
    found = [detector.update(classified(200, seed=seed)).reports["prediction"].verdict for seed in range(1, 101)]
    assert found.count("warning") <= 4
    assert "critical" not in found
