"""Every hot statement uses its index, however large the tables are."""

import pytest
from sqlalchemy import text

from driftboard.data import PredictionBatch, Store, log_predictions, places
from driftboard.data import labels as label_statements

STATEMENTS = {
    "places": places._PLACES.text,
    "current labels": label_statements._CURRENT.text,
    "newly labelled": label_statements._NEWLY_LABELLED.text,
    "adopt": label_statements._ADOPT.text,
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_table_is_walked_through(store: Store, batch: PredictionBatch, name: str) -> None:
    """B27: only the ids and events that were handed in are scanned; everything else is searched by a key."""
    log_predictions(store, batch)
    values = {"ids": "[]", "events": "[]", "model_id": 1, "block_id": 1}
    used = {key: value for key, value in values.items() if f":{key}" in STATEMENTS[name]}
    with store.read() as connection:
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {STATEMENTS[name]}"), used).all()
    scans = [row.detail for row in plan if row.detail.startswith("SCAN")]
    assert all("VIRTUAL" in scan or "CONSTANT ROW" in scan for scan in scans), scans
    wide = [row.detail for row in plan if row.detail.startswith("SEARCH p ") and "prediction_id=?" not in row.detail]
    assert not wide, wide
