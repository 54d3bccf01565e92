"""Labels as events: early, late, partial, repeated, corrected."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from driftboard.data import (
    ModelKey,
    PredictionBatch,
    Store,
    backfill_ground_truth,
    find_batch,
    get_model,
    label_predictions,
    log_predictions,
    register_model,
)
from driftboard.errors import LabelMismatch, UnknownBatch, UnknownModel
from tests.data.batches import make_batch, read

START = datetime(2026, 3, 1, tzinfo=UTC)


def current(store: Store, key: ModelKey, **options: Any) -> list[Any]:
    """The current labels of day-1 as classes."""
    rows = read(store, key, **options)
    return [None if np.isnan(code) else rows.classes[int(code)] for code in rows.labels]


def counted(store: Store, key: ModelKey) -> int:
    """How many labels the batch says it has."""
    with store.read() as connection:
        return find_batch(connection, get_model(connection, key), "day-1").n_labels


def test_a_whole_batch_is_labelled_in_the_order_it_was_logged(store: Store, batch: PredictionBatch) -> None:
    """Also when it was logged in pieces."""
    log_predictions(store, batch)
    log_predictions(store, make_batch(batch.model, 2, prediction_ids=["q0", "q1"]))
    truth = ["stay"] * 6 + ["leave", None]
    result = backfill_ground_truth(store, "day-1", truth)
    assert (result.accepted, current(store, batch.model), counted(store, batch.model)) == (7, truth, 7)


def test_a_wrong_number_of_labels_names_both_lengths_and_the_batch(store: Store, batch: PredictionBatch) -> None:
    """And stores nothing."""
    log_predictions(store, batch)
    with pytest.raises(LabelMismatch, match=r"batch 'day-1' of churn:3@staging: 5 labels for 6 predictions"):
        backfill_ground_truth(store, "day-1", ["stay"] * 5)
    assert current(store, batch.model) == [None] * 6


def test_a_value_that_is_no_label_refuses_the_whole_batch(store: Store, batch: PredictionBatch) -> None:
    """Half a batch of labels in order would be a guess."""
    log_predictions(store, batch)
    with pytest.raises(LabelMismatch, match=r"row 2: label: 0.5 is no class"):
        backfill_ground_truth(store, "day-1", [1, 1, 0.5, 1, 1, 1])
    assert current(store, batch.model) == [None] * 6


def test_an_unknown_batch_is_an_error(store: Store, batch: PredictionBatch) -> None:
    """B11: not an empty success."""
    log_predictions(store, batch)
    with pytest.raises(UnknownBatch, match=r"no model has a batch 'day-2'"):
        backfill_ground_truth(store, "day-2", [])
    with pytest.raises(UnknownBatch, match=r"churn:3@staging has no batch 'day-2'"):
        backfill_ground_truth(store, "day-2", [], model=batch.model)


def test_a_batch_id_of_two_models_asks_which(store: Store, batch: PredictionBatch) -> None:
    """B18: and takes the answer."""
    other = ModelKey("fraud")
    register_model(store, other)
    log_predictions(store, batch)
    log_predictions(store, make_batch(other))
    with pytest.raises(UnknownBatch, match=r"several models .* churn:3@staging, fraud:1@production"):
        backfill_ground_truth(store, "day-1", ["stay"] * 6)
    with pytest.raises(LabelMismatch, match="say whose predictions are labelled"):
        label_predictions(store, {"p0": "stay"})
    backfill_ground_truth(store, "day-1", ["stay"] * 6, model=other)
    assert (current(store, other), current(store, batch.model)) == (["stay"] * 6, [None] * 6)


def test_labels_by_id_come_in_any_order_and_number(store: Store, batch: PredictionBatch) -> None:
    """B7, B12: partial labels count, the rest stays unlabelled."""
    log_predictions(store, batch)
    result = label_predictions(store, {"p4": "leave", "p1": "stay", "nobody": "stay", "p0": 0.5, "p2": None})
    assert (result.accepted, result.waiting) == (2, 1)
    assert result.refused == {"p0": "label: a number where a text was expected"}
    assert current(store, batch.model) == [None, "stay", None, None, "leave", None]
    assert counted(store, batch.model) == 2


def test_a_label_that_comes_before_its_prediction_waits_for_it(store: Store, batch: PredictionBatch) -> None:
    """And is joined when the prediction arrives."""
    label_predictions(store, {"p1": "leave", "p9": "stay"}, model=batch.model)
    log_predictions(store, batch)
    assert current(store, batch.model) == [None, "leave", None, None, None, None]
    assert counted(store, batch.model) == 1
    with store.read() as connection:
        left = connection.execute(text("SELECT prediction_id FROM orphan_labels")).scalars().all()
    assert left == ["p9"]


def test_the_same_label_again_changes_nothing(store: Store, batch: PredictionBatch) -> None:
    """A backfill script that runs twice wakes no monitor."""
    log_predictions(store, batch)
    label_predictions(store, {"p0": "stay"})
    again = label_predictions(store, {"p0": "stay"})
    assert (again.accepted, again.unchanged) == (0, 1)
    with store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM labels")).scalar_one() == 1
        assert find_batch(connection, get_model(connection, batch.model), "day-1").changes == 2


def test_a_correction_is_a_newer_event_and_the_older_one_is_kept(store: Store, batch: PredictionBatch) -> None:
    """B8: yesterday's answer can still be asked for."""
    log_predictions(store, batch, now=START)
    label_predictions(store, {"p0": "stay"}, now=START + timedelta(days=1))
    label_predictions(store, {"p0": "leave"}, now=START + timedelta(days=2))
    assert current(store, batch.model)[0] == "leave"
    assert current(store, batch.model, as_of=START + timedelta(days=1))[0] == "stay"
    assert current(store, batch.model, as_of=START)[0] is None
    assert counted(store, batch.model) == 1


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_latest_observed_label_counts_in_whatever_order_they_arrive(
    store: Store, batch: PredictionBatch, order: tuple[int, ...]
) -> None:
    """Arrival is chance; observation is not."""
    log_predictions(store, batch)
    events = [("stay", START), ("leave", START + timedelta(hours=1)), ("unknown", START + timedelta(hours=2))]
    for place in order:
        value, at = events[place]
        label_predictions(store, {"p3": value}, observed_at=at)
    assert current(store, batch.model)[3] == "unknown"


def test_a_label_may_be_a_class_nobody_predicted(store: Store, batch: PredictionBatch) -> None:
    """It gets a code of its own."""
    log_predictions(store, batch)
    label_predictions(store, {"p0": "paused"})
    assert current(store, batch.model)[0] == "paused"


def test_an_unknown_model_is_an_error(store: Store, batch: PredictionBatch) -> None:
    """Named with those that are known."""
    log_predictions(store, batch)
    with pytest.raises(UnknownModel, match="no model nobody:1@production"):
        label_predictions(store, {"p0": "stay"}, model=ModelKey("nobody"))
