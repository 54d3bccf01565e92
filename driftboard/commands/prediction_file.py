"""A file of predictions as a batch: which column is what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftboard.commands.table_file import column_named, read_table
from driftboard.data import ModelKey, PredictionBatch
from driftboard.data.times import from_micros
from driftboard.errors import BadBatch, ConfigError


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """What the user calls the columns; None where the default name is meant, which may then be absent.

    Every column that is none of these, and not in `ignored`, is a feature.
    """

    predicted: str | None = None
    prediction_id: str | None = None
    label: str | None = None
    predicted_at: str | None = None
    confidence: str | None = None
    score_prefix: str = "score_"
    ignored: tuple[str, ...] = ()


def read_batch_file(
    file: Path, model: ModelKey, batch_id: str, names: ColumnNames, *, zone: str | None = None
) -> PredictionBatch:
    """Return the predictions in a CSV or Parquet file as one batch.

    Raises
    ------
    BadBatch
        The file cannot be read, lacks a column that was named, or holds times that cannot be placed.
    """
    table = read_table(file, text=[names.prediction_id or "prediction_id"])
    found = {
        "predicted": column_named(table, names.predicted, "predicted"),
        "prediction_ids": column_named(table, names.prediction_id, "prediction_id"),
        "labels": column_named(table, names.label, "label"),
        "predicted_at": column_named(table, names.predicted_at, "predicted_at"),
        "confidence": column_named(table, names.confidence, "confidence"),
    }
    if found["predicted"] is None:
        raise BadBatch(f"{file} has no column 'predicted': name it with --predicted")
    columns = {name: _values(table[column]) for name, column in found.items() if column is not None}
    if found["predicted_at"] is not None:
        columns["predicted_at"] = _times(table[found["predicted_at"]], found["predicted_at"], zone)
    predicted = table[found["predicted"]]
    scores = _score_columns(table, names.score_prefix, predicted)
    used = {*found.values(), *scores.values(), *names.ignored}
    features = {name: _values(table[name]) for name in table.column_names if name not in used}
    # Where nothing was predicted, nothing says of what type the classes are that the score columns are for.
    given = {} if predicted.null_count == len(predicted) else _scores(table, scores)
    return PredictionBatch(model, batch_id, features=features, **columns, **given)


def _values(column: pa.ChunkedArray) -> Any:
    """As numpy when that loses nothing, else as Python values with None for missing."""
    numeric = pa.types.is_floating(column.type) or pa.types.is_integer(column.type)
    return column.to_numpy() if numeric and column.null_count == 0 else column.to_pylist()


def _score_columns(table: pa.Table, prefix: str, predicted: pa.ChunkedArray) -> dict[Any, str]:
    names = [name for name in table.column_names if prefix and name.startswith(prefix) and name != prefix]
    return {_class_named(name.removeprefix(prefix), predicted.type): name for name in names}


def _class_named(text: str, kind: pa.DataType) -> Any:
    """The class that a column name ends with, in the type that the predicted classes have."""
    if pa.types.is_boolean(kind) and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        try:
            return int(text)
        except ValueError:
            raise BadBatch(f"a score is of the class {text!r}, but the predicted classes are numbers") from None
    return text


def _scores(table: pa.Table, columns: Mapping[Any, str]) -> dict[str, Any]:
    if not columns:
        return {}
    for name in columns.values():
        kind = table[name].type
        if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_null(kind)):
            raise BadBatch(f"column {name!r} holds no scores: use --scores to name another prefix")
    matrix = np.column_stack([table[name].cast(pa.float64()).to_numpy() for name in columns.values()])
    return {"scores": matrix, "classes": tuple(columns)}


def _times(column: pa.ChunkedArray, name: str, zone: str | None) -> list[datetime]:
    if column.null_count:
        row = int(np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))[0]) if len(column) else 0
        raise BadBatch(f"column {name!r}: row {row} has no time")
    if not pa.types.is_timestamp(column.type):
        try:
            column = pc.cast(column, pa.timestamp("us", "UTC"))
        except pa.ArrowException:
            raise BadBatch(f"column {name!r} holds no times: write 2013-03-01T14:05:00Z") from None
    if column.type.tz is not None:
        return [
            from_micros(value)
            for value in column.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64()).to_pylist()
        ]
    if zone is None:
        raise BadBatch(f"column {name!r} has no time zone: write 2013-03-01T14:05:00Z, or name it with --timezone")
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(f"--timezone {zone}: no such zone; write UTC or Europe/Berlin") from None
    return [value.replace(tzinfo=place) for value in column.cast(pa.timestamp("us"), safe=False).to_pylist()]
