"""The Service page: what was promised, what was kept, and how the service did."""

import time
from datetime import timedelta

import pytest
import streamlit as st
from sqlalchemy import Engine, event

from driftboard.dashboard import level_cards
from driftboard.data import PredictionBatch, log_predictions, open_store, register_model
from driftboard.data.catalog import get_model
from driftboard.data.service_counts import HOUR, MINUTE, add_counts
from tests.dashboard.conftest import text_of
from tests.dashboard.hand_made import CALIBRATED
from tests.dashboard.incident_world import add_incident
from tests.dashboard.service_world import LOGGED, QUIET, SERVED, build_service_world, requested, this_minute
from tests.dashboard.worlds import DAY_0, DRIFTING, build_drifting, build_waiting, evaluate


@pytest.fixture(scope="module")
def service_world(tmp_path_factory):
    """The folder of a log with a month of counts; nobody writes to it."""
    return build_service_world(tmp_path_factory.mktemp("service"))


def charts_of(page) -> int:
    """How many charts a page shows."""
    return len(page.get("vega_lite_chart")) + len(page.get("arrow_vega_lite_chart"))


def test_each_promise_has_a_card(service_world, open_page):
    """Value, objective, compliance with its interval, budget left, and the sentence."""
    page = open_page(service_world, "service", model=str(SERVED))
    text = text_of(page)
    shown = {each.label: (each.value, each.delta) for each in page.metric}
    assert shown["Availability"][1] == "at least 99.50 %"
    assert shown["Latency p95"][1] == "at most 500 ms"
    assert shown["Accuracy"][0] == "-"
    assert "error budget" in text
    assert "in 30 days" in text
    assert "Nothing to measure" in text


def test_an_instrumented_service_speaks_for_itself(service_world, open_page):
    """The page says who tells, and shows requests by status, failures by kind, durations, rows and answers."""
    page = open_page(service_world, "service", model=str(SERVED))
    text = text_of(page)
    assert "Told by the instrumented service" in text
    assert "How to instrument" not in str([each.label for each in page.expander])
    assert charts_of(page) == 6
    table = next(each.value for each in page.dataframe if "Error" in each.value)
    assert table["Error"].iloc[0] == "Timeout"


def test_a_model_that_is_only_logged_says_so(service_world, open_page):
    """Its numbers come from the log of predictions, and the page shows how to instrument the service."""
    page = open_page(service_world, "service", model=str(LOGGED))
    text = text_of(page)
    assert "From the log of" in text
    assert 'model="logged"' in text
    assert "Only an instrumented service tells how many" in text


def test_a_model_of_which_nothing_was_counted_says_how_to_begin(service_world, open_page):
    """No card, no chart, and a way to have them."""
    page = open_page(service_world, "service", model=str(QUIET))
    assert "No request counted yet" in text_of(page)
    assert charts_of(page) == 0


def test_the_time_is_in_the_address(service_world, open_page):
    """A pasted address opens the same time; the hour of the trouble has its own error rate."""
    page = open_page(service_world, "service", model=str(SERVED), span="1h")
    assert page.query_params["span"] == ["1h"] or page.query_params["span"] == "1h"
    assert "5.0 % of 7,2" in text_of(page)
    assert "The last hour" in text_of(page)
    month = open_page(service_world, "service", model=str(SERVED), span="30d")
    assert "The last 30 days" in text_of(month)
    assert "5.0 % of" not in text_of(month)


def test_a_young_service_is_shown_minute_by_minute(open_page, tmp_path):
    """Of one that began ten minutes ago a day in steps of a quarter of an hour would be one bar."""
    now = this_minute()
    with open_store(tmp_path / "driftboard.sqlite") as store:
        model = register_model(store, SERVED)
        minutes = {(MINUTE, now - timedelta(minutes=ago)): requested(1, bad=False) for ago in range(1, 11)}
        with store.write() as connection:
            add_counts(connection, model.model_id, "requests", minutes)
    for view in ("service", "resources"):
        assert open_page(tmp_path, view, model=str(SERVED)).session_state["span"] == "1h"


def test_a_time_that_there_is_not_is_the_default(service_world, open_page):
    """A word about nothing: the address of an older version, or of nobody."""
    assert "The last 24 hours" in text_of(open_page(service_world, "service", model=str(SERVED), span="<script>"))


