"""What a budget of false pages is set against: batches judged, and batches somebody was called for."""

from datetime import UTC, datetime, timedelta

from driftboard.data import ModelKey, Store, find_batch, get_model, log_predictions, promote_reference, register_model
from driftboard.data.alert_log import AlertState, NewAlert, count_pages, insert_alerts
from driftboard.data.judged import count_judged
from driftboard.data.reports import save_report
from tests.data.batches import make_batch

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_batch_counts_once_whoever_judged_it(store: Store, key: ModelKey):
    """Two monitors and a second look are one batch; nothing counts that lies before, or belongs to another model."""
    reference = promote_reference(store, make_batch(key))
    log_predictions(store, make_batch(key), now=NOW)
    other = ModelKey("other")
    register_model(store, other)
    with store.write() as connection:
        model = get_model(connection, key)
        batch = find_batch(connection, model, "day-1")
        for monitor, payload in (("feature", "{}"), ("quality", "{}"), ("quality", "[]")):
            save_report(
                connection, batch, monitor=monitor, reference_id=reference, verdict="ok", payload=payload, now=NOW
            )
    with store.read() as connection:
        assert count_judged(connection, model.model_id, since=NOW) == 1
        assert count_judged(connection, model.model_id, since=NOW + HOUR) == 0
        assert count_judged(connection, get_model(connection, other).model_id, since=NOW) == 0


def test_a_page_is_a_batch_and_not_a_message(store: Store, key: ModelKey):
    """Two critical messages on two channels are one page; warnings, held back and earlier ones are none."""
    log_predictions(store, make_batch(key), now=NOW)
    rows = [
        ("critical", AlertState.DELIVERED, "slack", NOW),
        ("critical", AlertState.DRY_RUN, "email", NOW),
        ("warning", AlertState.DELIVERED, "slack", NOW),
    ]
    with store.write() as connection:
        model = get_model(connection, key)
        batch_key = find_batch(connection, model, "day-1").batch_key
        insert_alerts(connection, [_alert(model.model_id, batch_key, at, *row) for at, row in enumerate(rows)])
        assert count_pages(connection, model.model_id, since=NOW) == 1
        assert count_pages(connection, model.model_id, since=NOW + HOUR) == 0


def test_what_was_not_sent_is_no_page(store: Store, key: ModelKey):
    """The negative control: suppressed, failed, queued and logged criticals called nobody."""
    log_predictions(store, make_batch(key), now=NOW)
    states = (AlertState.SUPPRESSED, AlertState.FAILED, AlertState.QUEUED, AlertState.LOGGED)
    with store.write() as connection:
        model = get_model(connection, key)
        batch_key = find_batch(connection, model, "day-1").batch_key
        rows = [_alert(model.model_id, batch_key, at, "critical", each, "slack", NOW) for at, each in enumerate(states)]
        insert_alerts(connection, rows)
        assert count_pages(connection, model.model_id, since=NOW) == 0


def _alert(model_id: int, batch_key: int, at: int, severity: str, state: AlertState, channel: str, when: datetime):
    return NewAlert(model_id, batch_key, f"f{at}", "feature_drift", "", severity, "", channel, state, "", when)
