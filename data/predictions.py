"""Writing predictions: one transaction a batch, idempotent by prediction id, bad rows set aside, good rows kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, insert

from driftboard.data import block, tables
from driftboard.data.append import Write, append, has_orphans, record_empty
from driftboard.data.backend import hold_model
from driftboard.data.batch import PredictionBatch, batch_name
from driftboard.data.catalog import Model, add_classes, class_codes, get_model, schema_id
from driftboard.data.counting import class_text, count_rows
from driftboard.data.feature_schema import record_schema
from driftboard.data.label_events import adopt_orphans, attach
from driftboard.data.places import places_of
from driftboard.data.privacy import DEFAULT as DEFAULT_PRIVACY
from driftboard.data.privacy import Privacy
from driftboard.data.reading import read_block
from driftboard.data.references import reference_types
from driftboard.data.rows import Rows, lay_out
from driftboard.data.service_counts import add_counts
from driftboard.data.store import Store
from driftboard.data.times import from_micros, to_micros
from driftboard.data.values import storable
from driftboard.errors import StoreError


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
    duplicate_ids
        The ids of the duplicates, in the order of the batch.
    """

    accepted: int
    duplicates: int = 0
    conflicts: tuple[str, ...] = ()
    quarantined: Mapping[int, str] | None = None
    duplicate_ids: tuple[str, ...] = ()


def log_predictions(
    store: Store, batch: PredictionBatch, *, now: datetime | None = None, privacy: Privacy | None = None
) -> LogResult:
    """Write a batch of predictions, with or without labels, in one durable transaction.

    Parameters
    ----------
    store
        An open store.
    batch
        The predictions. An empty batch is recorded too: its verdict will be `no_data`.
    now
        When it was received; the present by default.
    privacy
        What becomes of features and segments before they are stored; names that look like a secret's are dropped in
        any case.

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
    batch = (privacy or DEFAULT_PRIVACY).apply_batch(batch)
    with store.write() as connection:
        return _write_batch(connection, store, batch, now)


def write_predictions(
    connection: Connection, store: Store, batch: PredictionBatch, *, now: datetime, privacy: Privacy | None = None
) -> LogResult:
    """Do what `log_predictions` does, as part of a transaction of the caller.

    Parameters
    ----------
    connection
        From `store.write`. Whoever writes several models in one transaction writes them in order of their ids: in
        PostgreSQL each is held until the end. Whoever goes back to a savepoint calls `store.catalog.forget`.

    Raises
    ------
    UnknownModel, BadBatch
        As `log_predictions`; nothing of this batch was stored, but for classes that the model may have learnt.
    """
    return _write_batch(connection, store, (privacy or DEFAULT_PRIVACY).apply_batch(batch), now)


def _write_batch(connection: Connection, store: Store, batch: PredictionBatch, now: datetime) -> LogResult:
    model = get_model(connection, batch.model, store.catalog)
    hold_model(connection, model.model_id)
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
    accepted = 0
    duplicates: list[str] = []
    conflicts: list[str] = []
    for part in rows.parts():
        stored, repeated = _write_part(connection, store, model, batch, part, received_at)
        accepted += len(stored)
        duplicates += repeated.duplicates
        conflicts += repeated.conflicts
    return LogResult(accepted, len(duplicates), tuple(conflicts), quarantine, tuple(duplicates))


def _write_part(
    connection: Connection, store: Store, model: Model, batch: PredictionBatch, rows: Rows, received_at: int
) -> tuple[Rows, "_Repeated"]:
    """Store one block's worth of rows; return those that were new, and what became of the others."""
    if _append(connection, store, model, batch, rows, received_at):
        return rows, _Repeated()
    rows, repeated = _without_repeats(connection, model, rows)
    if not _append(connection, store, model, batch, rows, received_at):
        raise StoreError(f"batch {batch.batch_id} of {model.key}: an id was found twice and not at all; log it again")
    return rows, repeated


