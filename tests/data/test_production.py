"""A reference made of production: which batches it is of, and that it is what a reference is."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from driftboard.data import (
    ModelKey,
    Store,
    get_model,
    label_predictions,
    load_reference,
    log_predictions,
    register_model,
)
from driftboard.data.production import promote_production
from driftboard.data.retention import purge
from driftboard.errors import BadBatch
from tests.data.batches import make_batch

KEY = ModelKey("churn")
START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = START + 10 * DAY


@pytest.fixture
def production(store: Store) -> Store:
    """Ten days of six rows each; of day 8, half are labelled, and its ids are longer than those of the others."""
    register_model(store, KEY)
    for day in range(10):
        ids = [f"d{day}-{'long-' * (day == 8)}{row}" for row in range(6)]
        log_predictions(
            store, make_batch(KEY, batch_id=f"day-{day}", prediction_ids=ids, predicted_at=START + day * DAY), now=NOW
        )
    label_predictions(store, {f"d8-long-{row}": "stay" for row in range(3)}, model=KEY, now=NOW)
    return store


def promoted(store, *, first, last, max_rows=200_000):
    """Promote some days; return what was done, and the rows of the reference."""
    with store.read() as connection:
        model = get_model(connection, KEY)
    done = promote_production(
        store, model, since=START + first * DAY, until=START + last * DAY, now=NOW, max_rows=max_rows
    )
    with store.read() as connection:
        reference = load_reference(connection, model)
    assert reference is not None
    return done, reference.rows


def test_it_holds_the_batches_of_its_time_in_order_with_their_labels(production):
    """Rows, ids, features, scores and labels as they are read from the log; batches outside the time are not in it."""
    done, rows = promoted(production, first=7, last=9)
    assert [batch.batch_id for batch in done.batches] == ["day-7", "day-8"]
    assert (done.n_rows, done.n_labels, len(rows)) == (12, 3, 12)
    assert rows.prediction_ids[:7] == [*(f"d7-{row}" for row in range(6)), "d8-long-0"]
    assert np.isfinite(rows.labels).tolist() == [False] * 6 + [True] * 3 + [False] * 3
    assert rows.features["age"].to_pylist() == [20.0, 21.0, 22.0, 23.0, 24.0, 25.0] * 2
    assert rows.confidence.shape == (12,)


def test_the_oldest_batches_are_left_out_where_there_are_too_many_rows(production):
    """The newest that fit whole are taken."""
    done, rows = promoted(production, first=0, last=10, max_rows=20)
    assert [batch.batch_id for batch in done.batches] == ["day-7", "day-8", "day-9"]
    assert len(rows) == 18


def test_purged_batches_are_left_out(production):
    """What retention has taken cannot be compared with; the rest is."""
    with production.read() as connection:
        model = get_model(connection, KEY)
    purge(production, model, older_than=2.5 * DAY, now=NOW)
    done, _ = promoted(production, first=0, last=10)
    assert [batch.batch_id for batch in done.batches] == ["day-8", "day-9"]


def test_an_empty_time_is_refused_and_nothing_is_replaced(production):
    """One line says which time it was."""
    with pytest.raises(BadBatch, match="churn:1@production has no rows between 2026-03-21 00:00"):
        promoted(production, first=20, last=30)
    with production.read() as connection:
        assert load_reference(connection, get_model(connection, KEY)) is None
