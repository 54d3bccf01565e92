"""The identity of a problem."""

from hypothesis import given
from hypothesis import strategies as st

from driftboard.alerts.fingerprint import fingerprint
from driftboard.data.model_key import ModelKey

WORDS = st.text(st.characters(), max_size=80)
IDENTITY = st.tuples(WORDS, WORDS, WORDS, WORDS)


def of(identity, version="1"):
    """Fingerprint of (rule, name, environment, subject)."""
    rule, name, environment, subject = identity
    return fingerprint(rule, ModelKey(name, version, environment), subject)


@given(IDENTITY, IDENTITY)
def test_distinct_problems_have_distinct_fingerprints(one, other):
    """A3: two identities share a fingerprint only when they are equal, however alike their texts."""
    assert (of(one) == of(other)) == (one == other)


@given(IDENTITY, WORDS)
def test_a_new_version_is_the_same_problem(identity, version):
    """Redeploying a model does not open the problem anew."""
    assert of(identity) == of(identity, version)


@given(WORDS, WORDS, st.integers(0, 80))
def test_text_moved_from_one_part_to_another_is_another_problem(rule, subject, cut):
    """The parts are delimited: a rule's end is not a subject's beginning."""
    text = rule + subject
    cut = min(cut, len(text))
    same = (text[:cut], text[cut:]) == (rule, subject)
    assert (of((text[:cut], "m", "e", text[cut:])) == of((rule, "m", "e", subject))) == same


def test_long_equal_beginnings_do_not_collide():
    """A3: names that differ after 10,000 characters differ."""
    assert of(("r", "m", "e", "x" * 10_000 + "a")) != of(("r", "m", "e", "x" * 10_000 + "b"))


@given(WORDS, WORDS, WORDS, WORDS)
def test_what_is_driftboards_own_is_no_models(rule, subject, name, environment):
    """A broken channel is never taken for the problem of a model, whatever the model is called."""
    assert fingerprint(rule, None, subject) != fingerprint(rule, ModelKey(name, "1", environment), subject)


@given(st.permutations(["rule", "model", "subject"]))
def test_the_order_of_the_labels_does_not_matter(order):
    """A3: the same labels, given in any order, are the same problem."""
    labels = {"rule": "r", "model": ModelKey("m", "1", "e"), "subject": "s"}
    assert fingerprint(**{name: labels[name] for name in order}) == of(("r", "m", "e", "s"))


def test_the_fingerprint_is_pinned():
    """Changing the canonical form would re-alert everything: it must be a decision."""
    assert fingerprint("feature_drift", ModelKey("flights", "2"), "delay") == "cf24a0f8835bc166e39ff8d5a0985540"
