"""Names made harmless."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.alerts.plain import one_line
from tests.alerts.names import HOSTILE


@given(st.text(st.characters(), max_size=300), st.integers(2, 120))
def test_a_line_is_one_short_visible_line(text, limit):
    """Whatever goes in, what comes out is one line without hidden characters or links."""
    line = one_line(text, limit=limit)
    assert len(line) <= limit
    assert line.isprintable()
    assert "://" not in line
    line.encode()


@pytest.mark.parametrize("name", [*HOSTILE, "half \ud800 pair"])
def test_a_hostile_name_is_one_visible_line(name):
    """N8: nothing that a program would act on is left, and nothing hides."""
    line = one_line(name, limit=200)
    assert line.isprintable()
    assert len(line) <= 200
    assert "://" not in line
    assert "www." not in line.lower()


def test_an_ordinary_name_stays_as_it_is():
    """The negative control: what means no harm is not changed."""
    for name in ("age", "user.age_days", "Übergröße (cm)", "年齢", "a/b: 0.3 < 0.5"):
        assert one_line(name, limit=80) == name
