"""How late labels came, out of the log."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, event, text

from driftboard.data import ModelKey, Store, delays, find_batch, get_model, label_predictions, log_predictions
from driftboard.data.backend import Statement
from driftboard.data.delays import DELAY_EDGES, BatchDelays, label_delays, labels_awaited_since
from tests.data.batches import make_batch

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FILL = """
INSERT INTO blocks (batch_key, schema_id, n_rows, received_at, checksum, payload)
SELECT batch_key, schema_id, n_rows, received_at, checksum, payload FROM blocks, generate_series(1, 2000);
INSERT INTO labels (block_id, block_row, value, observed_at, received_at, source)
SELECT block_id, n, 1, 1, 1, 'x' FROM blocks, generate_series(1, 100) n;
INSERT INTO batches (model_id, batch_id, first_at, last_at, n_predictions, n_labels, changes)
SELECT 1, 'b' || n, n, n, 0, 0, 0 FROM generate_series(1, 50000) n;
ANALYZE blocks; ANALYZE labels; ANALYZE batches
"""


def log(store: Store, key: ModelKey, day: int, n: int = 6, *, written: timedelta = timedelta(0), **given: Any) -> None:
    """Log a batch of that day, with ids such as 3-0, 3-1, written so long after its predictions."""
    given = {"batch_id": f"{day}", "prediction_ids": [f"{day}-{row}" for row in range(n)]} | given
    log_predictions(store, make_batch(key, n, predicted_at=AT + day * DAY, **given), now=AT + day * DAY + written)


def label(store: Store, day: int, rows: Sequence[int], at: timedelta, *, true: str = "stay", source: str = "x") -> None:
    """Label rows of the batch of that day, so long after its predictions."""
    truth = {f"{day}-{row}": true for row in rows}
    label_predictions(store, truth, source=source, now=AT + day * DAY + at)


def learn(store: Store, key: ModelKey) -> tuple[BatchDelays, ...]:
    """The delays of the model's labels."""
    with store.read() as connection:
        return label_delays(connection, get_model(connection, key))


def cells(batch: BatchDelays) -> dict[int, int]:
    """The counts that are not 0, by the position of the delay."""
    return {place: n for place, n in enumerate(batch.counts) if n}


def test_labels_are_counted_by_their_delay(store: Store, key: ModelKey) -> None:
    """Batch by batch, oldest first, beside the totals; labels that came with their predictions have no delay."""
    log(store, key, 2, labels=["stay", "leave", None, None, None, None])
    log(store, key, 1)
    label(store, 1, [0, 1, 2], HOUR)
    label(store, 1, [3], 3 * DAY)
    first, second = learn(store, key)
    hour, days = (int(np.searchsorted(DELAY_EDGES, s)) for s in (3_600.0, 3 * 86_400.0))
    assert cells(first) == {hour: 3, days: 1}
    assert DELAY_EDGES[hour - 1] < 3_600.0 <= DELAY_EDGES[hour]
    assert (first.batch_id, first.n_predictions, first.n_labels, first.last_at) == ("1", 6, 4, AT + DAY)
    assert (second.batch_id, cells(second)) == ("2", {0: 2})


def test_only_the_first_label_of_a_prediction_counts(store: Store, key: ModelKey) -> None:
    """A correction weeks later does not make labels look slow."""
    log(store, key, 1)
    label(store, 1, [0, 1], HOUR)
    label(store, 1, [0, 1], 30 * DAY, true="leave", source="review")
    (batch,) = learn(store, key)
    assert cells(batch) == {int(np.searchsorted(DELAY_EDGES, 3_600.0)): 2}


def test_a_label_older_than_its_prediction_has_no_delay(store: Store, key: ModelKey) -> None:
    """It waited for the prediction: a delay is never negative."""
    label_predictions(store, {"1-0": "stay"}, model=key, now=AT)
    log(store, key, 1)
    assert cells(learn(store, key)[0]) == {0: 1}


def test_an_import_says_nothing_about_the_delay(store: Store, key: ModelKey) -> None:
    """Labels of a month imported at once are neither late nor early; a batch written a few hours late still counts."""
    log(store, key, 1, written=30 * DAY, labels=["stay"] * 6)
    log(store, key, 2, written=8 * HOUR, labels=["stay"] * 6)
    imported, late = learn(store, key)
    assert (imported.n_labels, cells(imported), imported.since) == (6, {}, AT + DAY)
    assert (cells(late), late.since) == ({0: 6}, AT + 2 * DAY + 8 * HOUR)


