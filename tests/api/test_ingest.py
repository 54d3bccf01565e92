"""Ingest: what becomes of rows when the log cannot take one of them, and how much a request may mix."""

from datetime import UTC, datetime
from typing import Any

import pytest

from driftboard.api import ingest as ingest_module
from driftboard.api.heading import Heading
from driftboard.api.ingest import IngestResult, ingest
from driftboard.api.rows import read_rows
from driftboard.api_settings import ApiSettings
from driftboard.data import ModelKey, Store
from driftboard.data.catalog import class_values, get_model
from driftboard.data.predictions import LogResult, write_predictions
from driftboard.data.privacy import DEFAULT
from driftboard.errors import BadBatch, StoreError
from tests.api.ingest_app import row

NOW = datetime(2026, 11, 21, tzinfo=UTC)
CHURN = ModelKey("churn")


def stored(store: Store, *rows: Any) -> IngestResult:
    """Return what became of the rows."""
    heading = Heading(CHURN, batch_id="b")
    read = read_rows(heading, list(rows), api=ApiSettings(), now=NOW)
    with store.write() as connection:
        return ingest(connection, store, heading, read, max_models=5, privacy=DEFAULT, now=NOW)


@pytest.mark.parametrize("error", [BadBatch("not blue"), ValueError("what Arrow says"), OverflowError("too much")])
def test_the_one_row_that_the_log_cannot_take_is_found(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """By halving: its neighbours are stored, its class is not learnt, and only our own words are repeated."""

    def picky(connection: Any, store: Store, batch: Any, **keywords: Any) -> LogResult:
        result = write_predictions(connection, store, batch, **keywords)
        if "blue" in batch.predicted:
            raise error
        return result

    monkeypatch.setattr(ingest_module, "write_predictions", picky)
    rows = [row(each, predicted="blue" if each == 5 else "red") for each in range(9)]
    result = stored(store, *rows)
    assert (result.accepted, [each.row for each in result.rejected]) == (8, [5])
    expected = "not blue" if isinstance(error, BadBatch) else f"it cannot be stored ({type(error).__name__})"
    assert result.rejected[0].reason == expected
    with store.read() as connection:
        assert class_values(connection, get_model(connection, CHURN).model_id) == ("red",)


def test_a_log_that_fails_is_no_fault_of_a_row(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is handed up at once, nobody looks for a guilty row."""

    def failing(*_: Any, **__: Any) -> LogResult:
        raise StoreError("the disk is full")

    monkeypatch.setattr(ingest_module, "write_predictions", failing)
    with pytest.raises(StoreError, match="disk"):
        stored(store, row(1), row(2))


def test_rows_of_several_batches_and_kinds_of_classes_are_told_by_their_own_places(store: Store) -> None:
    """Whatever is put together for writing, the answer speaks of the places in the request."""
    rows = [
        row(0, batch_id="x"),
        row(1, batch_id="y", predicted=1.5),
        row(2, batch_id="x"),
        row(3, batch_id="y", scores={"stays": 1.0}),
        row(2, batch_id="y", predicted="goes"),
        row(0, batch_id="y"),
    ]
    result = stored(store, *rows)
    assert (result.accepted, result.duplicates) == (3, 1)
    assert [(each.row, each.code) for each in result.rejected] == [(1, "quarantined"), (4, "conflict")]
