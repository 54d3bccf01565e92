"""One problem, window after window: tables of what is said and what becomes of it."""

import pytest

from driftboard.alert_settings import RulePolicy
from driftboard.alerts.gate import Reading, Seen
from driftboard.alerts.lifecycle import advance
from driftboard.alerts.memory import Memory
from driftboard.alerts.severity import Severity
from tests.alerts.batches import window

WORTH = {"i": Severity.INFO, "w": Severity.WARNING, "c": Severity.CRITICAL}


def read(letter, number=0):
    """`c`, `w`, `i`: bad; `.`: clear; `h`: held; `b`: could not tell of it; `-`: could not tell of anything."""
    if letter == "-":
        return Reading("feature_drift", judged=False, seen={})
    seen = {"age": Seen(WORTH[letter], f"window {number}.", float(number))} if letter in WORTH else {}
    held, blank = (frozenset({"age"}) if letter == each else frozenset() for each in "hb")
    return Reading("feature_drift", judged=True, seen=seen, held=held, blank=blank)


def live(letters, **policy: object):
    """What is remembered after these windows."""
    memory = Memory()
    for number, letter in enumerate(letters):
        memory = advance(memory, read(letter, number), window(number), RulePolicy(**policy))
    return memory


@pytest.mark.parametrize(
    ("letters", "policy", "severity"),
    [
        ("c", {}, "critical"),
        ("c", {"critical_windows": 2}, None),
        ("cc", {"critical_windows": 2}, "critical"),
        ("w", {}, None),
        ("ww", {}, "warning"),
        ("w.w", {}, None),
        ("w-w", {}, "warning"),
        ("whw", {}, "warning"),
        ("wbw", {}, "warning"),
        ("iw", {}, "info"),
        ("iww", {}, "warning"),
        ("wc", {"critical_windows": 2}, "warning"),
        ("c.", {}, "critical"),
        ("c..", {}, None),
        ("c.-.", {}, None),
        ("c.h", {}, "critical"),
        ("cw", {}, "critical"),
        ("cww", {}, "warning"),
        ("ci.", {}, "info"),
        ("c.w.w.w.", {}, "warning"),
        ("c..", {"keep_windows": 3}, "critical"),
        ("c---", {}, "critical"),
        ("c--", {"no_data": "resolve"}, "critical"),
        ("c---", {"no_data": "resolve"}, None),
        ("c-b-", {"no_data": "resolve"}, None),
        ("c-h--", {"no_data": "resolve"}, None),
        ("c--h", {"no_data": "resolve"}, "critical"),
        ("c--c--", {"no_data": "resolve"}, "critical"),
    ],
)
def test_the_severity_it_fires_at(letters, policy, severity):
    """Up after enough windows in a row, down after enough; what could not tell or was held counts neither way."""
    track = live(letters, **policy).tracks.get("age")
    assert (track and track.severity) == severity


@pytest.mark.parametrize("letters", ["", ".", "w.", "i.", "c..", "ww..", "-", "h", "b"])
def test_what_is_clear_is_not_remembered(letters):
    """The memory is bounded by what is bad or fires."""
    assert live(letters).tracks == {}


def test_what_was_given_up_leaves_a_sign_for_one_window():
    """The incident is resolved as `no data`; after that nothing is left."""
    assert live("c---", no_data="resolve").tracks["age"].runs == {}
    assert live("c----", no_data="resolve").tracks == {}


def test_the_sentence_is_of_the_newest_bad_window_and_the_beginning_of_the_first():
    """What is told is new, since when is old."""
    track = live(".wcc.").tracks["age"]
    assert (track.message, track.weight, track.since, track.since_at) == ("window 3.", 3.0, "b1", window(1).at)
    assert (track.recovering, track.pending) == (True, False)


def test_windows_that_cannot_tell_are_counted_and_then_not():
    """Three in a row are no data; one that can tell begins anew."""
    assert [live(letters).tracks["age"].blank for letters in ("c", "c--", "c-b-", "c--c", "c--h")] == [0, 2, 3, 0, 2]


def test_a_late_window_gives_the_same_memory():
    """Not an equal one: nothing is to be stored."""
    memory = live("..c")
    assert advance(memory, read("c"), window(1), RulePolicy()) is memory


def test_what_was_given_up_is_not_taken_back_because_it_is_held():
    """Held or could not tell, the newest window says nothing either time: the first stays."""
    memory = live("c---", no_data="resolve")
    for again in "h-b":
        after = advance(memory, read(again, 3), window(3), RulePolicy(no_data="resolve"))
        assert after.tracks["age"].runs == {}


@pytest.mark.parametrize(
    ("first", "again", "like"),
    [
        (".", "c", "c"),
        ("c", ".", "c"),
        ("-", ".", "."),
        (".", "-", "."),
        ("w", "c", "c"),
        ("c", "w", "c"),
        ("h", "c", "c"),
    ],
)
def test_the_newest_window_again_counts_once_and_for_the_worse(first, again, like):
    """As if the worse report had been the only one, whatever came before."""
    for past in ("", "w", "c", "c.", "c-"):
        memory = live(past + first)
        after = advance(memory, read(again, len(past)), window(len(past)), RulePolicy())
        wanted = live(past + like)
        assert {name: track.runs for name, track in after.tracks.items()} == {
            name: track.runs for name, track in wanted.tracks.items()
        }
        assert (after.seen, after.switches) == (wanted.seen, wanted.switches)
