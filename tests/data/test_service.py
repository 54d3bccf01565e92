"""A model is judged by its requests where a service told of any, else by what the log counted."""

from datetime import timedelta

from driftboard.data import ModelKey, Store, register_model
from driftboard.data.service import read_predicted, read_service, services_ever
from tests.data.service_stretches import NOW, some, tell

DAY = timedelta(days=1)
WINDOW = {"since": NOW - DAY, "until": NOW + DAY}


def test_requests_come_first(store: Store, key: ModelKey) -> None:
    """The log's own counts stay to be read by who wants classes and confidence."""
    model_id = tell(store, key, (NOW, some(5)), source="predictions")
    with store.read() as connection:
        assert read_service(connection, model_id, **WINDOW).source == "predictions"
    tell(store, key, (NOW, some(2)), (NOW - timedelta(hours=1), some(1)))
    with store.read() as connection:
        service = read_service(connection, model_id, **WINDOW)
        assert (service.source, service.total.success) == ("requests", 3)
        assert [each.counts.success for each in service.stretches] == [1, 2]
        assert read_predicted(connection, model_id, **WINDOW).total.success == 5


def test_the_source_is_that_of_the_time(store: Store, key: ModelKey) -> None:
    """A service that was instrumented only later says nothing of the time before."""
    model_id = tell(store, key, (NOW - 3 * DAY, some(5)), source="predictions")
    tell(store, key, (NOW, some(2)))
    with store.read() as connection:
        before = read_service(connection, model_id, since=NOW - 4 * DAY, until=NOW - DAY)
    assert (before.source, before.total.success, before.stretches[0].seconds) == ("predictions", 5, 3600)


def test_a_silent_model_has_nothing(store: Store, key: ModelKey) -> None:
    """No stretch, no count, no error."""
    assert key.version == "3"
    with store.read() as connection:
        service = read_service(connection, 1, **WINDOW)
        assert (service.source, service.stretches, service.total.total) == ("predictions", (), 0)
        assert services_ever(connection) == {}


def test_all_of_time_by_model(store: Store, key: ModelKey) -> None:
    """Of its requests, and of its predictions; None where nobody told of any."""
    price = ModelKey("price")
    register_model(store, price, task="regression")
    one = tell(store, key, (NOW, some(5)), source="predictions")
    tell(store, key, (NOW, some(2)))
    other = tell(store, price, (NOW, some(1)))
    with store.read() as connection:
        assert services_ever(connection) == {one: (some(2), some(5)), other: (some(1), None)}
