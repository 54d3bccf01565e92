"""What a visitor does on the Alerts page is in the log afterwards; what cannot be done is said in one line."""

from datetime import timedelta

import pytest

from driftboard.dashboard import acts
from driftboard.data import open_store_read_only
from driftboard.data.incident import Incident, IncidentState
from driftboard.data.incidents import events_of, find_incident
from driftboard.data.silences import silences
from tests.dashboard.conftest import text_of
from tests.dashboard.incident_world import now
from tests.dashboard.test_alerts_page import DRIFT, MISSING, OVER, SHIFT


def stored(folder, incident: str) -> Incident:
    """The incident as it is in the log."""
    with open_store_read_only(folder / "driftboard.sqlite") as store, store.read() as connection:
        return find_incident(connection, int(incident))


def button(page, key: str):
    """The button whose key begins so."""
    return next(each for each in page.button if str(each.key or each.label).startswith(key))


@pytest.fixture
def act_on(own_world, open_page):
    """A function that opens an incident as somebody, and presses a button."""

    def act_on(incident: str, key: str, by: str = "Grace"):
        page = open_page(own_world, "alerts", incident=incident)
        if by:
            page.text_input(key="your_name").set_value(by)
        button(page, key).click()
        return page.run()

    return act_on


def test_an_acknowledgement_is_in_the_log(own_world, act_on):
    """By whom and until when, in the audit too; the page says so at once, and offers to give it back."""
    page = act_on(DRIFT, "do_ack")
    found = stored(own_world, DRIFT)
    assert found.acked_by == "Grace"
    assert timedelta(hours=3.9) < found.ack_until - now() < timedelta(hours=4.1)
    assert "in hand of Grace until" in text_of(page)
    assert page.dataframe[0].value.set_index("No.").loc[3, "In hand"] == "Grace"
    assert "Acknowledged incident 3" in page.toast[0].value
    assert button(page, "Give back")
    with open_store_read_only(own_world / "driftboard.sqlite") as store, store.read() as connection:
        assert ("acknowledged", "Grace") in {(each.kind, each.actor) for each in events_of(connection, 3)}


def test_nobody_acts_without_a_name(own_world, act_on):
    """One line asks for it, and the log is as it was."""
    page = act_on(DRIFT, "do_ack", by="  ")
    assert any("Write your name first" in each.value for each in page.error)
    assert stored(own_world, DRIFT).acked_by == ""


def test_the_name_is_remembered(own_world, open_page):
    """It is asked for once in a session, on whatever page the visitor was in between."""
    page = open_page(own_world, "alerts", incident=DRIFT)
    page.text_input(key="your_name").set_value("Grace").run()
    page.switch_page("views/drift.py").run()
    page.switch_page("views/alerts.py").run()
    assert page.text_input(key="your_name").value == "Grace"


def test_an_acknowledgement_can_be_given_back(own_world, act_on):
    """Nobody has it in hand then."""
    act_on(SHIFT, "Give back")
    assert not stored(own_world, SHIFT).is_acked(now())


def test_a_snooze_lasts_as_long_as_was_chosen_and_can_be_ended(own_world, act_on, open_page):
    """A week of quiet; and the end of another's."""
    page = open_page(own_world, "alerts", incident=DRIFT)
    page.text_input(key="your_name").set_value("Grace")
    next(each for each in page.segmented_control if "snooze_for" in each.key).set_value("1 week").run()
    button(page, "do_snooze").click().run()
    assert stored(own_world, DRIFT).snoozed_until - now() > timedelta(days=6.9)
    act_on(MISSING, "End snooze")
    assert not stored(own_world, MISSING).is_snoozed(now())


def test_an_incident_is_resolved_by_hand(own_world, act_on):
    """It is over, and by whose word; nothing but feedback can be done about it then."""
    page = act_on(DRIFT, "do_resolve")
    assert stored(own_world, DRIFT).state is IncidentState.RESOLVED
    assert "resolved by" in text_of(page)
    assert not any(str(each.key).startswith("do_ack") for each in page.button)


def test_what_is_over_meanwhile_is_said_in_one_line(own_world, open_page):
    """Two visitors resolve the same incident: the second one is told by whom it was."""
    pages = [open_page(own_world, "alerts", incident=DRIFT) for _ in range(2)]
    for page, by in zip(pages, ("Ada", "Grace"), strict=True):
        page.text_input(key="your_name").set_value(by)
        button(page, "do_resolve").click().run()
    assert "resolved by Ada" in pages[1].error[-1].value
    assert "\n" not in pages[1].error[-1].value


@pytest.mark.parametrize("word", ["useful", "noise"])
def test_feedback_counts(own_world, act_on, word):
    """Useful or noise is kept, also of what is over."""
    act_on(OVER, f"do_{word}")
    assert (stored(own_world, OVER).feedback, stored(own_world, OVER).feedback_by) == (word, "Grace")


def test_a_silence_needs_a_comment_and_fits_the_incident(own_world, act_on):
    """Without one a line says so; with one it is stored with the patterns that were offered, and can be ended."""
    page = act_on(MISSING, "do_silence")
    assert "comment" in page.error[-1].value
    next(each for each in page.text_input if str(each.key).startswith("silence_why")).set_value("new plans").run()
    button(page, "do_silence").click().run()
    made = _silences(own_world)[0]
    assert made.matchers == {
        "model": "calibrated",
        "environment": "production",
        "rule": "missing_values",
        "subject": "plan",
    }
    assert (made.created_by, made.comment) == ("Grace", "new plans")
    assert "new plans" in text_of(page)
    button(page, f"end_silence {made.silence_id}").click().run()
    assert _silences(own_world)[0].expired_at is not None


def _silences(folder):
    with open_store_read_only(folder / "driftboard.sqlite") as store, store.read() as connection:
        return silences(connection)


def test_a_log_that_cannot_be_written_disables_the_acts(own_world, open_page, monkeypatch):
    """The reason is given, and every button is grey; the page is shown all the same."""
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write anything: the answer is all that can be changed
    page = open_page(own_world, "alerts", incident=DRIFT)
    assert "The log is read-only for this dashboard" in text_of(page)
    assert all(button(page, key).disabled for key in ("do_useful", "do_noise", "end_silence"))


def test_a_log_that_can_be_written_is_no_hindrance(own_world, open_page):
    """The negative control."""
    page = open_page(own_world, "alerts", incident=DRIFT)
    assert "read-only" not in text_of(page)
    assert not button(page, "do_useful").disabled


def test_a_log_that_vanished_is_one_line(own_world, open_page, monkeypatch):
    """The act fails in words, not in a traceback."""
    page = open_page(own_world, "alerts", incident=DRIFT)
    page.text_input(key="your_name").set_value("Grace")
    monkeypatch.setattr(acts, "open_store", _gone)
    button(page, "do_ack").click().run()
    assert "another application" in page.error[-1].value


def _gone(_location):
    from driftboard.errors import StoreError  # noqa: PLC0415

    raise StoreError("the file belongs to another application")