def _append(
    connection: Connection, store: Store, model: Model, batch: PredictionBatch, rows: Rows, received_at: int
) -> bool:
    """Store the rows; False, and nothing stored, when an id is there already or stands twice."""
    columns = rows.as_block()
    span = pc.min_max(rows.columns["predicted_at"]).as_py()
    write = Write(
        model_id=model.model_id,
        batch_id=batch_name(batch.batch_id),
        schema_id=schema_id(connection, model.model_id, columns.schema, store.catalog),
        first_at=received_at if span["min"] is None else span["min"],
        last_at=received_at if span["max"] is None else span["max"],
        received_at=received_at,
        ids=rows.ids,
        block=block.encode(columns),
    )
    if len(rows) == 0:
        record_empty(connection, write)
        return True
    appended = append(connection, write)
    if appended is None:
        return False
    record_schema(
        connection,
        store.catalog,
        model_id=model.model_id,
        batch_key=appended.batch_key,
        schema_id=write.schema_id,
        columns=columns,
        known=reference_types(connection, model.model_id, store.catalog),
        received_at=received_at,
    )
    _count(connection, store, model, columns, received_at)
    attach(connection, appended.batch_key, appended.block_id, rows.labels, received_at)
    if has_orphans(connection, model.model_id):
        adopt_orphans(connection, model.model_id, appended.batch_key, appended.block_id)
    return True


def _count(connection: Connection, store: Store, model: Model, columns: pa.RecordBatch, received_at: int) -> None:
    """Count the rows of a block in the transaction that stores it, so that they are counted once."""
    names = list(class_codes(connection, model.model_id, store.catalog))
    counts = count_rows(
        columns, task=model.task, class_name=lambda code: class_text(names[code]), now=from_micros(received_at)
    )
    add_counts(connection, model.model_id, "predictions", counts)


@dataclass(frozen=True, slots=True)
class _Repeated:
    duplicates: tuple[str, ...] = ()
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
    duplicates: list[str] = []
    conflicts: list[str] = []
    for row, each in enumerate(ids):
        earlier = stored.get(each) or (contents[first[each]] if first[each] != row else None)
        if earlier is not None:
            drop.add(row)
            same = _content(earlier) == _content(contents[row])
            (duplicates if same else conflicts).append(each)
    return rows.without(drop), _Repeated(tuple(duplicates), tuple(conflicts))


def _content(row: Mapping[str, Any]) -> dict[str, Any]:
    """What was predicted of what; the time is left out, since a retry without one is stamped anew."""
    return {
        name: value
        for name, value in row.items()
        if value is not None and name not in ("prediction_id", "predicted_at")
    }


def _stored_rows(connection: Connection, model: Model, ids: list[str]) -> dict[str, dict[str, Any]]:
    places = places_of(connection, model.model_id, ids)
    rows: dict[str, dict[str, Any]] = {}
    for block_id in {place[0] for place in places.values()}:
        here = {each: row for each, (block, row) in places.items() if block == block_id}
        contents = read_block(connection, block_id).take(pa.array(here.values(), pa.int64())).to_pylist()
        rows |= dict(zip(here, contents, strict=True))
    return rows


def _set_aside(
    connection: Connection, model: Model, batch: PredictionBatch, bad: Mapping[int, str], received_at: int
) -> None:
    if not bad:
        return
    rows = [
        {
            "model_id": model.model_id,
            "batch_id": batch_name(batch.batch_id),
            "reason": storable(reason),
            "payload": orjson.dumps(_as_text(batch, row)).decode(),
            "received_at": received_at,
        }
        for row, reason in bad.items()
    ]
    connection.execute(insert(tables.quarantine), rows)


def _as_text(batch: PredictionBatch, row: int) -> dict[str, str]:
    """What a bad row was, as far as text can show it; its id is how `driftboard delete` finds it."""
    texts = {name: repr(list(values)[row])[:1000] for name, values in batch.features.items()}
    if batch.prediction_ids is not None:
        texts["prediction_id"] = str(list(batch.prediction_ids)[row])[:1000]
    return {storable(name): storable(text) for name, text in texts.items()}
