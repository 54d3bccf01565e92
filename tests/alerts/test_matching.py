"""Patterns of routes and silences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.alerts.matching import fits, fits_incident, subjects_of
from tests.alerts.incidents import affected, incident


@given(st.text())
def test_a_name_without_wild_characters_fits_itself_alone(name: str) -> None:
    """Whatever is in it: brackets, dots, line ends, backslashes."""
    plain = name.replace("*", "").replace("?", "")
    assert fits(plain, plain)
    assert not fits(plain, plain + "x")
    assert fits(f"{plain}*", plain + "x\ny")
    assert fits(f"{plain}?", plain + "\n")


@pytest.mark.parametrize(("pattern", "text"), [("a.c", "abc"), ("[ab]", "a"), ("a|b", "a"), ("A*", "abc"), ("?", "")])
def test_nothing_else_is_wild(pattern: str, text: str) -> None:
    """Neither regular expressions nor shell classes; case matters."""
    assert not fits(pattern, text)


def test_a_matcher_of_an_unknown_field_fits_nothing() -> None:
    """A silence from a newer version must not silence everything here."""
    assert fits_incident({"model": "flights"}, incident())
    assert not fits_incident({"model": "flights", "colour": "*"}, incident())


def test_an_incident_is_about_its_subject_or_its_parts_or_the_model() -> None:
    """One subject at least, so that a pattern has something to fit."""
    assert subjects_of(incident(subject="age")) == ("age",)
    assert subjects_of(incident(affected=(affected("a"), affected("b")))) == ("a", "b")
    assert subjects_of(incident(affected=())) == ("",)
