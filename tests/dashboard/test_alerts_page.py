"""The Alerts page: incidents in a table, one of them in full, and how the way to people does."""

import pytest

from driftboard.data import open_store
from driftboard.data.catalog import list_models
from tests.dashboard.conftest import text_of
from tests.dashboard.hand_made import CALIBRATED, OLD
from tests.dashboard.incident_world import add_incident
from tests.dashboard.worlds import IDLE

DRIFT, SHIFT, MISSING, OVER, OWN = "3", "4", "5", "6", "7"
"""The ids of the incidents that `add_incidents` makes, after the two of the log made by hand."""


def test_what_is_open_comes_first_then_the_newest(incident_world, open_page):
    """The table has state, severity, rule, parts, model, windows, channels, who has it in hand, and feedback."""
    table = open_page(incident_world, "alerts").dataframe[0].value.set_index("No.")
    assert list(table.index) == [7, 5, 4, 3, 2, 1, 6]
    drift = table.loc[3]
    assert drift["State"] == ["◆ Firing"]
    assert drift["Severity"] == ["■ Critical"]
    assert drift["Parts"] == "age, plan +3"
    assert drift["Told on"] == "team"
    assert drift["Windows"] == 3
    assert table.loc[4, "In hand"] == "Ada"
    assert table.loc[5, "In hand"] == "snoozed by Bob"
    assert table.loc[6, "Feedback"] == "useful"
    assert table.loc[7, "Model"] == "driftboard itself"


def test_figures_count_what_is_open_and_what_went_out(incident_world, open_page):
    """Open by severity, in hand, and given up; what is over is not counted as open."""
    shown = {each.label.partition(": ")[2]: each.value for each in open_page(incident_world, "alerts").metric}
    figures = {label.split(": ")[-1]: value for label, value in shown.items()}
    assert [figures[name] for name in ("Open, critical", "Open, warning", "Open, info")] == ["3", "2", "1"]
    assert figures["Acknowledged"] == "1"
    assert figures["Given up"] == "1"


def test_a_link_opens_its_incident(incident_world, open_page):
    """The link of a message shows headline, sentence, since when, how many windows and parts, and the evidence."""
    page = open_page(incident_world, "alerts", incident=DRIFT)
    text = text_of(page)
    for words in (
        "Incident 3 · calibrated:1@production · in nobody's hands",
        "“age” moved: PSI 0.31",
        "3 bad windows",
        "5 parts, the gravest first",
        "opened 2 h ago",
    ):
        assert words in text
    parts = next(each.value for each in page.dataframe if "Part" in each.value)
    assert list(parts["Part"]) == ["age", "plan", "income", "city", "tenure"]
    evidence = next(link for link in page.get("page_link") if "Open the evidence on Drift" in link.label)
    assert evidence is not None
    assert page.get("vega_lite_chart") or page.get("arrow_vega_lite_chart")


@pytest.mark.parametrize(
    ("incident", "words"),
    [
        (SHIFT, "in hand of Ada until"),
        (MISSING, "snoozed by Bob until"),
        (OVER, "recovered"),
        (OVER, "it has come 2 times"),
        (OWN, "driftboard itself"),
        (OWN, "there is no measurement to draw"),
    ],
)
def test_each_state_is_said_in_words(incident_world, open_page, incident, words):
    """Acknowledged, snoozed, over and again, and of driftboard itself."""
    assert words in text_of(open_page(incident_world, "alerts", incident=incident))


def test_the_timeline_merges_changes_messages_and_attempts(incident_world, open_page):
    """What was tried in vain is there with the answer, newest first."""
    text = text_of(open_page(incident_world, "alerts", incident=DRIFT))
    said = ("fire to mail: given up", "attempt 2 to send fire to mail", "greylisted", "opened: ")
    order = [text.index(words) for words in said]
    assert order == sorted(order)


def test_the_page_says_who_was_told_and_why(incident_world, open_page, monkeypatch):
    """By channel, in the words of `driftboard alerts explain`."""
    monkeypatch.setenv("DRIFTBOARD_ALERTS__CHANNELS", '{"team": {"type": "slack", "webhook_url": "env:NOBODY"}}')
    text = text_of(open_page(incident_world, "alerts", incident=DRIFT))
    assert "team" in text.partition("given up")[2]


def test_deliveries_say_what_became_of_each_message(incident_world, open_page):
    """Channel, kind, state, reason and attempts of every message of the incident."""
    page = open_page(incident_world, "alerts", incident=DRIFT)
    table = next(each.value for each in page.dataframe if "Attempts" in each.value)
    assert list(zip(table["Channel"], table["State"], strict=True)) == [
        ("team", ["○ Suppressed"]),
        ("mail", ["✕ Given up"]),
        ("team", ["✓ Delivered"]),
    ]
    assert table["Reason"].iloc[0] == "acknowledged"