def test_a_log_of_long_ago_is_shown_as_it_ended(open_page, tmp_path):
    """Where nothing happens any more, the page shows the time that ends with the newest batch, and says so."""
    with open_store(tmp_path / "driftboard.sqlite") as store:
        register_model(store, DRIFTING)
        log_predictions(store, PredictionBatch(DRIFTING, 1, {"a": [1.0]}, ["x"], predicted_at=DAY_0), now=DAY_0)
        with store.write() as connection:
            model_id = get_model(connection, DRIFTING).model_id
            add_counts(connection, model_id, "requests", {(HOUR, DAY_0): requested(60, bad=True)})
    text = text_of(open_page(tmp_path, "service", model=str(DRIFTING)))
    assert "7,260 requests" in text
    page = open_page(tmp_path, "service", model=str(DRIFTING))
    assert "Nothing in the last 24 hours up to now" in page.info[0].value.replace("\\", "")


@pytest.mark.parametrize("view", ["service", "resources"])
def test_a_rerun_reads_no_counts_again(service_world, open_page, view):
    """A click costs what is drawn: what was read is remembered until the next minute begins."""
    page = open_page(service_world, view, model=str(SERVED), span="30d")
    page.run()
    assert min(len(_reads(page.run)) for _ in range(3)) == 0  # a minute may begin once meanwhile
    st.cache_data.clear()
    assert len(_reads(page.run)) > 0


@pytest.mark.slow
@pytest.mark.parametrize("view", ["service", "resources"])
def test_a_rerun_is_quick(service_world, open_page, view):
    """Thirty days of one model: what is remembered is a hundred steps, and not the minutes."""
    page = open_page(service_world, view, model=str(SERVED), span="30d")
    took = []
    for _ in range(3):
        start = time.monotonic()
        page.run()
        took.append(time.monotonic() - start)
    assert min(took) < 0.6  # twice what is promised; nothing else runs beside `make prove`


def _reads(rerun):
    """The statements of a rerun that read what is counted by the minute."""
    said = []

    def listen(_connection, _cursor, statement, *_: object):
        if "service_counts" in statement or "process_samples" in statement:
            said.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        rerun()
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    return said


def test_values_are_said_in_their_units(service_world):
    """Milliseconds below a second, two decimals where one hides what matters."""
    assert service_world
    level = level_cards.ServiceLevel("latency_p95", "Latency", "seconds", 0.5, "met", "")
    assert level_cards.measured(level, 0.1934) == "193 ms"
    assert level_cards.measured(level, 2.5) == "2.5 s"
    assert level_cards.measured(level, None) == "-"
    share = level_cards.ServiceLevel("availability", "Availability", "share", 0.995, "met", "")
    assert level_cards.measured(share, 0.995) == "99.50 %"
    assert level_cards.measured(share, 0.85) == "85.0 %"


def test_what_is_missed_leads():
    """The summary names what is missed, and Health takes the level with the least budget left."""
    levels = [
        level_cards.ServiceLevel("error_rate", "Error rate", "share", 0.01, "missed", "", budget_left=-0.5),
        level_cards.ServiceLevel("availability", "Availability", "share", 0.995, "met", "", budget_left=0.9),
        level_cards.ServiceLevel("accuracy", "Accuracy", "share", 0.85, "unknown", ""),
    ]
    assert level_cards.summary(levels) == "1 of 2 promises missed: error rate"
    assert level_cards.worst(levels) is levels[0]
    assert level_cards.worst(levels[1:]) is levels[1]
    assert level_cards.worst(levels[2:]) is None


def test_an_incident_of_a_service_leads_to_its_page(own_world, open_page):
    """The way to the evidence of a burning budget is the Service page, with the model."""
    with open_store(own_world / "driftboard.sqlite") as store:
        with store.read() as connection:
            model = get_model(connection, CALIBRATED)
        with store.write() as connection:
            found = add_incident(connection, model, rule="slo_burn", subject="error_rate")
    page = open_page(own_world, "alerts", incident=str(found.incident_id))
    text_of(page)
    link = next(each for each in page.get("page_link") if "Service & SLO" in each.label)
    assert "calibrated" in str(link.proto.query_string)


def test_health_says_the_worst_service_level(open_page, tmp_path):
    """After an hour of failures and delays: the level with the least budget left, as a word; no counts, no level."""
    with open_store(tmp_path / "driftboard.sqlite") as store:
        build_drifting(store)
        evaluate(store, tmp_path, day=6)
        build_waiting(store)
        with store.write() as connection:
            model_id = get_model(connection, DRIFTING).model_id
            at = this_minute() - timedelta(hours=2)
            add_counts(connection, model_id, "requests", {(MINUTE, at): requested(60, bad=True)})
    shown = [each for each in open_page(tmp_path).metric if each.label == "Service level"]
    assert [(each.value, each.delta) for each in shown] == [("■ Missed", "Latency p95")]
