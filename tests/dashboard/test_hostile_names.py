"""Names that are attacks: shown letter by letter, or not at all."""

import re

import pandas as pd
import pytest

from driftboard.dashboard.text import escaped, guarded_csv, sentence
from driftboard.data import open_store_read_only
from driftboard.data.incidents import recent_incidents
from tests.dashboard.conftest import VIEWS, text_of
from tests.dashboard.worlds import FORMULA, HOSTILE, HOSTILE_BATCH, HOSTILE_FEATURES, IMAGE, LINK, ONERROR, SCRIPT

_ATTACK = re.compile(r"(?<!\\)(!\[|\]\(|<script|<img)|http://")


@pytest.mark.parametrize("view", VIEWS)
def test_no_page_hands_a_name_to_markdown(hostile_world, open_page, view):
    """In everything that Streamlit reads as Markdown, no name is left unescaped, and HTML is never allowed."""
    assert_harmless(open_page(hostile_world, view, model=str(HOSTILE), batch=HOSTILE_BATCH, feature=IMAGE))


@pytest.mark.parametrize(
    "rule", ["feature_drift", "label_shift", "missing_values", "performance_decay", "channel_broken"]
)
def test_no_incident_hands_a_name_to_markdown(hostile_world, open_page, rule):
    """Parts, batches, people, comments, channels' answers: in headline, timeline, silences and the parts' table."""
    with open_store_read_only(hostile_world / "driftboard.sqlite") as store, store.read() as connection:
        found = [each for each in recent_incidents(connection, rules=[rule]) if each.fingerprint.startswith("by hand")]
    page = open_page(hostile_world, "alerts", incident=str(found[0].incident_id))
    assert_harmless(page)
    assert f"Incident {found[0].incident_id} · " in text_of(page)


def test_a_hostile_candidate_is_shown_as_text(hostile_world, open_page):
    """What a visitor writes into a policy comes back in an error, letter by letter."""
    page = open_page(hostile_world, "backtest")
    page.text_area(key="backtest_policy").set_value(f'[alerts]\n"{IMAGE}{LINK}" = 1')
    page.button[0].click().run()
    assert page.error
    assert_harmless(page)


def assert_harmless(page) -> None:
    """Fail where a name reaches Markdown unescaped."""
    text_of(page)
    kinds = ("title", "subheader", "markdown", "caption", "error", "warning", "toast")
    read = [element for kind in kinds for element in page.get(kind)]
    texts = [element.value for element in read] + [each.label for each in page.metric]
    texts += [each.label for kind in ("page_link", "tab", "button", "expander") for each in page.get(kind)]
    for text in texts:
        assert not _ATTACK.search(text)
    assert not any(getattr(element, "allow_html", False) for element in read)


def test_a_hostile_feature_can_be_looked_at(hostile_world, open_page):
    """The feature that is an image in Markdown has its page, and its name is legible there."""
    text = text_of(open_page(hostile_world, "drift", model=str(HOSTILE), batch=HOSTILE_BATCH, feature=IMAGE))
    assert "Feature ![](http[:]//evil.example/pixel.png)" in text


def test_the_search_for_attacks_finds_them():
    """The negative control: bare names, and a URL that is not broken up, are found."""
    assert all(_ATTACK.search(name) for name in (IMAGE, SCRIPT, LINK, ONERROR))
    assert not _ATTACK.search(escaped(IMAGE + SCRIPT + LINK + ONERROR))


@pytest.mark.parametrize("name", [*HOSTILE_FEATURES, HOSTILE_BATCH, SCRIPT, LINK, "a\nb", "www.evil.example"])
def test_escaping_leaves_no_punctuation_bare(name):
    """Every ASCII punctuation mark is behind a backslash, and there is one line."""
    text = escaped(name)
    assert "\n" not in text
    bare = [at for at, mark in enumerate(text) if mark in "!<>[]()*_`$:#|~" and (at == 0 or text[at - 1] != "\\")]
    assert not bare


def test_a_sentence_keeps_its_names_apart():
    """Backticks around a name become quotation marks, so that a class called 2 is not read as a number."""
    assert sentence("class `2` rose") == "Class “2” rose"


@pytest.mark.parametrize("cell", [FORMULA, "+1", "-1", "@SUM(A1)", "\tx", "\rx", "  =1"])
def test_no_cell_of_a_download_is_a_formula(cell):
    """Text that a spreadsheet would run is quoted, in cells and headers; numbers stay numbers."""
    frame = pd.DataFrame({"name": [cell], FORMULA: ["x"], "psi": [-0.25]})
    header, row = guarded_csv(frame).decode().split("\n", 1)
    assert f"'{FORMULA}" in header
    assert row.lstrip('"').startswith("'")
    assert "-0.25" in row
    assert "'-0.25" not in row
