"""Every hot statement uses its index, however large the tables are."""

import pytest
from sqlalchemy import Connection, text

from driftboard.data import (
    PredictionBatch,
    Store,
    label_events,
    log_predictions,
    places,
    review,
    review_choice,
    review_outcomes,
)
from driftboard.data.backend import Statement

STATEMENTS = {
    "places": places._PLACES,
    "known labels": label_events._KNOWN,
    "newly labelled": label_events._NEWLY_LABELLED,
    "adopt": label_events._ADOPT,
    "waiting reviews": review._WAITING,
    "outcomes of reviews": review_outcomes._LABELS,
    "what to queue": review_choice._QUEUE,
}
FILL = """
INSERT INTO predictions (model_id, prediction_id, block_id, block_row)
SELECT 1, 'x' || n, 1, n FROM generate_series(1, 200000) n;
INSERT INTO labels (block_id, block_row, value, observed_at, received_at, source)
SELECT 1, n, 1, 1, 1, 'x' FROM generate_series(1, 200000) n;
ANALYZE predictions; ANALYZE labels
"""


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_table_is_walked_through(store: Store, batch: PredictionBatch, name: str) -> None:
    """B27: only the ids and events that were handed in are scanned; everything else is searched by a key."""
    log_predictions(store, batch)
    if store.on_server:
        with store.write() as connection:
            for statement in FILL.split(";"):
                connection.execute(text(statement))
    with store.read() as connection:
        plan = _server_plan if store.on_server else _file_plan
        assert plan(connection, STATEMENTS[name]) == []


def _file_plan(connection: Connection, statement: Statement) -> list[str]:
    plan = _explained(connection, "EXPLAIN QUERY PLAN", statement)
    scans = [line for line in plan if line.startswith("SCAN") and "VIRTUAL" not in line and "CONSTANT ROW" not in line]
    return scans + [line for line in plan if line.startswith("SEARCH p ") and "prediction_id=?" not in line]


def _server_plan(connection: Connection, statement: Statement) -> list[str]:
    plan = _explained(connection, "EXPLAIN", statement)
    return [line for line in plan if "Seq Scan on predictions" in line or "Seq Scan on labels" in line]


def _explained(connection: Connection, verb: str, statement: Statement) -> list[str]:
    query = statement.on(connection).text
    values = {"given": "[]", "model_id": 1, "block_id": 1, "limit": 1, "since": 1, "until": 1, "at": 1}
    used = {key: value for key, value in values.items() if f":{key}" in query}
    return [str(row[-1]) for row in connection.execute(text(f"{verb} {query}"), used).all()]
