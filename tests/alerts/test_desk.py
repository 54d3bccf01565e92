"""The desk: a change of an incident and its news are one transaction, and nothing due is forgotten."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from driftboard.alerts.desk import look_after, record_reports, replan
from driftboard.alerts.facts import facts_from_json
from driftboard.data import Store, find_batch, get_model, log_predictions, register_model, tables
from driftboard.data.backend import hold_alert_queue, hold_model
from driftboard.data.incident import Incident, IncidentState
from driftboard.data.incidents import (
    events_of,
    insert_incident,
    open_incidents,
    recent_incidents,
    to_wake,
    update_incident,
    wake,
)
from driftboard.data.outbox import Notification, told_of
from driftboard.data.times import to_micros
from driftboard.monitors.finding import Finding
from driftboard.monitors.report import FeatureReport
from driftboard.monitors.verdict import Verdict
from tests.alerts.incidents import MODEL, NOW, alert_settings, incident
from tests.data.batches import make_batch

SETTINGS = alert_settings()
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def model(store: Store) -> None:
    """One registered model."""
    register_model(store, MODEL)


def report(*drifted: str) -> FeatureReport:
    """What the monitor of inputs says when these features drifted."""
    findings = tuple(Finding(Verdict.CRITICAL, f"{name} moved", "feature_drift", name) for name in drifted)
    verdict = Verdict.CRITICAL if drifted else Verdict.OK
    return FeatureReport(
        verdict=verdict,
        message="",
        n=6,
        n_reference=100,
        features=(),
        psi_warning=0.1,
        psi_critical=0.2,
        findings=findings,
    )


def judge(store: Store, batch_id: str, at, *drifted: str):
    """Log a batch and record a report on it, as the worker does."""
    ids = [f"{batch_id}-{row}" for row in range(6)]
    log_predictions(store, make_batch(MODEL, batch_id=batch_id, predicted_at=at, prediction_ids=ids), now=at)
    with store.write() as connection:
        known = get_model(connection, MODEL)
        hold_model(connection, known.model_id)
        found = find_batch(connection, known, batch_id)
        return record_reports(connection, known, found, [report(*drifted)], SETTINGS, now=at)


def only(store: Store) -> tuple[Incident, tuple[Notification, ...]]:
    """The one incident there is, and what was told of it."""
    with store.read() as connection:
        (found,) = recent_incidents(connection)
        return found, told_of(connection, [found.incident_id]).get(found.incident_id, ())


def deliver_all(store: Store) -> None:
    """As if a dispatcher had sent what was queued, at once."""
    values = {"state": "delivered", "attempts": 1, "finished_at": to_micros(NOW)}
    with store.write() as connection:
        connection.execute(update(tables.notifications).values(values))
        wake(connection, None, at=NOW)
    look_after(store, SETTINGS, now=NOW)


def test_an_incident_its_audit_and_its_news_are_stored_together(store: Store) -> None:
    """Both channels that take a page have one, with the facts in it."""
    (moved,) = judge(store, "b1", NOW, "age", "income")
    found, told = only(store)
    assert moved.incident == found
    assert [part.subject for part in found.affected] == ["age", "income"]
    assert {(each.channel, each.kind, each.not_before) for each in told} == {
        ("team", "fire", NOW),
        ("mail", "fire", NOW),
    }
    assert facts_from_json(told[0].payload).incident_id == found.incident_id
    with store.read() as connection:
        assert [each.kind for each in events_of(connection, found.incident_id)] == ["opened"]


def record_and_fail(store: Store) -> None:
    """Record a report, and fail before the transaction ends."""
    with store.write() as connection:
        known = get_model(connection, MODEL)
        record_reports(connection, known, find_batch(connection, known, "b1"), [report("age")], SETTINGS, now=NOW)
        raise ZeroDivisionError


def test_nothing_is_stored_when_the_transaction_fails(store: Store) -> None:
    """Neither the incident, nor what the rule remembers, nor a message."""
    log_predictions(store, make_batch(MODEL, batch_id="b1", predicted_at=NOW), now=NOW)
    with pytest.raises(ZeroDivisionError):
        record_and_fail(store)
    with store.read() as connection:
        assert recent_incidents(connection) == ()
    assert len(judge(store, "b1", NOW, "age")) == 1


def test_the_next_window_finds_what_the_last_one_left(store: Store) -> None:
    """The same incident goes on, is over after two clear windows, and a later one is another episode."""
    for number, drifted in enumerate((("age",), ("age",), (), (), ("age",))):
        judge(store, f"b{number}", NOW + number * HOUR, *drifted)
    with store.read() as connection:
        newest, first = recent_incidents(connection)
    assert (first.episode, first.state, first.windows) == (1, IncidentState.RESOLVED, 2)
    assert (newest.episode, newest.state, newest.windows) == (2, IncidentState.FIRING, 1)


def test_a_batch_judged_again_tells_nothing_again(store: Store) -> None:
    """The window is not newer than the last one."""
    judge(store, "b1", NOW, "age")
    before = only(store)
    with store.write() as connection:
        known = get_model(connection, MODEL)
        found = find_batch(connection, known, "b1")
        assert record_reports(connection, known, found, [report("age")], SETTINGS, now=NOW + HOUR) == ()
    assert only(store) == before


def test_the_time_to_look_again_is_kept_and_met(store: Store) -> None:
    """Nobody acknowledged it within a quarter of an hour: it escalates then, and not before."""
    judge(store, "b1", NOW, "age")
    deliver_all(store)
    found, _ = only(store)
    with store.read() as connection:
        assert to_wake(connection, now=NOW + timedelta(minutes=14), horizon=NOW + 9 * 24 * HOUR) == ()
    assert look_after(store, SETTINGS, now=NOW + timedelta(minutes=14)) == 0
    assert look_after(store, SETTINGS, now=NOW + timedelta(minutes=15)) == 1
    _, told = only(store)
    assert [each.kind for each in told].count("escalate") == 2
    assert found.is_open


def test_a_clock_set_back_by_a_year_stops_no_reminder(store: Store) -> None:
    """A time to wake that far ahead was never meant."""
    judge(store, "b1", NOW, "age")
    assert look_after(store, SETTINGS, now=NOW - timedelta(days=365)) == 1


def test_an_incident_that_cannot_be_read_holds_up_nobody(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """The next one is reminded all the same; the log says which one it is, and it is tried again a minute later."""
    judge(store, "b1", NOW, "age")
    deliver_all(store)
    with store.write() as connection:
        model_id = get_model(connection, MODEL).model_id
        broken = insert_incident(connection, incident(incident_id=0, fingerprint="f00d", model_id=model_id))
        mine = tables.incidents.c.incident_id == broken.incident_id
        connection.execute(update(tables.incidents).where(mine).values(payload="{", wake_at=0))
    at = NOW + timedelta(minutes=15)
    assert look_after(store, SETTINGS, now=at) == 2
    assert f"no plan for incident {broken.incident_id}" in caplog.text
    with store.read() as connection:
        told = told_of(connection, [1])[1]
        assert broken.incident_id not in to_wake(connection, now=at, horizon=at + HOUR)
    assert [each.kind for each in told].count("escalate") == 2


def test_replan_is_the_same_as_the_first_plan(store: Store) -> None:
    """A second look at the same moment finds nothing untold."""
    judge(store, "b1", NOW, "age")
    found, told = only(store)
    with store.write() as connection:
        hold_alert_queue(connection)
        replan(connection, found, SETTINGS, now=NOW)
    assert only(store)[1] == told


def test_forty_features_are_one_incident_and_one_message_a_channel(store: Store) -> None:
    """With the list inside."""
    judge(store, "b1", NOW, *(f"f{number:02}" for number in range(40)))
    found, told = only(store)
    assert len(found.affected) == 40
    assert len(told) == 2
    assert facts_from_json(told[0].payload).n_affected == 40


def test_an_incident_made_by_hand_is_read_back_as_it_was(store: Store) -> None:
    """Every field survives the database; text no database could hold is escaped."""
    with store.write() as connection:
        model_id = get_model(connection, MODEL).model_id
        stored = insert_incident(connection, incident(incident_id=0, model_id=model_id, acked_by="ada", acked_at=NOW))
        changed = replace(stored, snoozed_until=NOW + HOUR, flapping=True, feedback="noise", severity="warning")
        update_incident(connection, changed)
    with store.read() as connection:
        assert open_incidents(connection) == (changed,)
