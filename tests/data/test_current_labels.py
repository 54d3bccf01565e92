"""The label that counts of each of some predictions."""

from datetime import timedelta

from driftboard.data import PredictionBatch, label_predictions, log_predictions, register_model
from driftboard.data.catalog import get_model
from driftboard.data.current_labels import current_labels
from driftboard.data.places import places_of
from tests.dashboard.worlds import DAY_0, PRICE


def test_the_label_that_was_observed_latest_counts(store):
    """Whatever order labels came in; of the same time, the one stored last; a prediction without one is left out."""
    register_model(store, PRICE, task="regression")
    batch = PredictionBatch(PRICE, 1, {"a": [1.0, 2.0, 3.0]}, [1.0, 2.0, 3.0], prediction_ids=["a", "b", "c"])
    log_predictions(store, batch)
    for hours, labels in ((2, {"a": 20.0}), (1, {"a": 10.0, "b": 11.0}), (1, {"b": 12.0})):
        label_predictions(store, labels, model=PRICE, observed_at=DAY_0 + timedelta(hours=hours), source=str(labels))
    with store.read() as connection:
        places = places_of(connection, get_model(connection, PRICE).model_id, ["a", "b", "c"])
        found = current_labels(connection, list(places.values()))
    assert found == {places["a"]: 20.0, places["b"]: 12.0}
