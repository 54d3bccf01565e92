"""The detector."""

from dataclasses import replace

import numpy as np
import pytest

from driftboard.monitors import CalibratedPolicy, ClassicPolicy, Detector
from tests.monitors.samples import classified, verdicts

REPORTS = ["feature", "relations", "quality", "prediction", "performance"]


@pytest.mark.parametrize("policy", [None, CalibratedPolicy(), ClassicPolicy()])
def test_every_batch_has_every_report(policy):
    """Whatever the policy, in one order."""
    judgement = Detector(classified(1_000), policy).update(classified(200, seed=1))
    assert list(judgement.reports) == REPORTS
    assert all(report.message.endswith(".") for report in judgement.reports.values())


def test_the_verdict_is_the_gravest_of_the_reports():
    """And missing labels do not hide that inputs moved."""
    detector = Detector(classified(2_000))
    judgement = detector.update(replace(classified(300, seed=1, shift=9), labels=np.empty(0)))
    assert verdicts(judgement)["performance"] == "no_data"
    assert judgement.verdict == "critical"


def test_judging_is_a_function_of_the_profiles():
    """No counter, no clock, no memory: the same profiles give the same reports, in any process (C17, C18)."""
    batches = [classified(200, seed=seed, shift=seed) for seed in range(5)]
    first, second = Detector(classified(2_000)), Detector(classified(2_000))
    by_update = [first.update(batch, str(place)) for place, batch in enumerate(batches)][-1]
    profiles = [second.profile(batch, str(place)) for place, batch in enumerate(batches)]
    second.judge(profiles[:2])
    assert second.judge(profiles) == by_update


def test_a_drifted_batch_does_not_become_the_reference():
    """A permanent shift is told for as long as it lasts (C8)."""
    detector = Detector(classified(2_000))
    found = [detector.update(classified(300, seed=seed, shift=6)).verdict.value for seed in range(1, 31)]
    assert set(found) == {"critical"}


def test_unnamed_batches_are_numbered():
    """Also beyond the sixteen that are remembered."""
    detector = Detector(classified(600))
    for seed in range(20):
        judgement = detector.update(classified(60, seed=seed))
    sinces = {each.evidence.since for each in judgement.reports["feature"].features}
    assert sinces <= {str(place) for place in range(4, 20)}


def test_another_policy_needs_no_new_fit():
    """`under` shares what was fitted, and begins without batches."""
    detector, batch = Detector(classified(2_000)), classified(300, seed=1)
    detector.update(classified(300, seed=2, shift=9))
    other = detector.under(ClassicPolicy())
    assert other.baseline is detector.baseline
    assert other.update(batch) == Detector(classified(2_000), ClassicPolicy()).update(batch)


def test_samples_are_not_changed():
    """Their arrays may be shared and read-only."""
    sample = classified(600)
    for array in (sample.predicted, sample.labels, sample.confidence, sample.features["temp"].values):
        array.flags.writeable = False
    assert Detector(sample).update(sample).reports["feature"].n == 600
