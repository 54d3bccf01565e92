"""References: the frozen data a model's batches are compared with, replaced only by an explicit act."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection, func, insert, select

from driftboard.data import block, tables
from driftboard.data.backend import hold_model
from driftboard.data.batch import PredictionBatch
from driftboard.data.catalog import (
    Catalog,
    Model,
    Task,
    add_classes,
    add_model,
    class_values,
    find_model,
    get_model,
    new_key,
    schema_id,
)
from driftboard.data.columns import LoggedRows
from driftboard.data.model_key import ModelKey
from driftboard.data.privacy import DEFAULT
from driftboard.data.rows import lay_out
from driftboard.data.store import Store
from driftboard.data.times import to_micros
from driftboard.errors import BadBatch, StoreError


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A model's reference in force."""

    reference_id: int
    rows: LoggedRows


def register_model(
    store: Store, key: ModelKey, *, task: Task = "classification", reference: PredictionBatch | None = None
) -> Model:
    """Make a model known, and promote its reference when one is given; a second time is a no-op.

    Raises
    ------
    StoreError
        The model is registered with another task.
    BadBatch
        A row of the reference cannot be stored: a reference is whole or it is refused.
    """
    with store.write() as connection:
        model = find_model(connection, key) or add_model(connection, key, task)
        if model.task != task:
            raise StoreError(f"model {key} is registered for {model.task}, not {task}")
        hold_model(connection, model.model_id)
        if reference is not None and _newest(connection, model.model_id) is None:
            _promote(connection, store, model, reference, datetime.now(UTC))
    return model


def promote_reference(store: Store, batch: PredictionBatch, *, now: datetime | None = None) -> int:
    """Freeze a batch as its model's reference from now on; earlier references are kept. Return the reference's id.

    Raises
    ------
    UnknownModel
        The model is not registered.
    BadBatch
        A row cannot be stored: a reference is whole or it is refused.
    """
    with store.write() as connection:
        model = get_model(connection, batch.model, store.catalog)
        hold_model(connection, model.model_id)
        return _promote(connection, store, model, batch, now or datetime.now(UTC))


def load_reference(connection: Connection, model: Model, *, unless: int | None = None) -> Reference | None:
    """Return the reference in force; None when none was promoted, or it is the one of id `unless`."""
    r = tables.references
    newest = connection.execute(select(func.max(r.c.reference_id)).where(r.c.model_id == model.model_id)).scalar()
    if newest is None or newest == unless:
        return None
    row = _newest(connection, model.model_id)
    columns = block.decode(row.payload, row.checksum, row.layout, name=f"reference {row.reference_id}")
    labels = np.frombuffer(row.labels, dtype=np.float64)
    classes = class_values(connection, model.model_id)
    return Reference(row.reference_id, LoggedRows(pa.Table.from_batches([columns]), labels, model.task, classes))


def reference_types(connection: Connection, model_id: int, catalog: Catalog) -> dict[str, pa.DataType]:
    """Return feature name to its type in the reference; empty without one."""
    if model_id not in catalog.types:
        r, s = tables.references, tables.feature_schemas
        layout = connection.execute(
            select(s.c.payload).join(r).where(r.c.model_id == model_id).order_by(r.c.reference_id.desc()).limit(1)
        ).scalar_one_or_none()
        schema = pa.schema([]) if layout is None else pa.ipc.read_schema(pa.py_buffer(layout))
        features = [field for field in schema if field.name.startswith(block.FEATURE)]
        catalog.types[model_id] = {field.name.removeprefix(block.FEATURE): field.type for field in features}
    return catalog.types[model_id]


def _newest(connection: Connection, model_id: int) -> Any:
    r, s = tables.references, tables.feature_schemas
    return connection.execute(
        select(r.c.reference_id, r.c.labels, r.c.checksum, r.c.payload, s.c.payload.label("layout"))
        .join(s)
        .where(r.c.model_id == model_id)
        .order_by(r.c.reference_id.desc())
        .limit(1)
    ).one_or_none()


def _promote(connection: Connection, store: Store, model: Model, batch: PredictionBatch, now: datetime) -> int:
    rows = lay_out(
        DEFAULT.apply_batch(batch),
        task=model.task,
        code_classes=lambda values: add_classes(connection, model.model_id, values, store.catalog),
        known={},
        now=now,
    )
    if rows.bad:
        row, reason = min(rows.bad.items())
        raise BadBatch(f"reference of {model.key}: {len(rows.bad)} bad rows, the first is row {row}: {reason}")
    return freeze(connection, store, model, rows.as_block(), rows.labels, now)


def freeze(
    connection: Connection,
    store: Store,
    model: Model,
    columns: pa.RecordBatch,
    labels: NDArray[np.float64],
    now: datetime,
) -> int:
    """Store columns laid out as a block, with their labels, as the reference from now on; return its id.

    Parameters
    ----------
    connection
        Inside a write transaction that holds the model.
    """
    encoded = block.encode(columns)
    store.catalog.types.pop(model.model_id, None)
    result = connection.execute(
        insert(tables.references),
        {
            "model_id": model.model_id,
            "schema_id": schema_id(connection, model.model_id, columns.schema, store.catalog),
            "promoted_at": to_micros(now),
            "n_rows": len(labels),
            "labels": labels.tobytes(),
            "checksum": encoded.checksum,
            "payload": encoded.payload,
        },
    )
    return new_key(result)
