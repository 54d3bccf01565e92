"""Reports as JSON."""

import pytest

from driftboard.monitors import (
    Detector,
    Evidence,
    FeatureReport,
    FeatureResult,
    MultivariateMonitor,
    QualityReport,
    Verdict,
    report_from_json,
    report_to_json,
    sequential_report,
)
from tests.monitors.samples import classified, regressed


@pytest.mark.parametrize("maker", [classified, regressed])
def test_every_report_survives_its_json(maker):
    """What the store keeps is what was said, value by value."""
    detector = Detector(maker(1_000))
    reports = dict(detector.update(maker(300, seed=1)).reports)
    reports["multivariate"] = MultivariateMonitor(maker(1_000)).report(maker(300, seed=1))
    reports["sequential"] = sequential_report(detector.profile(maker(300, seed=1)).errors, ["b"])
    for name, report in reports.items():
        assert report_from_json(name, report_to_json(name, report)) == report


def test_a_report_of_an_older_version_has_defaults():
    """What it did not say is empty, not an error: yesterday's reports can still be shown."""
    text = '{"verdict":"ok","message":"Fine.","n":1,"n_reference":2,"features":[],"psi_warning":0.1,"psi_critical":0.2}'
    report = report_from_json("feature", text)
    assert report == FeatureReport(Verdict.OK, "Fine.", 1, 2, (), 0.1, 0.2)


def test_half_a_surrogate_pair_is_escaped():
    """UTF-8 has no such character; the report is kept all the same."""
    report = QualityReport(Verdict.INFO, "not in the reference: `\ud800`.", 1, 1, unexpected=("\ud800", "é"))
    again = report_from_json("quality", report_to_json("quality", report))
    assert again.unexpected == ("\\ud800", "é")


def test_the_corrected_psi_is_never_negative():
    """Less than luck is nothing, and no PSI is none."""
    plain = FeatureResult("x", "numeric", Verdict.OK, "", 200, 2_000, 0.0, 0.0)
    assert plain.corrected_psi is None
    assert FeatureResult("x", "numeric", Verdict.OK, "", 200, 2_000, 0.0, 0.0, 0.3, 0.1).corrected_psi == pytest.approx(
        0.2
    )
    assert FeatureResult("x", "numeric", Verdict.OK, "", 200, 2_000, 0.0, 0.0, 0.05, 0.1).corrected_psi == 0.0


def test_evidence_passes_at_its_level():
    """The level itself is within the budget."""
    assert Evidence(1, "a", 1, 1, 1e-4, 1e-4, 0.1, "KS", 0.1, 0.2).passes
    assert not Evidence(1, "a", 1, 1, 1.1e-4, 1e-4, 0.1, "KS", 0.1, 0.2).passes
