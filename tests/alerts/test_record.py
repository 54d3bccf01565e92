"""From alerts to rows: routes, the rate limit, and batches that are judged again."""

from datetime import timedelta

import pytest

from driftboard.alerts.gate import Alert
from driftboard.alerts.record import record_alerts
from driftboard.alerts.severity import Severity
from driftboard.config import EmailSettings
from driftboard.data import alert_log
from driftboard.data.alert_log import AlertState
from tests.alerts.fakes import HOSTILE, MODEL, NOW, alert

EMAIL = EmailSettings(host="localhost", sender="d@example.com", recipients=("a@example.com",))
HOUR = timedelta(hours=1)


@pytest.fixture
def tell(store, model_id, settings):
    """Return a function that records alerts of a batch at an hour, and returns the new rows' states."""
    keys = {}

    def record(*alerts: Alert, batch="b1", at=NOW, **section: object):
        if batch not in keys:
            keys[batch] = store.add_batch(model_id, batch)
        with store.write() as connection:
            rows = record_alerts(
                connection,
                model_id=model_id,
                batch_key=keys[batch],
                model=MODEL,
                alerts=alerts,
                settings=settings(**section).alerts,
                now=at,
            )
        return [str(row.state) for row in rows]

    return record


def test_a_row_for_each_channel(tell, store):
    """A critical alert is queued for Slack and mail, a warning for Slack only, an unconfirmed one is logged."""
    unconfirmed = alert("b", "feature_drift_unconfirmed", Severity.WARNING)
    tell(alert(), alert("a", "schema", Severity.WARNING), unconfirmed, email=EMAIL)
    found = [(row.rule, row.channel, str(row.state)) for row in store.rows()]
    assert found == [
        ("feature_drift", "slack", "queued"),
        ("feature_drift", "email", "queued"),
        ("schema", "slack", "queued"),
        ("feature_drift_unconfirmed", "none", "logged"),
    ]


def test_a_storm_tells_once_per_window(tell):
    """A2: a hundred bad batches, one each quarter of an hour, tell once in four hours."""
    states = [tell(alert(), batch=f"b{n}", at=NOW + n * HOUR / 4)[0] for n in range(100)]
    assert states.count("queued") == 7
    assert states.count("suppressed") == 93


def test_a_new_feature_is_not_silenced_by_another(tell):
    """A2/A3: the limit is per problem: the second feature to drift is told at once."""
    assert tell(alert("age")) == ["queued"]
    assert tell(alert("age"), alert("pay"), batch="b2") == ["suppressed", "queued"]


def test_a_warning_that_turns_critical_is_told(tell):
    """Unconfirmed to confirmed is another rule; decay that was a warning is told again when it is critical."""
    assert tell(alert("age", "feature_drift_unconfirmed", Severity.WARNING)) == ["logged"]
    assert tell(alert("age"), batch="b2") == ["queued"]
    assert tell(alert("", "performance_decay", Severity.WARNING), batch="b3") == ["queued"]
    assert tell(alert("", "performance_decay", Severity.CRITICAL), batch="b4") == ["queued"]
    assert tell(alert("", "performance_decay", Severity.WARNING), batch="b5") == ["suppressed"]


def test_a_batch_judged_again_is_not_alerted_again(tell):
    """A revised report adds what is new and repeats nothing, even when the rate limit has passed."""
    assert tell(alert()) == ["queued"]
    assert tell(alert(), alert("pay"), at=NOW + 9 * HOUR) == ["queued"]


def test_the_same_finding_twice_is_one_row(tell):
    """Two alerts of one identity in one call are one."""
    assert tell(alert(), alert()) == ["queued"]


def test_a_failed_message_does_not_suppress_the_next(tell, store):
    """A1: what nobody received does not count as told."""
    tell(alert())
    with store.write() as connection:
        alert_log.finish(connection, [1], state=AlertState.FAILED, reason="gone", now=NOW)
    assert tell(alert(), batch="b2", at=NOW + HOUR) == ["queued"]


def test_a_rehearsal_does_not_suppress_the_real_alert(tell, store):
    """A15: after dry_run is switched off the first alert is sent, though the rehearsal was minutes ago."""
    tell(alert(), dry_run=True)
    with store.write() as connection:
        alert_log.finish(connection, [1], state=AlertState.DRY_RUN, reason="", now=NOW)
    assert tell(alert(), batch="b2", at=NOW + HOUR, dry_run=True) == ["suppressed"]
    assert tell(alert(), batch="b3", at=NOW + HOUR) == ["queued"]


def test_a_clock_set_back_a_day_does_not_silence(tell):
    """A5: with the clock set back, the first batch is told and the limit starts anew."""
    assert tell(alert()) == ["queued"]
    assert tell(alert(), batch="b2", at=NOW - 24 * HOUR) == ["queued"]
    assert tell(alert(), batch="b3", at=NOW - 23 * HOUR) == ["suppressed"]


def test_channels_are_limited_one_by_one(tell, store):
    """A channel that is configured later is told, though another was told already."""
    tell(alert())
    assert tell(alert(), batch="b2", email=EMAIL) == ["suppressed", "queued"]
    assert [row.channel for row in store.rows()] == ["slack", "slack", "email"]


def test_rolled_back_with_the_report(store, model_id, settings):
    """A13: rows live and die with the caller's transaction."""
    names = {"model_id": model_id, "batch_key": store.add_batch(model_id, "b9"), "model": MODEL}

    def fail_after_recording():
        with store.write() as connection:
            record_alerts(connection, **names, alerts=[alert()], settings=settings().alerts, now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_recording()
    assert store.rows() == ()


def test_any_name_can_be_stored(tell, store):
    """Names with NUL, half a surrogate pair or SQL in them become rows like any other."""
    tell(*(alert(name) for name in HOSTILE))
    assert len(store.rows()) == len(HOSTILE)


def test_ten_thousand_features(tell, store):
    """A32: all of them are stored, and the second batch finds each one's last notification."""
    many = [alert(f"f{n}") for n in range(10_000)]
    assert set(tell(*many)) == {"queued"}
    assert set(tell(*many, batch="b2")) == {"suppressed"}
    assert len(store.rows()) == 20_000
