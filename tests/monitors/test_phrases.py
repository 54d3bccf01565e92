"""Words for the evidence."""

from dataclasses import replace

import pytest

from driftboard.monitors import Evidence, Verdict
from driftboard.monitors.phrases import SAYS, doubt, luck, over, proof, said, size

KS = Evidence(1, "monday", 200, 2_000, 1e-6, 1e-4, 0.213, "KS", 0.1, 0.15)


@pytest.mark.parametrize(
    ("p_value", "text"),
    [
        (0.0, "less than 1 chance in a billion by luck"),
        (1.23e-7, "1 chance in 8,100,000 by luck"),
        (0.04, "1 chance in 25 by luck"),
        (0.06, "luck does that 6 times in 100"),
        (1.0, "luck does that 100 times in 100"),
    ],
)
def test_luck_is_said_in_chances(p_value, text):
    """A p-value is for statisticians; how often luck does that is for everybody."""
    assert luck(p_value) == text


@pytest.mark.parametrize(
    ("measure", "effect", "text"),
    [
        ("KS", 0.09, "KS 0.09"),
        ("KS", 0.10, "KS 0.10 (slight)"),
        ("KS", 0.15, "KS 0.15 (moderate)"),
        ("KS", 0.25, "KS 0.25 (severe)"),
        ("PSI", 0.2, "corrected PSI 0.20 (moderate)"),
        ("PSI", 0.25, "corrected PSI 0.25 (severe)"),
        ("total variation", 0.12, "total variation 0.12 (slight)"),
        ("points", 0.031, "+3.1 points"),
        ("growth", 0.5, "+50 %"),
        ("correlation", 0.34, "correlation 0.34"),
    ],
)
def test_sizes_have_their_unit_and_the_scales_word(measure, effect, text):
    """The seeds' scales stay as words beside the number."""
    assert size(replace(KS, measure=measure, effect=effect)) == text


def test_the_window_is_part_of_the_proof():
    """One batch is `in`, several are `over the last`, with the first of them."""
    assert over(KS) == "in 200 rows against 2,000"
    assert (
        over(replace(KS, batches=4), noun="label")
        == "over the last 4 batches (200 labels since `monday`) against 2,000"
    )


def test_a_wobble_is_said():
    """Why so large an effect weighs so little."""
    assert proof(replace(KS, wobble=3.25)).endswith("though its batches vary 3.2 times as much as independent rows")
    assert "vary" not in proof(KS)


def test_doubt_says_how_many_rows_would_tell():
    """Or that no number would, against so small a reference."""
    assert doubt(replace(KS, needed=1_234)).endswith("about 1,234 more needed")
    assert doubt(KS).endswith("the reference is too small for that")


@pytest.mark.parametrize(
    ("verdict", "p_value", "start"),
    [
        (Verdict.CRITICAL, 1e-6, "moved: "),
        (Verdict.INFO, 1e-6, "moved a little: "),
        (Verdict.INFO, 5e-3, "may have moved: "),
        (Verdict.INSUFFICIENT, 0.03, "may have moved: "),
        (Verdict.OK, 0.3, "is steady: "),
    ],
)
def test_the_verdict_begins_the_clause(verdict, p_value, start):
    """A severe shift that is not proved is never called little."""
    assert said(SAYS, verdict, replace(KS, p_value=p_value)).startswith(start)


def test_a_verdict_that_page_on_lowered_still_calls_a_large_move_a_move():
    """It would have paged: "somewhat" is for effects between the two floors."""
    assert said(SAYS, Verdict.WARNING, KS).startswith("moved: KS 0.21")
    assert said(SAYS, Verdict.WARNING, replace(KS, effect=0.12)).startswith("moved somewhat: KS 0.12")