def test_a_straggling_block_does_not_hide_the_others(store: Store, key: ModelKey) -> None:
    """Only the rows recovered days later are left out of their batch."""
    log(store, key, 1)
    late = make_batch(key, 6, batch_id="1", predicted_at=AT + DAY, prediction_ids=[f"late-{row}" for row in range(6)])
    log_predictions(store, late, now=AT + 9 * DAY)
    label(store, 1, range(6), HOUR)
    label_predictions(store, {"late-0": "stay"}, now=AT + 9 * DAY)
    assert cells(learn(store, key)[0]) == {int(np.searchsorted(DELAY_EDGES, 3_600.0)): 6}


def test_the_age_of_a_batch_is_counted_from_where_delays_are(store: Store, key: ModelKey) -> None:
    """Else labels that come two hours after a batch that is written in the morning would seem overdue."""
    log(store, key, 2, written=8 * HOUR)
    with store.read() as connection:
        batch = find_batch(connection, get_model(connection, key), "2")
        assert labels_awaited_since(connection, batch) == learn(store, key)[0].since == AT + 2 * DAY + 8 * HOUR


def test_older_batches_are_looked_at_ever_further_apart(store: Store, key: ModelKey) -> None:
    """The 32 newest of 120 batches cannot show a delay of 60 days; the 60 or so that are chosen reach back to all."""
    for day in range(120):
        log(store, key, day, 1)
    days = [int(batch.batch_id) for batch in learn(store, key)]
    assert days[-32:] == list(range(88, 120))
    assert days == sorted(set(days))
    assert 40 <= len(days) <= 64
    assert min(days) < 5


def test_the_labels_looked_at_are_few_and_from_all_over_the_batch(store: Store, key: ModelKey) -> None:
    """4,000 labels of which each quarter came an hour after the one before: a few hundred show that."""
    log(store, key, 1, 4_000)
    for quarter in range(4):
        label(store, 1, range(1_000 * quarter, 1_000 * (quarter + 1)), (quarter + 1) * HOUR)
    (batch,) = learn(store, key)
    assert batch.n_labels == 4_000
    assert 300 <= sum(batch.counts) <= 350
    places = np.searchsorted(DELAY_EDGES, 3_600.0 * np.arange(1, 5))
    assert np.array(batch.counts)[places] == pytest.approx([80] * 4, abs=4)


def test_a_sample_of_labels_is_found_whole(store: Store, key: ModelKey) -> None:
    """Where few rows have a label, all of them are looked at, in however many blocks they are."""
    for part in range(20):
        ids = [f"1-{100 * part + row}" for row in range(100)]
        log_predictions(store, make_batch(key, 100, batch_id="1", predicted_at=AT, prediction_ids=ids), now=AT)
    label(store, 1, range(0, 2_000, 20), HOUR)
    assert sum(learn(store, key)[0].counts) == 100


def test_a_model_without_labels_or_batches_has_no_delays(store: Store, key: ModelKey) -> None:
    """Nothing is counted and nothing raises."""
    assert learn(store, key) == ()
    log(store, key, 1)
    log_predictions(store, make_batch(key, 0, batch_id="2", scores=None, classes=None, prediction_ids=[]), now=AT)
    assert [cells(batch) for batch in learn(store, key)] == [{}, {}]


@pytest.mark.parametrize("name", ["_OLDER_BATCHES", "_BLOCKS", "_FIRST_LABELS"])
def test_no_table_is_walked_through(store: Store, key: ModelKey, name: str) -> None:
    """However many batches, blocks and labels there are, each is searched by a key."""
    log(store, key, 1)
    if store.on_server:
        with store.write() as connection:
            for statement in FILL.split(";"):
                connection.execute(text(statement))
    with store.read() as connection:
        assert _walks(connection, getattr(delays, name), on_server=store.on_server) == []


def _walks(connection: Connection, statement: Statement, *, on_server: bool) -> list[str]:
    query = statement.on(connection).text
    given = {key: value for key, value in {"given": "[]", "model_id": 1, "most": 40_000}.items() if f":{key}" in query}
    verb = "EXPLAIN" if on_server else "EXPLAIN QUERY PLAN"
    plan = [str(row[-1]) for row in connection.execute(text(f"{verb} {query}"), given).all()]
    if on_server:
        return [line for line in plan if "Seq Scan on labels" in line or "Seq Scan on batches" in line]
    return [line for line in plan if line.startswith("SCAN") and "VIRTUAL" not in line and line != "SCAN e"]


def test_the_number_of_queries_does_not_grow(store: Store, key: ModelKey) -> None:
    """However long the history, a bounded number of statements reads it."""
    for day in range(50):
        log(store, key, day, 2)
    asked: list[str] = []
    with store.read() as connection:
        model = get_model(connection, key)
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2]))
        label_delays(connection, model)
    assert 0 < len(asked) <= 4 + 32
