"""The columns of an export, from the columns of a log.

`prediction_id`, `batch_id`, `predicted_at`, `predicted` (the class or value itself), `confidence`, `latency`, `error`
as they were logged, `label`, `label_observed_at`, then `score_CLASS`, `feature_NAME`, `segment_NAME`. The metadata says
whose rows they are and what the classes are, so that they can be read back exactly.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from driftboard.data import block, tables
from driftboard.data.catalog import ClassValue, Model, class_codes, class_values
from driftboard.data.columns import LoggedRows
from driftboard.data.reading import BatchInfo
from driftboard.data.times import to_micros

FORMAT = 1
METADATA = b"driftboard"
FEATURE, SCORE, SEGMENT = "feature_", "score_", "segment_"
_TIME = pa.timestamp("us", "UTC")


def export_schema(connection: Connection, model: Model, batches: Sequence[BatchInfo]) -> pa.Schema:
    """Return the columns that the rows of all these batches fit into, from the layouts alone."""
    kinds: dict[str, pa.DataType] = {}
    classes = class_values(connection, model.model_id)
    for layout in _layouts(connection, model, batches):
        for field in layout:
            if (name := _exported_name(field.name, classes)) is not None:
                kinds[name] = _wider(kinds.get(name, pa.null()), field.type)
    target = _target_type(model, classes)
    fixed = {
        "prediction_id": pa.string(),
        "batch_id": pa.string(),
        "predicted_at": _TIME,
        "predicted": target,
        "confidence": pa.float64(),
        "latency": pa.float64(),
        "error": pa.string(),
        "label": target,
        "label_observed_at": _TIME,
    }
    codes = class_codes(connection, model.model_id)
    about = {"format": FORMAT, "model": str(model.key), "task": model.task, "classes": list(codes)}
    return pa.schema([*fixed.items(), *sorted(kinds.items())], metadata={METADATA: orjson.dumps(about)})


def export_columns(
    connection: Connection, batch: BatchInfo, rows: LoggedRows, *, as_of: datetime | None = None
) -> pa.Table:
    """Return a batch's rows in the columns that they have; those of other batches are not there yet."""
    table = rows.table
    columns: dict[str, Any] = {
        "prediction_id": pa.array(rows.prediction_ids, pa.string()),
        "batch_id": pa.repeat(batch.batch_id, len(rows)),
        "predicted_at": table["predicted_at"].cast(pa.int64()).cast(_TIME),
        "predicted": _decoded(rows, rows.predicted),
        "label": _decoded(rows, rows.labels),
        "label_observed_at": _observed(connection, batch, len(rows), as_of),
    }
    columns |= {name: table[name] for name in ("confidence", "latency", "error") if name in table.column_names}
    for stored in table.column_names:
        if (name := _exported_name(stored, rows.classes)) is not None:
            columns[name] = table[stored]
    return pa.table(columns)


def fitted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the table in exactly these columns; one that it lacks is missing throughout."""
    columns = [
        table[field.name].cast(field.type, safe=False)
        if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def class_column(classes: Sequence[ClassValue]) -> list[Any]:
    """Return the classes as one column can hold them: themselves when of one type, else their JSON text."""
    kinds = {type(each) for each in classes}
    return list(classes) if len(kinds) <= 1 else [orjson.dumps(each).decode() for each in classes]


def score_name(value: ClassValue) -> str:
    """Return the column of a class's scores: its JSON text, without the quotes of a text."""
    return SCORE + (value if isinstance(value, str) else orjson.dumps(value).decode())


def _decoded(rows: LoggedRows, codes: NDArray[np.float64]) -> pa.Array:
    """Class codes as classes, values as they are; NaN as missing."""
    if rows.task == "regression":
        return pa.array(codes, from_pandas=True)
    values = class_column(rows.classes)
    indices = pa.array(np.nan_to_num(codes, nan=0.0).astype(np.int64), mask=np.isnan(codes))
    return pa.array(values).take(indices) if values else pa.nulls(len(codes), pa.string())


def _observed(connection: Connection, batch: BatchInfo, n: int, as_of: datetime | None) -> pa.Array:
    """When the current label of each row was observed."""
    e, k = tables.labels, tables.blocks
    blocks = connection.execute(
        select(k.c.block_id, k.c.n_rows).where(k.c.batch_key == batch.batch_key).order_by(k.c.block_id)
    ).all()
    starts = dict(zip([row.block_id for row in blocks], np.cumsum([0, *(row.n_rows for row in blocks)]), strict=False))
    query = select(e.c.block_id, e.c.block_row, e.c.observed_at).join(k).where(k.c.batch_key == batch.batch_key)
    if as_of is not None:
        query = query.where(e.c.received_at <= to_micros(as_of))
    found: list[int | None] = [None] * n
    for row in connection.execute(query.order_by(e.c.observed_at, e.c.event_id)):
        found[int(starts[row.block_id]) + row.block_row] = row.observed_at
    return pa.array(found, pa.int64()).cast(_TIME)


def _layouts(connection: Connection, model: Model, batches: Sequence[BatchInfo]) -> list[pa.Schema]:
    k, s = tables.blocks, tables.feature_schemas
    wanted = {each.batch_key for each in batches}
    used = connection.execute(
        select(k.c.batch_key, k.c.schema_id).join(s).where(s.c.model_id == model.model_id).distinct()
    )
    ids = {row.schema_id for row in used if row.batch_key in wanted}
    stored = connection.execute(select(s).where(s.c.model_id == model.model_id).order_by(s.c.schema_id))
    return [pa.ipc.read_schema(pa.py_buffer(row.payload)) for row in stored if row.schema_id in ids]


def _exported_name(stored: str, classes: Sequence[ClassValue]) -> str | None:
    for inside, outside in ((block.FEATURE, FEATURE), (block.SEGMENT, SEGMENT)):
        if stored.startswith(inside):
            return outside + stored.removeprefix(inside)
    return score_name(classes[int(stored.removeprefix(block.SCORE))]) if stored.startswith(block.SCORE) else None


def _wider(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """The type that holds both: double for numbers, text for what is of several kinds."""
    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    numbers = {pa.int64(), pa.float64()}
    return pa.float64() if {one, other} <= numbers else pa.string()


def _target_type(model: Model, classes: Sequence[ClassValue]) -> pa.DataType:
    if model.task == "regression":
        return pa.float64()
    return pa.array(class_column(classes)).type if classes else pa.string()
