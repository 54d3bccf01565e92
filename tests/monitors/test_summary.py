"""Many findings in one sentence."""

import pytest

from driftboard.monitors import Evidence, Finding, Verdict
from driftboard.monitors.summary import report_message, summarise

EVIDENCE = Evidence(1, "1", 200, 2_000, 1e-9, 1e-4, 0.3, "KS", 0.1, 0.15)


def _finding(verdict, name, *, evidence=EVIDENCE):
    return Finding(verdict, f"`{name}` says something", "feature_drift", name, evidence)


def test_a_single_finding_is_told_in_full():
    """The grave one, though others may be unsure."""
    findings = [_finding(Verdict.CRITICAL, "a"), _finding(Verdict.INSUFFICIENT, "b")]
    assert summarise(findings, "5 features") == summarise(findings[:1], "5 features") == "`a` says something."


def test_several_are_grouped_by_verdict_with_their_size():
    """The gravest first, a few by name, the rest by number."""
    grave = [_finding(Verdict.CRITICAL, f"x{place}") for place in range(7)]
    text = summarise([*grave, _finding(Verdict.WARNING, "y")], "90 features")
    assert text.startswith("7 of 90 features moved: `x0` KS 0.30 (severe), `x1` ")
    assert text.endswith("and 2 more; 1 of 90 features moved somewhat: `y` KS 0.30 (severe).")


@pytest.mark.parametrize(
    ("verdict", "evidence", "text"),
    [
        (Verdict.INSUFFICIENT, EVIDENCE, "2 of 9 features may have moved, more rows needed: `a` KS 0.30 (severe), "),
        (Verdict.INSUFFICIENT, None, "2 of 9 features with too few rows to judge: `a`, `b`."),
        (Verdict.NO_DATA, None, "2 of 9 features with nothing to compare: `a`, `b`."),
    ],
)
def test_what_was_not_judged_is_not_said_to_have_moved(verdict, evidence, text):
    """Too few rows for any test is another thing than a shift that is not proved."""
    findings = [_finding(verdict, name, evidence=evidence) for name in "ab"]
    assert summarise(findings, "9 features").startswith(text)


def test_nothing_to_say_is_good_news():
    """Unless there was nothing to look at."""
    assert report_message(200, ["x"], summarise([], "1 feature")) == "1 feature steady."
    assert report_message(0, ["x"], "") == "The batch has no rows."
    assert report_message(200, [], "") == "The reference has no features to compare with."
