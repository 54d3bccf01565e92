"""What a person is shown of a prediction: what the log holds of it."""

from collections.abc import Iterator
from math import isfinite
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection

from driftboard.data.backend import Statement
from driftboard.data.block import FEATURE, SEGMENT
from driftboard.data.catalog import ClassValue, Model, class_values
from driftboard.data.counting import confidences
from driftboard.data.places import Place
from driftboard.data.reading import read_block


def read_contents(connection: Connection, model: Model, places: list[Place]) -> dict[Place, dict[str, Any]]:
    """Return, by place, batch id, features, predicted, confidence and segments; each block is read once."""
    classes = class_values(connection, model.model_id)
    found: dict[Place, dict[str, Any]] = {}
    for block_id in dict.fromkeys(place[0] for place in places):
        rows = [row for block, row in places if block == block_id]
        columns = read_block(connection, block_id).take(pa.array(rows, pa.int64()))
        batch_id = connection.execute(_BATCH_OF.on(connection), {"block_id": block_id}).scalar_one()
        for row, content in zip(rows, _rows(columns, model, classes), strict=True):
            found[block_id, row] = {"batch_id": batch_id} | content
    return found


def _rows(columns: pa.RecordBatch, model: Model, classes: tuple[ClassValue, ...]) -> Iterator[dict[str, Any]]:
    certain = confidences(columns).tolist()
    for row, confidence in zip(columns.to_pylist(), certain, strict=True):
        predicted = row["predicted"]
        yield {
            "features": _named(row, FEATURE),
            "predicted": classes[predicted] if model.task == "classification" else predicted,
            "confidence": confidence if isfinite(confidence) else None,
            "segments": {name: value for name, value in _named(row, SEGMENT).items() if value is not None},
        }


def _named(row: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix)}


_BATCH_OF = Statement(
    "SELECT b.batch_id FROM blocks k JOIN batches b ON b.batch_key = k.batch_key WHERE k.block_id = :block_id"
)
