"""The one table of status, and the theme that gives it its colours."""

import tomllib

import pytest

from driftboard.dashboard.options import THEME_FILE, streamlit_options
from driftboard.dashboard.palette import DARK, LIGHT
from driftboard.dashboard.status import (
    CHANNELS,
    DELIVERY,
    HEARTS,
    INCIDENTS,
    UNKNOWN,
    VERDICTS,
    contrast,
    of_channel,
    of_delivery,
    of_incident,
    of_verdict,
)
from driftboard.data.incident import IncidentState
from driftboard.data.outbox import Delivery
from driftboard.monitors.verdict import Verdict

THEME = tomllib.loads(THEME_FILE.read_text())["theme"]
TABLES = (VERDICTS, INCIDENTS, DELIVERY, CHANNELS, HEARTS)
EVERY = [*(each for table in TABLES for each in table.values()), UNKNOWN]


def test_every_state_has_a_look():
    """No state falls through to `Unknown`; a word from a newer version does."""
    assert set(VERDICTS) == set(Verdict)
    assert set(INCIDENTS) == set(IncidentState)
    assert set(DELIVERY) == set(Delivery)
    assert {"ok", "failing", "broken"} <= set(CHANNELS)
    assert all(of("??") is UNKNOWN for of in (of_verdict, of_incident, of_delivery, of_channel))


@pytest.mark.parametrize("table", TABLES)
def test_no_two_states_look_alike_without_colour(table):
    """Icon and word tell states apart where colour does not."""
    assert len({each.word for each in table.values()}) == len(table)
    assert len({each.icon for each in table.values()}) == len(table)


@pytest.mark.parametrize("status", EVERY, ids=lambda each: each.word)
def test_fills_stand_out_from_the_background(status):
    """3:1 in both themes; the one exception, warning on white, is known and never stands without icon and word."""
    assert contrast(status.dark, DARK.background) >= 3
    assert contrast(status.light, LIGHT.background) >= (2.2 if status.badge == "orange" else 3)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("colour", ["blue", "orange", "red", "violet", "gray"])
def test_badges_can_be_read(theme, colour):
    """4.5:1 between the word of a badge and its background."""
    look = THEME[theme]
    assert contrast(look[f"{colour}TextColor"], look[f"{colour}BackgroundColor"]) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_words_in_tables_can_be_read_on_their_tint(palette):
    """4.5:1 between the theme's text and the pill of every status."""
    for status in EVERY:
        assert contrast(palette.text, palette.tint(status)) >= 4.5


@pytest.mark.parametrize(("name", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_charts_and_theme_agree(name, palette):
    """The colours that charts name themselves are those of the theme file."""
    look = THEME[name]
    assert look["backgroundColor"] == palette.background
    assert look["textColor"] == palette.text
    assert look["chartCategoricalColors"] == list(palette.series)
    assert look["redColor"] == palette.critical
    assert look["orangeColor"] == palette.warning
    assert all(contrast(colour, palette.background) >= 3 for colour in palette.series)


def test_the_launcher_passes_the_theme_and_closes_the_unguarded_export():
    """The options name an existing theme file, send no statistics, and leave downloads to the guarded buttons."""
    options = dict(zip(streamlit_options()[::2], streamlit_options()[1::2], strict=True))
    assert options["--theme.base"] == str(THEME_FILE)
    assert THEME_FILE.is_file()
    assert options["--browser.gatherUsageStats"] == "false"
    assert options["--client.disableDataExport"] == "true"
