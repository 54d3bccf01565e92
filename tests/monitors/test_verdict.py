"""How a batch stands, in one word."""

import pytest

from driftboard.monitors import Finding, Verdict, overall, worst
from driftboard.monitors.finding import conclude, too_few


def test_the_order_of_attention():
    """From nothing to do to waking somebody."""
    ordered = ["ok", "no_data", "insufficient", "info", "warning", "invalid", "critical"]
    assert [str(each) for each in sorted(Verdict, key=lambda each: each.rank)] == ordered


@pytest.mark.parametrize(
    ("given", "whole"),
    [
        ([], "no_data"),
        (["ok", "insufficient"], "ok"),
        (["insufficient", "no_data"], "insufficient"),
        (["ok", "critical", "no_data"], "critical"),
        (["info", "invalid", "warning"], "invalid"),
    ],
)
def test_a_silent_part_does_not_hide_what_the_others_say(given, whole):
    """And where all are silent, that is the verdict: never ok."""
    assert overall([Verdict(each) for each in given]) == whole


def test_the_worst_is_the_worst():
    """Nothing is hidden here."""
    assert worst([Verdict.OK, Verdict.INSUFFICIENT]) == "insufficient"


def test_conclusions_begin_with_the_gravest():
    """In one sentence."""
    findings = [Finding(Verdict.OK, "all is well"), Finding(Verdict.CRITICAL, "fire"), Finding(Verdict.INFO, "rain")]
    assert conclude(findings) == (Verdict.CRITICAL, "fire; rain; all is well.")


def test_one_is_too_few():
    """Grammar, too."""
    assert too_few(1, 50, noun="label").text == "1 label is too few to judge: 49 more needed"
