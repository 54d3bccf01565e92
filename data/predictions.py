"""Writing predictions: one transaction a batch, idempotent by prediction id, bad rows set aside, good rows kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, insert, text

from driftboard.data import block, tables
from driftboard.data.batch import PredictionBatch
from driftboard.data.catalog import Model, add_classes, get_model, new_key, schema_id
from driftboard.data.labels import adopt_orphans, attach_labels
from driftboard.data.places import any_stored, insert_places, places_of
from driftboard.data.reading import read_block
from driftboard.data.references import reference_types
from driftboard.data.rows import Rows, lay_out
from driftboard.data.store import Store
from driftboard.data.times import to_micros


@dataclass(frozen=True, slots=True)
class LogResult:
    """What became of each row of a batch.

    Attributes
    ----------
    accepted
        Rows stored now.
    duplicates
        Rows that were stored before with the same content: nothing to do.
    conflicts
        Prediction ids that were stored before with other content; the first write stays.
    quarantined
        Row number in the batch to the reason why it could not be stored as given.
    """

    accepted: int
    duplicates: int = 0
    conflicts: tuple[str, ...] = ()
    quarantined: Mapping[int, str] | None = None


def log_predictions(store: Store, batch: PredictionBatch, *, now: datetime | None = None) -> LogResult:
    """Write a batch of predictions, with or without labels, in one durable transaction.

    Parameters
    ----------
    store
        An open store.
    batch
        The predictions. An empty batch is recorded too: its verdict will be `no_data`.
    now
        When it was received; the present by default.

    Raises
    ------
    UnknownModel
        The model is not registered.
    BadBatch
        The batch as a whole cannot be understood; nothing of it was stored.
    StoreError
        The database could not be written; nothing of it was stored.
    """
    now = now or datetime.now(UTC)
    with store.write() as connection:
        model = get_model(connection, batch.model, store.catalog)
        rows = lay_out(
            batch,
            task=model.task,
            code_classes=lambda values: add_classes(connection, model.model_id, values, store.catalog),
            known=reference_types(connection, model.model_id, store.catalog),
            now=now,
        )
        return _write(connection, store, model, batch, rows, to_micros(now))


def _write(
    connection: Connection, store: Store, model: Model, batch: PredictionBatch, rows: Rows, received_at: int
) -> LogResult:
    quarantine = {row: rows.bad[row] for row in sorted(rows.bad)}
    _set_aside(connection, model, batch, quarantine, received_at)
    repeated = _Repeated()
    if len(set(rows.ids)) < len(rows) or any_stored(connection, model.model_id, rows.ids):
        rows, repeated = _without_repeats(connection, model, rows)
    batch_key = _touch_batch(connection, model, batch, rows, received_at)
    if len(rows):
        block_id = _insert_block(connection, store, model, batch_key, rows, received_at)
        insert_places(connection, model.model_id, block_id, rows.ids)
        attach_labels(connection, batch_key, block_id, rows.labels, received_at)
        adopt_orphans(connection, model.model_id, batch_key, block_id)
    return LogResult(len(rows), repeated.duplicates, repeated.conflicts, quarantine)


@dataclass(frozen=True, slots=True)
class _Repeated:
    duplicates: int = 0
    conflicts: tuple[str, ...] = ()


def _without_repeats(connection: Connection, model: Model, rows: Rows) -> tuple[Rows, _Repeated]:
    """Leave out the rows whose id is stored already, or came earlier in this batch."""
    ids = rows.ids
    first: dict[str, int] = {}
    for row, each in enumerate(ids):
        first.setdefault(each, row)
    stored = _stored_rows(connection, model, ids)
    contents = rows.columns.to_pylist()
    drop: set[int] = set()
    conflicts: list[str] = []
    for row, each in enumerate(ids):
        earlier = stored.get(each) or (contents[first[each]] if first[each] != row else None)
        if earlier is not None:
            drop.add(row)
            if _content(earlier) != _content(contents[row]):
                conflicts.append(each)
    return rows.without(drop), _Repeated(len(drop) - len(conflicts), tuple(conflicts))


def _content(row: Mapping[str, Any]) -> dict[str, Any]:
    """What was predicted of what; the time is left out, since a retry without one is stamped anew."""
    return {
        name: value
        for name, value in row.items()
        if value is not None and name not in ("prediction_id", "predicted_at")
    }


_TOUCH_BATCH = text(  # rows of a pure retry (n = 0) change nothing
    "INSERT INTO batches (model_id, batch_id, first_at, last_at, n_predictions, n_labels, changes) "
    "VALUES (:model_id, :batch_id, :first_at, :last_at, :n, 0, 1) "
    "ON CONFLICT (model_id, batch_id) DO UPDATE SET "
    "first_at = CASE WHEN :n > 0 AND :first_at < batches.first_at THEN :first_at ELSE batches.first_at END, "
    "last_at = CASE WHEN :n > 0 AND :last_at > batches.last_at THEN :last_at ELSE batches.last_at END, "
    "n_predictions = batches.n_predictions + :n, "
    "changes = batches.changes + CASE WHEN :n > 0 THEN 1 ELSE 0 END "
    "RETURNING batch_key"
)


def _stored_rows(connection: Connection, model: Model, ids: list[str]) -> dict[str, dict[str, Any]]:
    places = places_of(connection, model.model_id, ids)
    rows: dict[str, dict[str, Any]] = {}
    for block_id in {place[0] for place in places.values()}:
        here = {each: row for each, (block, row) in places.items() if block == block_id}
        contents = read_block(connection, block_id).take(pa.array(here.values(), pa.int64())).to_pylist()
        rows |= dict(zip(here, contents, strict=True))
    return rows


def _touch_batch(connection: Connection, model: Model, batch: PredictionBatch, rows: Rows, received_at: int) -> int:
    """Create the batch or widen it; new rows count as a change, so that the monitors look again."""
    span = pc.min_max(rows.columns["predicted_at"]).as_py()
    parameters = {
        "model_id": model.model_id,
        "batch_id": str(batch.batch_id),
        "first_at": received_at if span["min"] is None else span["min"],
        "last_at": received_at if span["max"] is None else span["max"],
        "n": len(rows),
    }
    return int(connection.execute(_TOUCH_BATCH, parameters).scalar_one())


def _insert_block(
    connection: Connection, store: Store, model: Model, batch_key: int, rows: Rows, received_at: int
) -> int:
    columns = rows.as_block()
    encoded = block.encode(columns)
    result = connection.execute(
        insert(tables.blocks),
        {
            "batch_key": batch_key,
            "schema_id": schema_id(connection, model.model_id, columns.schema, store.catalog),
            "n_rows": len(rows),
            "received_at": received_at,
            "checksum": encoded.checksum,
            "payload": encoded.payload,
        },
    )
    return new_key(result)


def _set_aside(
    connection: Connection, model: Model, batch: PredictionBatch, bad: Mapping[int, str], received_at: int
) -> None:
    if not bad:
        return
    rows = [
        {
            "model_id": model.model_id,
            "batch_id": str(batch.batch_id),
            "reason": reason,
            "payload": orjson.dumps(_as_text(batch, row)).decode(),
            "received_at": received_at,
        }
        for row, reason in bad.items()
    ]
    connection.execute(insert(tables.quarantine), rows)


def _as_text(batch: PredictionBatch, row: int) -> dict[str, str]:
    """What a bad row was, as far as text can show it."""
    texts = {name: repr(list(values)[row])[:1000] for name, values in batch.features.items()}
    return {name: text.encode("utf-8", "backslashreplace").decode() for name, text in texts.items()}
