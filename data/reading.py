"""Reading the log: batches as columns, lists of batches; a month is read batch by batch, never at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, select, tuple_
from sqlalchemy.sql import Select

from driftboard.data import block, tables
from driftboard.data.backend import backend_of
from driftboard.data.batch import batch_name
from driftboard.data.catalog import ClassValue, Model, class_values
from driftboard.data.columns import LoggedRows, joined
from driftboard.data.model_key import ModelKey
from driftboard.data.times import from_micros, to_micros
from driftboard.errors import PurgedBatch, UnknownBatch

_BLOCKS = """
SELECT b.block_id, b.n_rows, b.payload, b.checksum, s.payload
FROM blocks b JOIN feature_schemas s ON s.schema_id = b.schema_id
WHERE b.batch_key = :batch_key ORDER BY b.block_id
"""


@dataclass(frozen=True, slots=True)
class BatchInfo:
    """One batch, without its rows."""

    batch_key: int
    batch_id: str
    first_at: datetime
    last_at: datetime
    n_predictions: int
    n_labels: int
    changes: int


def list_batches(
    connection: Connection, model: Model, *, since: datetime | None = None, newest: int | None = None
) -> tuple[BatchInfo, ...]:
    """Return the batches of a model in order of time; only the `newest` ones when a number is given."""
    t = tables.batches
    query = select(t).where(t.c.model_id == model.model_id)
    if since is not None:
        query = query.where(t.c.first_at >= to_micros(since))
    query = query.order_by(t.c.first_at.desc(), t.c.batch_key.desc()).limit(newest)
    return tuple(_info(row) for row in reversed(connection.execute(query).all()))


def first_batches(connection: Connection, model: Model, *, oldest: int) -> tuple[BatchInfo, ...]:
    """Return the first batches of a model, in order of time."""
    t = tables.batches
    query = select(t).where(t.c.model_id == model.model_id).order_by(t.c.first_at, t.c.batch_key).limit(oldest)
    return tuple(_info(row) for row in connection.execute(query))


def preceding_batches(connection: Connection, model: Model, batch: BatchInfo, *, newest: int) -> tuple[BatchInfo, ...]:
    """Return the newest batches before one, in order of time; of two that began at once, the first logged is first."""
    t = tables.batches
    here = tuple_(to_micros(batch.first_at), batch.batch_key)
    query = select(t).where(t.c.model_id == model.model_id, tuple_(t.c.first_at, t.c.batch_key) < here)
    query = query.order_by(t.c.first_at.desc(), t.c.batch_key.desc()).limit(newest)
    return tuple(_info(row) for row in reversed(connection.execute(query).all()))


def find_batch(connection: Connection, model: Model, batch_id: str | int) -> BatchInfo:
    """Return the batch of that id.

    Raises
    ------
    UnknownBatch
        The model has none.
    """
    t = tables.batches
    query = select(t).where(t.c.model_id == model.model_id, t.c.batch_id == batch_name(batch_id))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise UnknownBatch(f"model {model.key} has no batch {batch_id!r}")
    return _info(row)


def get_batch(connection: Connection, batch_key: int) -> BatchInfo:
    """Return the batch of that key."""
    return _info(connection.execute(select(tables.batches).where(tables.batches.c.batch_key == batch_key)).one())


def models_with_batch(connection: Connection, batch_id: str | int) -> tuple[Model, ...]:
    """Return the models that have a batch of that id."""
    t, m = tables.batches, tables.models
    rows = connection.execute(select(m).join(t).where(t.c.batch_id == batch_name(batch_id)))
    return tuple(Model(row.model_id, ModelKey(row.name, row.version, row.environment), row.task) for row in rows)


def read_batch(connection: Connection, model: Model, batch: BatchInfo, *, as_of: datetime | None = None) -> LoggedRows:
    """Return the rows of a batch, in the order they were written.

    Parameters
    ----------
    connection
        From `Store.read`.
    model, batch
        From `get_model` and `find_batch` or `list_batches`.
    as_of
        Read the labels as they were known then; by default as they are known now.

    Raises
    ------
    PurgedBatch
        Rows of it are gone; what is left would pass for the whole.
    StoreError
        A block is not as it was written.
    """
    return _read(connection, model, batch, class_values(connection, model.model_id), as_of)


def refuse_purged(model: Model, batch: BatchInfo, n_rows: int) -> None:
    """Refuse a batch that counts more predictions than it has rows.

    Raises
    ------
    PurgedBatch
        It does.
    """
    if n_rows < batch.n_predictions:
        raise PurgedBatch(f"the rows of batch {batch.batch_id!r} of {model.key} were purged; its reports stay")


def iterate_batches(
    connection: Connection, model: Model, *, since: datetime | None = None
) -> Iterator[tuple[BatchInfo, LoggedRows]]:
    """Yield each batch with its rows, in order of time; one batch is in memory at a time."""
    classes = class_values(connection, model.model_id)
    for batch in list_batches(connection, model, since=since):
        yield batch, _read(connection, model, batch, classes, None)


def read_block(connection: Connection, block_id: int) -> pa.RecordBatch:
    """Return the columns of one block."""
    b, s = tables.blocks, tables.feature_schemas
    row = connection.execute(
        select(b.c.payload, b.c.checksum, s.c.payload.label("layout")).join(s).where(b.c.block_id == block_id)
    ).one()
    return block.decode(row.payload, row.checksum, row.layout, name=f"block {block_id}")


def _read(
    connection: Connection, model: Model, batch: BatchInfo, classes: tuple[ClassValue, ...], as_of: datetime | None
) -> LoggedRows:
    cursor = backend_of(connection).cursor(connection)
    rows = cursor.execute(_BLOCKS, {"batch_key": batch.batch_key}).fetchall()
    n_rows = {block_id: n for block_id, n, *_ in rows}
    if sum(n_rows.values()) < batch.n_predictions:
        refuse_purged(model, get_batch(connection, batch.batch_key), sum(n_rows.values()))
    pieces = [
        block.decode(payload, checksum, layout, name=f"block {block_id}")
        for block_id, _, payload, checksum, layout in rows
    ]
    table = joined(pieces) if pieces else pa.table({})
    return LoggedRows(table, _labels(connection, batch, n_rows, as_of), model.task, classes)


def _labels(
    connection: Connection, batch: BatchInfo, n_rows: dict[int, int], as_of: datetime | None
) -> NDArray[np.float64]:
    """The label that counts of each row: see `driftboard.data.label_events`."""
    starts = dict(zip(n_rows, np.cumsum([0, *n_rows.values()]).tolist(), strict=False))
    labels = np.full(sum(n_rows.values()), np.nan)
    if batch.n_labels == 0:
        return labels
    rows = connection.execute(_label_events(batch, as_of)).all()
    if rows:  # numpy assigns in order, so the last event of a row stays
        labels[[starts[row.block_id] + row.block_row for row in rows]] = [row.value for row in rows]
    return labels


def _label_events(batch: BatchInfo, as_of: datetime | None) -> Select[tuple[int, int, float]]:
    e, b = tables.labels, tables.blocks
    query = (
        select(e.c.block_id, e.c.block_row, e.c.value)
        .join(b, b.c.block_id == e.c.block_id)
        .where(b.c.batch_key == batch.batch_key)
    )
    if as_of is not None:
        query = query.where(e.c.received_at <= to_micros(as_of))
    return query.order_by(e.c.observed_at, e.c.event_id)


def _info(row: Row[tuple[int, ...]]) -> BatchInfo:
    return BatchInfo(
        row.batch_key,
        row.batch_id,
        from_micros(row.first_at),
        from_micros(row.last_at),
        row.n_predictions,
        row.n_labels,
        row.changes,
    )
