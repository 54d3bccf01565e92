"""What one rule holds back of another."""

from driftboard.alert_settings import Inhibition
from driftboard.alerts.gate import Reading, Seen
from driftboard.alerts.inhibition import hold, sources_first
from driftboard.alerts.severity import Severity

BAD = Seen(Severity.CRITICAL, "age drifts.", 1.0)
SAME = Inhibition(source="schema", targets=("feature_drift",))
ALL = Inhibition(source="schema", targets=("feature_drift",), same_subject=False)
READING = Reading("feature_drift", judged=True, seen={"age": BAD, "pay": BAD})


def test_the_same_subject_is_held_and_no_other():
    """A broken column holds back its own drift."""
    held = hold(READING, {"schema": {"age"}}, (), [SAME])
    assert (set(held.seen), held.held) == ({"pay"}, {"age"})


def test_every_subject_is_held_where_subjects_do_not_matter():
    """Those that are bad now, and those that are remembered."""
    held = hold(READING, {"schema": {"zip"}}, {"tax"}, [ALL])
    assert (dict(held.seen), held.held) == ({}, {"age", "pay", "tax"})


def test_nothing_is_held_while_the_source_is_quiet():
    """Nor by a rule that does not aim at it, nor by itself."""
    itself = Inhibition(source="feature_drift", targets=("feature_drift",))
    trouble = {"schema": set(), "feature_drift": {"age"}, "label_shift": {"age"}}
    other = Inhibition(source="label_shift", targets=("missing_values",))
    assert hold(READING, trouble, {"age"}, [SAME, ALL, itself, other]) is READING


def test_what_inhibits_is_read_first_along_a_chain():
    """The order of the rules does not decide; a circle does no harm."""
    names = ("missing_values", "feature_drift", "schema")
    chain = [SAME, Inhibition(source="feature_drift", targets=("missing_values",))]
    readings = [Reading(name, judged=True, seen={}) for name in names]
    assert [each.rule for each in sources_first(readings, chain)] == ["schema", "feature_drift", "missing_values"]
    circle = [*chain, Inhibition(source="missing_values", targets=("schema",))]
    assert {each.rule for each in sources_first(readings, circle)} == set(names)
