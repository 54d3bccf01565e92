"""What a change of memory means for the incident: the parts, the ranks, the words of the audit."""

from datetime import timedelta

from driftboard.alerts.changes import changes, opening
from driftboard.alerts.episode import Problem, follow, resolved
from driftboard.alerts.memory import Memory, Run, Track
from driftboard.alerts.severity import Severity
from driftboard.data.incident import IncidentState
from tests.alerts.batches import window
from tests.alerts.incidents import MODEL, NOW, affected, incident

PROBLEM = Problem("f" * 32, 1, MODEL, "feature_drift", "")


def track(severity="critical", weight=1.0, windows=1, since=0):
    """A subject that fires."""
    runs = {each: Run(active=each.rank <= Severity(severity).rank, windows=windows) for each in Severity}
    return Track(runs=runs, message="it drifts.", weight=weight, since=f"b{since}", since_at=window(since).at)


def open_with(**tracks: Track):
    """The incident that opens when these begin to fire."""
    opened, events = follow(PROBLEM, Memory(), Memory(tracks=tracks), None, window=window(3), now=NOW)
    assert [each.kind for each in events] == ["opened"]
    return opened


def test_parts_are_ranked_gravest_first_then_by_size_then_by_name():
    """A32: who reads three of ten thousand reads the three that matter."""
    opened = open_with(d=track("warning", 9.0), c=track(weight=1.0), b=track(weight=1.0), a=track(weight=0.5))
    assert [part.subject for part in opened.affected] == ["b", "c", "a", "d"]
    assert (opened.severity, opened.message) == ("critical", "it drifts.")


def test_since_is_of_the_part_that_began_first():
    """And so many bad windows ago it began."""
    opened = open_with(a=track(since=3), b=track("warning", windows=3, since=1))
    assert (opened.since, opened.since_at, opened.windows) == ("b1", window(1).at, 3)
    assert (opened.batch_id, opened.rows, opened.episode) == ("b3", 1000, 1)


def test_a_part_that_joined_later_does_not_move_the_beginning():
    """The incident is as old as its oldest part ever was."""
    before, after = Memory(tracks={"a": track(since=1)}), Memory(tracks={"b": track(since=5)})
    moved, events = follow(PROBLEM, before, after, open_with(a=track(since=1)), window=window(5), now=NOW)
    assert moved.since == "b1"
    assert [(each.kind, each.detail) for each in events] == [("joined", "b5: b"), ("left", "b5: a")]


def test_the_audit_names_ten_parts_and_counts_the_others():
    """A32: ten thousand features are one short line."""
    many = incident(affected=tuple(affected(f"f{n:05}") for n in range(10_000)))
    assert opening(many).startswith("critical: f00000, f00001")
    assert opening(many).endswith(" and 9,990 more")
    assert dict(changes(incident(), many))["joined"].endswith(" and 9,990 more")


def test_what_concerns_no_part_is_called_the_model_as_a_whole():
    """An empty name would be an empty line."""
    assert opening(incident(affected=(affected(""),))) == "critical: the model as a whole"


def test_resolved_it_keeps_its_parts_and_says_why():
    """The message that it is over names what it was about."""
    later = NOW + timedelta(hours=1)
    over = resolved(incident(flapping=True), "recovered", later)
    assert (over.state, over.resolution, over.resolved_at) == (IncidentState.RESOLVED, "recovered", later)
    assert [(part.subject, part.recovering) for part in over.affected] == [("age", True)]
    assert not over.flapping


def test_nothing_opens_for_what_is_already_recovering():
    """Resolved by hand after its last bad window, it stays over while batches are clear."""
    recovering = Memory(tracks={"a": track(windows=-1)})
    assert follow(PROBLEM, recovering, recovering, None, window=window(3), now=NOW) == (None, ())
