"""Whether inputs that moved hurt."""

import pytest

from driftboard.monitors import Estimate, FeatureReport, FeatureResult, PerformanceReport, Verdict
from driftboard.monitors.consequence import with_consequence


def _inputs(verdict):
    result = FeatureResult("x", "numeric", verdict, "`x` moved.", 200, 2_000, 0.0, 0.0)
    return FeatureReport(verdict, "`x` moved.", 200, 2_000, (result,), 0.1, 0.2)


def _outcomes(*estimates: Estimate):
    return PerformanceReport(Verdict.NO_DATA, "", 200, 0, 0.0, 0.03, estimates=estimates)


def _estimate(name, value, reference):
    return Estimate(name, value, value, value, reference, 200)


@pytest.mark.parametrize(
    ("estimate", "tag"),
    [
        (_estimate("accuracy", 0.86, 0.90), "with consequence"),
        (_estimate("accuracy", 0.88, 0.90), "harmless so far"),
        (_estimate("accuracy", 0.95, 0.90), "harmless so far"),
        (_estimate("mae", 1.2, 1.0), "with consequence"),
        (_estimate("mae", 1.05, 1.0), "harmless so far"),
    ],
)
def test_the_tag_says_what_the_estimate_says(estimate, tag):
    """Three points of accuracy, or a tenth of the error, are a consequence; the sentence has both figures."""
    report = with_consequence(_inputs(Verdict.CRITICAL), _outcomes(estimate))
    assert report.consequence == tag
    assert report.verdict == "critical"
    assert report.message.startswith(f"`x` moved; {tag}: estimated ")
    assert report.message.endswith(".")


@pytest.mark.parametrize("verdict", [Verdict.OK, Verdict.INFO, Verdict.INSUFFICIENT])
def test_nothing_moved_has_no_consequence(verdict):
    """An estimate alone is the performance report's to tell."""
    inputs = _inputs(verdict)
    assert with_consequence(inputs, _outcomes(_estimate("accuracy", 0.5, 0.9))) is inputs


def test_no_estimate_no_tag():
    """Better nothing than a comfort without ground; macro F1 alone is none."""
    inputs = _inputs(Verdict.CRITICAL)
    assert with_consequence(inputs, _outcomes()) is inputs
    assert with_consequence(inputs, _outcomes(_estimate("macro_f1", 0.9, 0.9))).consequence is None
