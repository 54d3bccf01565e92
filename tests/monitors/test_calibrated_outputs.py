"""The calibrated policy on the outputs."""

from dataclasses import replace

import numpy as np
import pytest

from driftboard.monitors import Detector
from tests.monitors.samples import CLASSES, kinds, predictions, regressed

USUAL = (0.6, 0.3, 0.1)


def _report(reference, batch):
    return Detector(reference).update(batch, "monday").reports["prediction"]


def test_label_shift_pages_and_names_the_class():
    """The class whose share changed most is in the sentence, with its share before and now (A18)."""
    report = _report(predictions(2_000, USUAL), predictions(300, (0.4, 0.3, 0.3), seed=1))
    assert kinds(report) == {"label_shift": "critical"}
    assert report.message.startswith("the class mix moved: ")
    assert "`lost` 10 % → " in report.message


@pytest.mark.parametrize("new", [1, 90])
def test_a_class_never_seen_before_is_a_finding_of_its_own(new):
    """One prediction of it is information; ninety of 300 move the mix as well (C9, C10)."""
    batch = predictions(300, (*USUAL, 0.0), seed=1, classes=(*CLASSES, "martian"))
    batch.predicted[:new] = 3
    report = _report(predictions(2_000, USUAL), batch)
    assert report.verdict == ("info" if new == 1 else "critical")
    assert (report.classes[-1], report.counts[-1]) == ("martian", new)
    assert "never seen before: `martian`" in report.message


def test_failed_requests_page():
    """A fifth of the requests without an answer, where all had one."""
    batch = predictions(300, USUAL, seed=1)
    batch.predicted[:60] = -1
    report = _report(predictions(2_000, USUAL), batch)
    assert kinds(report)["failed_requests"] == "critical"
    assert "20 % of the requests failed" in report.message
    assert (report.n, report.failed) == (240, 60)


def test_confidence_is_judged_like_an_input():
    """A model that became unsure pages before a single label has come."""
    rng = np.random.default_rng(4)
    reference = replace(predictions(4_000, USUAL), confidence=rng.uniform(0.6, 1, 4_000))
    report = _report(reference, replace(predictions(500, USUAL, seed=1), confidence=rng.uniform(0.4, 1, 500)))
    assert kinds(report)["confidence_shift"] == "critical"
    assert "mean of this batch 0.802 → 0.69" in report.message


def test_predicted_values_are_judged_like_an_input():
    """Regression: the distribution of what is predicted."""
    report = _report(regressed(2_000), regressed(300, seed=1, shift=5))
    assert kinds(report) == {"label_shift": "critical"}
    assert report.mean_predicted == pytest.approx(15, abs=0.5)


def test_stable_outputs_are_steady():
    """Every part that was judged says so."""
    report = _report(predictions(2_000, USUAL), predictions(300, USUAL, seed=1))
    assert report.verdict == "ok"
    assert report.message.startswith("the class mix is steady: ")


def test_too_few_or_no_predictions_are_not_ok():
    """Ten are insufficient, none of 300 is invalid, no rows are no data."""
    few = _report(predictions(2_000, USUAL), predictions(10, USUAL))
    assert (few.verdict.value, few.message) == ("insufficient", "10 predictions cannot be judged: 10 more needed.")
    failed = replace(predictions(300, USUAL), predicted=np.full(300, -1.0))
    assert _report(predictions(2_000, USUAL), failed).verdict == "invalid"
    assert _report(predictions(2_000, USUAL), predictions(0, USUAL)).verdict == "no_data"
