"""What is erased or purged leaves the review queue and the events that wait for their other half, too."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from driftboard.data import ModelKey, Store, get_model, log_predictions, tables
from driftboard.data.catalog import Model
from driftboard.data.erasure import erase
from driftboard.data.half_events import put_half
from driftboard.data.retention import purge
from driftboard.data.review import review_counts, waiting
from driftboard.data.review_choice import queue_new
from driftboard.review_settings import ReviewSettings
from tests.data.batches import make_batch

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ALL = ReviewSettings(fraction=1.0)


def queued(store: Store, key: ModelKey, name: str, *, at: datetime = NOW) -> Model:
    """Log two predictions in a batch of their own, and queue them; their model."""
    ids = [f"{name}-{row}" for row in range(2)]
    log_predictions(store, make_batch(key, 2, batch_id=name, prediction_ids=ids, predicted_at=at), now=NOW)
    with store.read() as connection:
        model = get_model(connection, key)
    assert queue_new(store, model, ALL, now=NOW) == 2
    return model


def all_queued(store: Store) -> set[str]:
    """Every id in the table, whatever its state."""
    with store.read() as connection:
        return set(connection.execute(select(tables.review_queue.c.prediction_id)).scalars())


def test_what_is_erased_is_not_asked_for(store: Store, key: ModelKey) -> None:
    """Its id is nowhere in the queue; the others wait on, and show what they are."""
    model = queued(store, key, "a")
    erase(store, model, ["a-0"])
    assert all_queued(store) == {"a-1"}
    with store.read() as connection:
        (item,) = waiting(connection, model)
    assert (item.prediction_id, item.predicted) == ("a-1", "leave")


def test_half_an_event_of_an_erased_prediction_goes(store: Store, key: ModelKey) -> None:
    """By the id of its request, which for several rows is the prediction's id without its number; no others do."""
    model = queued(store, key, "a")
    pairs = [f"{key}\n\n\na", f"{key}\n\n\nb", f"{key}\n\n\na-0", "other:1@production\n\n\na"]
    with store.write() as connection:
        for pair in pairs:
            put_half(connection, pair, "request", "{}", now=NOW)
    erase(store, model, ["a-0"])
    with store.read() as connection:
        left = connection.execute(select(tables.half_events.c.event_id)).scalars().all()
    assert sorted(left) == sorted([pairs[1], pairs[3]])


def test_what_is_purged_is_not_asked_for(store: Store, key: ModelKey) -> None:
    """Whatever became of it in the queue."""
    queued(store, key, "old", at=NOW - timedelta(days=9))
    model = queued(store, key, "young")
    purge(store, model, older_than=timedelta(days=3), now=NOW)
    assert all_queued(store) == {"young-0", "young-1"}
    with store.read() as connection:
        assert review_counts(connection, model).waiting == 2


def test_a_block_whose_number_is_given_again_is_looked_through(store: Store, key: ModelKey) -> None:
    """SQLite numbers blocks anew when the newest is gone: what comes next is chosen from all the same."""
    model = queued(store, key, "a")
    queued(store, key, "b")
    erase(store, model, ["b-0", "b-1"])
    queued(store, key, "c")
    purge(store, model, older_than=timedelta(0), now=NOW + timedelta(days=1))
    queued(store, key, "d")
    assert all_queued(store) == {"d-0", "d-1"}