@pytest.mark.parametrize("incident", ["999", "abc", "9" * 40, "-1", "²"])
def test_a_link_to_nothing_is_answered_in_words(incident_world, open_page, incident):
    """An id that is not there, or no id at all, gets a word and the first incident."""
    text = text_of(open_page(incident_world, "alerts", incident=incident))
    assert f"No incident {incident}" in text
    assert "Incident 7" in text


def test_a_link_opens_a_runbook(incident_world, open_page):
    """The link of a message opens the page of its rule; a name of nothing gets a word, and no file is looked for."""
    assert (
        "Feature drift" in text_of(open_page(incident_world, "alerts", runbook="feature_drift")).partition("checks")[0]
    )
    said = text_of(open_page(incident_world, "alerts", runbook="../../etc/passwd"))
    assert "No runbook ../../etc/passwd" in said


def test_filters_leave_what_passes_them(incident_world, open_page):
    """By state, severity and rule; nothing left is said in words."""
    page = open_page(incident_world, "alerts")
    page.multiselect[1].set_value(["warning"]).run()
    assert list(page.dataframe[0].value["No."]) == [7, 4]
    page.multiselect[0].set_value(["resolved"]).run()
    assert "No incident" in text_of(page)


def test_only_the_model_of_the_sidebar(incident_world, open_page):
    """A model without incidents has none, and the link still opens the incident of another."""
    page = open_page(incident_world, "alerts", model=str(OLD), incident=DRIFT)
    page.segmented_control(key="alerts_of").set_value(f"Only {OLD}").run()
    text = text_of(page)
    assert "No incident" in text
    assert f"Incident 3 · {CALIBRATED}" in text


def test_channels_and_processes_say_how_they_do(incident_world, open_page, monkeypatch):
    """A configured channel that was never used, a broken one, a live worker and a stalled dispatcher."""
    monkeypatch.setenv("DRIFTBOARD_ALERTS__CHANNELS", '{"quiet": {"type": "slack", "webhook_url": "env:NOBODY"}}')
    monkeypatch.setenv("DRIFTBOARD_ALERTS__DRY_RUN", "false")
    page = open_page(incident_world, "alerts")
    table = next(each.value for each in page.dataframe if "Type" in each.value).set_index("Channel")
    assert table.loc["quiet", "Status"] == ["○ Not used yet"]
    assert table.loc["mail", "Status"] == ["✕ Broken"]
    assert table.loc["mail", "Type"] == "no longer configured"
    assert table.loc["team", "Waiting"] == 1
    text = text_of(page)
    assert "Dispatcher, which sends messages**: last seen 1 h ago" in text
    assert "Worker, which judges batches**: last seen" in text
    assert "Stalled" in text


def test_a_dry_run_is_not_taken_for_a_channel_that_works(incident_world, open_page, monkeypatch):
    """A15: the channel says so itself, and what was rehearsed is not counted as delivered."""
    monkeypatch.setenv("DRIFTBOARD_ALERTS__CHANNELS", '{"pager": {"type": "slack", "webhook_url": "env:NOBODY"}}')
    table = next(each.value for each in open_page(incident_world, "alerts").dataframe if "Type" in each.value)
    assert table.set_index("Channel").loc["pager", "Status"] == ["■ Dry run, not sent"]
    assert {"Delivered", "Dry run"} <= set(table.columns)


def test_feedback_becomes_the_precision_of_a_rule(incident_world, open_page):
    """One useful incident is 100 %, with an interval that says how little that is."""
    page = open_page(incident_world, "alerts")
    table = next(each.value for each in page.dataframe if "Precision" in each.value)
    assert table.iloc[0].to_dict() == {
        "Rule": "Performance decay",
        "Useful": 1,
        "Noise": 0,
        "Precision": "100.0 %",
        "95 % interval": "20.7 % to 100.0 %",
    }


def test_health_says_how_many_incidents_are_open(incident_world, open_page):
    """The card of the model has them, and how many are critical."""
    page = open_page(incident_world)
    shown = {(each.value, each.delta) for each in page.metric if each.label == "Open incidents"}
    assert ("5", "3 critical") in shown
    assert ("0", "") in shown


def test_a_log_without_incidents_says_so(tmp_path, open_page):
    """No incident, no silence, no channel, nobody at work: each in words."""
    with open_store(tmp_path / "driftboard.sqlite") as store:
        from driftboard.data import register_model  # noqa: PLC0415

        register_model(store, IDLE)
    text = text_of(open_page(tmp_path, "alerts"))
    for words in (
        "No incident",
        "No channel",
        "Nothing is silenced",
        "not running as a service",
        "useful or noise yet",
    ):
        assert words in text


@pytest.mark.slow
def test_three_hundred_incidents_are_shown_at_once(own_world, open_page):
    """A rerun of the page takes half a second at most."""
    from time import perf_counter  # noqa: PLC0415

    with open_store(own_world / "driftboard.sqlite") as store, store.write() as connection:
        model = list_models(connection)[0]
        for number in range(300):
            add_incident(connection, model, subject=f"feature {number}")
    page = open_page(own_world, "alerts")
    start = perf_counter()
    text_of(page.run())
    assert perf_counter() - start < 0.5
