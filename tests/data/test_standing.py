"""How the log stands, in a few numbers that are asked for every few seconds."""

from datetime import timedelta

from sqlalchemy import text

from driftboard.data import ModelKey, Store, label_predictions, register_model
from driftboard.data.service_counts import ServiceCounts
from driftboard.data.standing import (
    _NEWEST_PREDICTIONS,
    database_bytes,
    newest_predictions,
    predicted_lately,
    unjudged_batches,
)
from tests.exporter.world import KEY, MINUTE, NOW, add_model, add_report, count


def test_the_newest_prediction_of_each_model(store: Store) -> None:
    """The latest time of its newest batches; a model without predictions has none."""
    model = add_model(store, batches=("day-1", "day-2"))
    register_model(store, ModelKey("silent"))
    with store.read() as connection:
        assert newest_predictions(connection) == {model.model_id: NOW + MINUTE}


def test_judged_batches_are_not_waited_for(store: Store) -> None:
    """What has a report counts no more, until a label changes it; without a reference nothing is waited for."""
    model = add_model(store, batches=("day-1", "day-2"))
    with store.read() as connection:
        assert unjudged_batches(connection, model) == 2
    add_report(store, model, "feature", "{}", batch="day-1")
    with store.read() as connection:
        assert unjudged_batches(connection, model) == 1
    label_predictions(store, {"day-1-0": "leave"}, model=KEY, now=NOW)
    with store.read() as connection:
        assert unjudged_batches(connection, model) == 2


def test_purged_batches_are_not_waited_for(store: Store) -> None:
    """A batch that has lost rows cannot be judged: nobody waits for it."""
    model = add_model(store)
    with store.write() as connection:
        connection.execute(text("UPDATE batches SET n_predictions = n_predictions + 1"))
    with store.read() as connection:
        assert unjudged_batches(connection, model) == 0


def test_whole_minutes_count(store: Store) -> None:
    """Neither the minute that has begun nor one that is long over; the service's own word where nothing is logged."""
    model = add_model(store, at=NOW - timedelta(days=1))
    for ago in (0, 1, 2, 9):
        count(store, model, ServiceCounts(success=10**ago), source="predictions", at=NOW - ago * MINUTE)
    count(store, model, ServiceCounts(success=1, rows_sum=7), at=NOW - MINUTE)
    other = add_model(store, ModelKey("other"), at=NOW - timedelta(days=1))
    count(store, other, ServiceCounts(success=1, rows_sum=7), at=NOW - MINUTE)
    with store.read() as connection:
        found = predicted_lately(connection, (model, other), now=NOW, minutes=5)
    assert found == {model.model_id: 110, other.model_id: 7}


def test_the_size_is_told(store: Store) -> None:
    """Bytes of the database; of the write-ahead log where there is one."""
    add_model(store)
    whole, log = database_bytes(store)
    assert whole > 1_000
    assert (log is None) == store.on_server


def test_times_are_searched_by_key(path, store: Store) -> None:
    """However many batches there are, three of each model are read."""
    del path
    with store.read() as connection:
        query = _NEWEST_PREDICTIONS.on(connection).text
        plan = [str(row[-1]) for row in connection.execute(text(f"EXPLAIN QUERY PLAN {query}"))]
    assert any("batches_in_time" in line for line in plan)
    assert not [line for line in plan if line.startswith("SCAN b")]


def test_nothing_counted_is_nothing(store: Store) -> None:
    """A log without models has no predictions lately."""
    with store.read() as connection:
        assert predicted_lately(connection, (), now=NOW, minutes=5) == {}
