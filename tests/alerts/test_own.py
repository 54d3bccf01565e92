"""Incidents about driftboard itself, and the patrol that finds some of them."""

from datetime import timedelta

import pytest

from driftboard.alerts.own import clear_own, raise_own
from driftboard.alerts.patrol import patrol
from driftboard.alerts.severity import Severity
from driftboard.data import ModelKey, Store, get_model, log_predictions, register_model
from driftboard.data.incidents import events_of, open_incidents, recent_incidents
from driftboard.data.outbox import told_of
from tests.alerts.incidents import MODEL, NOW, alert_settings
from tests.data.batches import make_batch

SETTINGS = alert_settings()
DAY = timedelta(days=1)


def broken(
    store: Store, message: str = "Slack answered 410.", severity: Severity = Severity.CRITICAL, rules: object = None
):
    """Say that the channel `team` is broken."""
    with store.write() as connection:
        return raise_own(
            connection,
            rule="channel_broken",
            subject="team",
            message=message,
            severity=severity,
            settings=alert_settings(rules=rules or {}),
            now=NOW,
        )


def test_it_is_one_incident_however_often_it_is_said(store: Store) -> None:
    """And is told on the other channel only."""
    first, again = broken(store), broken(store)
    assert first is not None
    assert again is not None
    assert first.incident_id == again.incident_id
    with store.read() as connection:
        (told,) = told_of(connection, [first.incident_id])[first.incident_id]
    assert (told.channel, told.kind, told.model) == ("mail", "fire", "")


def test_it_is_over_when_somebody_says_so_and_may_come_again(store: Store) -> None:
    """As another episode."""
    broken(store)
    for _ in range(2):
        with store.write() as connection:
            clear_own(connection, rule="channel_broken", subject="team", settings=SETTINGS, now=NOW + DAY)
    broken(store)
    with store.read() as connection:
        newest, first = recent_incidents(connection)
        assert [each.kind for each in events_of(connection, first.incident_id)] == ["opened", "resolved"]
    assert (first.resolution, newest.episode, newest.is_open) == ("recovered", 2, True)


def test_a_graver_one_rises(store: Store) -> None:
    """A warning that becomes critical is told again; the newest sentence stands."""
    broken(store, severity=Severity.WARNING)
    risen = broken(store, "Slack answered 404.")
    assert risen is not None
    assert (risen.severity, risen.message) == ("critical", "Slack answered 404.")
    with store.read() as connection:
        assert [each.kind for each in events_of(connection, risen.incident_id)] == ["opened", "rose"]


def test_the_configuration_caps_it_or_switches_it_off(store: Store) -> None:
    """As it does with every rule."""
    assert broken(store, rules={"channel_broken": {"enabled": False}}) is None
    capped = broken(store, rules={"channel_broken": {"severity": "warning"}})
    assert capped is not None
    assert capped.severity == "warning"


@pytest.fixture
def daily(store: Store) -> Store:
    """A model with ten daily batches, the last of them now."""
    register_model(store, MODEL)
    feed(store, MODEL, 10)
    return store


def feed(store: Store, key: ModelKey, n: int) -> None:
    """Log so many daily batches of six rows, the last of them now."""
    for number in range(n):
        at = NOW - (n - 1 - number) * DAY
        ids = [f"{key.version}-{number}-{row}" for row in range(6)]
        log_predictions(store, make_batch(key, batch_id=f"b{number}", predicted_at=at, prediction_ids=ids), now=at)


def test_a_model_that_fell_silent_is_an_incident(daily: Store) -> None:
    """After three windows were missed, not before; it is over with the next batch."""
    patrol(daily, SETTINGS, now=NOW + 4 * DAY)
    with daily.read() as connection:
        assert open_incidents(connection) == ()
    later = NOW + 4 * DAY + timedelta(minutes=1)
    patrol(daily, SETTINGS, now=later)
    with daily.read() as connection:
        (found,) = open_incidents(connection)
    assert (found.rule, found.severity, found.model) == ("no_data", "warning", MODEL)
    assert "No prediction since 2026-03-01 12:00 UTC" in found.message
    ids = [f"new-{row}" for row in range(6)]
    log_predictions(daily, make_batch(MODEL, batch_id="new", predicted_at=later, prediction_ids=ids), now=later)
    patrol(daily, SETTINGS, now=later)
    with daily.read() as connection:
        assert open_incidents(connection) == ()


def test_a_model_without_a_rhythm_is_left_alone(store: Store) -> None:
    """Seven batches tell none."""
    register_model(store, MODEL)
    feed(store, MODEL, 7)
    patrol(store, SETTINGS, now=NOW + 365 * DAY)
    with store.read() as connection:
        assert recent_incidents(connection) == ()


def test_the_incidents_of_a_replaced_version_are_over(daily: Store) -> None:
    """Another version has taken its place: nobody waits for its next window."""
    with daily.write() as connection:
        model = get_model(connection, MODEL)
        raise_own(
            connection,
            rule="monitor_error",
            subject="",
            message="It failed.",
            severity=Severity.WARNING,
            settings=SETTINGS,
            now=NOW,
            model=model,
        )
    later = NOW + 9 * DAY
    successor = ModelKey(MODEL.name, "3")
    register_model(daily, successor)
    log_predictions(daily, make_batch(successor, predicted_at=later), now=later)
    patrol(daily, SETTINGS, now=later)
    with daily.read() as connection:
        (found,) = recent_incidents(connection)
    assert (found.resolution, found.is_open) == ("replaced by version 3", False)
