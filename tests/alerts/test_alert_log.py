"""SQL on the alerts table."""

from datetime import UTC, timedelta

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from driftboard.data import alert_log
from driftboard.data.alert_log import MAX_WAIT, AlertState, NewAlert
from driftboard.data.model_key import ModelKey
from tests.alerts.fakes import MODEL, NOW

MINUTE = timedelta(minutes=1)


@pytest.fixture
def add(store, model_id):
    """Return a function that adds a row; batches are made as they are named."""
    keys = {}

    def insert(subject="age", *, batch="b1", channel="slack", state=AlertState.QUEUED, at=NOW, model=model_id):
        if batch not in keys:
            keys[batch] = store.add_batch(model, batch)
        row = NewAlert(model, keys[batch], subject, "feature_drift", subject, "critical", "m", channel, state, "", at)
        with store.write() as connection:
            alert_log.insert_alerts(connection, [row])

    return insert


@pytest.fixture
def claim(store):
    """Return a function that claims the next message, and returns its subjects."""

    def take(at=NOW):
        with store.write() as connection:
            return [row.subject for row in alert_log.claim(connection, now=at, lease=MINUTE)]

    return take


def finish(store, ids, state, *, now=NOW, not_before=None):
    """Record an outcome."""
    with store.write() as connection:
        alert_log.finish(connection, ids, state=state, reason="r", now=now, not_before=not_before)


def test_a_record_comes_back_whole(add, store):
    """What was added is read back, with names, and times that are aware."""
    add()
    (row,) = store.rows()
    assert (row.model, row.batch_id, row.n_predictions) == (MODEL, "b1", 1000)
    assert (row.subject, row.severity, row.state, row.attempts) == ("age", "critical", AlertState.QUEUED, 0)
    assert (row.created_at, row.not_before, row.finished_at) == (NOW, NOW, None)
    assert row.created_at.tzinfo is UTC


def test_a_message_is_one_batch_and_channel(add, claim):
    """A claim takes all rows of one model, batch and channel, and no others."""
    for subject, batch, channel in [
        ("a", "b1", "slack"),
        ("b", "b1", "email"),
        ("c", "b1", "slack"),
        ("d", "b2", "email"),
    ]:
        add(subject, batch=batch, channel=channel)
    assert claim() == ["a", "c"]
    assert claim() == ["b"]


def test_two_dispatchers_do_not_take_the_same(add, claim):
    """N6: what is claimed is not due until the lease ends; then anyone may take it."""
    add()
    assert claim() == ["age"]
    assert claim() == []
    assert claim(NOW + 59 * MINUTE / 60) == []
    assert claim(NOW + MINUTE) == ["age"]


def test_a_claim_counts_the_attempt_first(add, claim, store):
    """A13: the attempt is on record before anything is sent, and the row still waits."""
    add()
    claim()
    (row,) = store.rows()
    assert (row.attempts, row.state) == (1, AlertState.QUEUED)


def test_a_channel_that_waits_sends_nothing_else(add, claim, store):
    """A8: while a tried message of a channel is put off, newer ones wait too; other channels do not."""
    add("a")
    claim()
    finish(store, [1], AlertState.QUEUED, not_before=NOW + 5 * MINUTE)
    add("b", batch="b2")
    add("c", batch="b3", channel="email")
    assert claim(NOW + MINUTE) == ["c"]
    assert claim(NOW + 1.5 * MINUTE) == []
    assert claim(NOW + 5 * MINUTE) == ["b"]


def test_a_message_that_always_fails_does_not_starve_others(add, claim, store):
    """The least often tried goes first."""
    add("poison")
    claim()
    finish(store, [1], AlertState.QUEUED, not_before=NOW)
    add("fresh", batch="b2")
    assert claim() == ["fresh"]


def test_a_clock_set_back_does_not_hold_a_message_for_ever(add, claim):
    """A5: a row whose time lies further ahead than any wait is due at once."""
    add(at=NOW)
    assert claim(NOW - timedelta(days=1)) == ["age"]


def test_no_wait_is_longer_than_the_longest(add, claim, store):
    """An absurd Retry-After is cut down."""
    add()
    claim()
    finish(store, [1], AlertState.QUEUED, not_before=NOW + timedelta(days=900))
    assert claim(NOW + MAX_WAIT) == ["age"]


def test_an_outcome_stands(add, store):
    """A late outcome of an attempt that was given up does not overwrite the one on record."""
    add()
    finish(store, [1], AlertState.DELIVERED)
    finish(store, [1], AlertState.FAILED)
    (row,) = store.rows()
    assert (row.state, row.finished_at) == (AlertState.DELIVERED, NOW)


def test_pages_of_the_feed(add, store):
    """Newest first; the last id seen gives the next page; one model or all."""
    for n in range(5):
        add(f"f{n}")
    other = store.add_model(ModelKey("other"))
    add("x", batch="b2", model=other)
    with store.read() as connection:
        first = alert_log.recent_alerts(connection, limit=2)
        second = alert_log.recent_alerts(connection, limit=2, before_id=first[-1].alert_id)
        mine = alert_log.recent_alerts(connection, model_id=other, limit=9)
    assert [row.subject for row in first + second] == ["x", "f4", "f3", "f2"]
    assert [row.subject for row in mine] == ["x"]


def test_counts_by_state(add, store, model_id):
    """Every state is counted, zeros too; the queue's age is that of its oldest row."""
    add("a", at=NOW - MINUTE)
    add("b", state=AlertState.SUPPRESSED, at=NOW - 5 * MINUTE)
    with store.read() as connection:
        counts = alert_log.count_by_state(connection, model_id=model_id)
        oldest = alert_log.oldest_queued(connection)
    assert counts == {**dict.fromkeys(AlertState, 0), AlertState.QUEUED: 1, AlertState.SUPPRESSED: 1}
    assert oldest == NOW - MINUTE


def test_an_empty_queue_has_no_age(store):
    """Nothing queued, no time."""
    with store.read() as connection:
        assert alert_log.oldest_queued(connection) is None


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=["sqlite", "postgresql"])
def test_the_queries_compile_for_both_databases(dialect):
    """The hardest query is standard SQL; PostgreSQL itself is tried where it is installed."""
    query = alert_log._records().where(alert_log._is_due(NOW)).limit(1)
    assert "NOT IN (SELECT" in " ".join(str(query.compile(dialect=dialect)).split())
