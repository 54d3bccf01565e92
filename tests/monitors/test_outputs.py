"""The outputs of one batch as numbers."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2_contingency, ks_2samp

from driftboard.monitors.baseline import Baseline
from driftboard.monitors.outputs import measure_outputs, nothing_predicted
from tests.monitors.samples import CLASSES, predictions, regressed

USUAL = (0.6, 0.3, 0.1)


def _measured(reference, batch):
    baseline = Baseline(reference)
    return measure_outputs(baseline, baseline.profile(batch, "b"), alpha=0.01)


def test_the_class_mix_is_scipys():
    """Counts, chi-square, Wilson intervals around the shares."""
    report = _measured(predictions(2_000, USUAL), predictions(300, (0.5, 0.3, 0.2), seed=1))
    theirs = chi2_contingency(np.array([report.reference_counts, report.counts]), correction=False)
    assert report.chi_square.statistic == pytest.approx(theirs.statistic)
    assert report.classes == CLASSES
    for count, interval in zip(report.counts, report.share_interval, strict=True):
        assert interval.low < count / 300 < interval.high


def test_several_classes_never_seen_share_a_place():
    """One is named, more are others."""
    batch = replace(predictions(300, USUAL, seed=1), classes=(*CLASSES, "martian", "lunar"))
    batch.predicted[:2] = 3
    assert _measured(predictions(2_000, USUAL), batch).classes[-1] == "martian"
    batch.predicted[:1] = 4
    report = _measured(predictions(2_000, USUAL), batch)
    assert (report.classes[-1], report.counts[-1]) == ("(other)", 2)


def test_predicted_values_are_scipys():
    """Regression has no mix, and its value is tested like a feature."""
    reference, batch = regressed(2_000), regressed(300, seed=1, shift=1)
    report = _measured(reference, batch)
    assert report.value_ks.statistic == pytest.approx(ks_2samp(reference.predicted, batch.predicted).statistic)
    assert report.mean_predicted == pytest.approx(batch.predicted.mean())
    assert (report.classes, report.chi_square, report.confidence_ks) == ((), None, None)


@pytest.mark.parametrize(
    ("reference", "batch", "reason"),
    [
        (predictions(9, USUAL), predictions(0, USUAL), "the batch has no predictions"),
        (predictions(0, USUAL), predictions(9, USUAL), "the reference has no predictions to compare with"),
        (
            predictions(9, USUAL),
            replace(predictions(9, USUAL), predicted=np.full(9, -1.0)),
            "none of 9 requests has a prediction that can be used",
        ),
        (predictions(9, USUAL), predictions(9, USUAL), ""),
    ],
)
def test_nothing_to_compare_says_why(reference, batch, reason):
    """No rows, no reference, or only failures."""
    assert nothing_predicted(_measured(reference, batch), batch.n) == reason
