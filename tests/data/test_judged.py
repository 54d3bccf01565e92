"""What a budget of false pages is set against: batches judged, and batches somebody was called for."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update

from driftboard.data import (
    ModelKey,
    Store,
    find_batch,
    get_model,
    log_predictions,
    promote_reference,
    register_model,
    tables,
)
from driftboard.data.incident import Affected, Incident, IncidentState
from driftboard.data.incidents import insert_incident
from driftboard.data.judged import count_judged
from driftboard.data.outbox import NewNotification, count_pages, enqueue
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


def test_a_page_is_an_incident_and_not_a_message(store: Store, key: ModelKey):
    """Two critical messages on two channels are one page; warnings, reminders and earlier ones are none."""
    rows = [
        ("critical", "fire", "delivered", "slack"),
        ("critical", "fire", "dry_run", "email"),
        ("critical", "reminder", "delivered", "slack"),
    ]
    _tell(store, key, rows)
    _tell(store, key, [("warning", "fire", "delivered", "slack"), ("critical", "reminder", "delivered", "slack")])
    with store.read() as connection:
        assert count_pages(connection, str(key), since=NOW) == 1
        assert count_pages(connection, str(key), since=NOW + HOUR) == 0
        assert count_pages(connection, "other:1@production", since=NOW) == 0


def test_what_was_not_sent_is_no_page(store: Store, key: ModelKey):
    """The negative control: suppressed, superseded, dead and queued criticals called nobody."""
    for state in ("suppressed", "superseded", "dead", "queued"):
        _tell(store, key, [("critical", "fire", state, "slack")])
    with store.read() as connection:
        assert count_pages(connection, str(key), since=NOW) == 0


def _tell(store: Store, key: ModelKey, rows: list[tuple[str, str, str, str]]) -> None:
    """Store an incident and, of each row, a notification of this severity, kind, state and channel."""
    register_model(store, key)
    with store.write() as connection:
        model_id = get_model(connection, key).model_id
        identity = f"f{connection.execute(select(func.count()).select_from(tables.incidents)).scalar_one()}"
        incident = insert_incident(connection, _incident(identity, model_id, key))
        for severity, kind, state, channel in rows:
            enqueue(connection, [_notification(incident, kind, channel, severity)])
            newest = tables.notifications.c.state == "queued"
            connection.execute(update(tables.notifications).where(newest).values(state=state))


def _incident(fingerprint: str, model_id: int, key: ModelKey) -> Incident:
    return Incident(
        fingerprint=fingerprint,
        episode=1,
        model_id=model_id,
        model=key,
        rule="feature_drift",
        subject="",
        state=IncidentState.FIRING,
        severity="critical",
        worst="critical",
        affected=(Affected("age", "critical", "", 1.0, "b", NOW),),
        batch_key=None,
        batch_id="b",
        rows=1,
        since="b",
        since_at=NOW,
        windows=1,
        opened_at=NOW,
        changed_at=NOW,
    )


def _notification(of: Incident, kind: str, channel: str, severity: str) -> NewNotification:
    return NewNotification(
        incident_id=of.incident_id,
        fingerprint=of.fingerprint,
        model=str(of.model),
        kind=kind,
        step=0,
        channel=channel,
        severity=severity,
        payload="{}",
        not_before=NOW,
        created_at=NOW,
    )
