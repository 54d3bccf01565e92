"""Writing predictions: one transaction a batch, idempotent by prediction id, bad rows set aside, good rows kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, case, insert, select, text
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import IntegrityError

from driftboard.data import block, tables
from driftboard.data.batch import PredictionBatch
from driftboard.data.catalog import Model, add_classes, get_model, schema_id
from driftboard.data.labels import adopt_orphans, attach_labels
from driftboard.data.references import reference_types
from driftboard.data.reading import read_block
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
    try:
        with connection.begin_nested():
            _insert(connection, store, model, batch, rows, received_at)
    except IntegrityError:  # an id is there already: rare, so it is looked into only then
        rows, repeated = _without_repeats(connection, model, rows)
        _insert(connection, store, model, batch, rows, received_at)
    return LogResult(len(rows.labels), repeated.duplicates, repeated.conflicts, quarantine)


def _insert(
    connection: Connection, store: Store, model: Model, batch: PredictionBatch, rows: Rows, received_at: int
) -> None:
    batch_key = _touch_batch(connection, model, batch, rows, received_at)
    if len(rows.labels) == 0:
        return
    block_id = _insert_block(connection, store, model, batch_key, rows, received_at)
    ids = rows.ids
    parameters = {"ids": orjson.dumps(ids).decode(), "model_id": model.model_id, "block_id": block_id}
    connection.execute(_INSERT_IDS, parameters)
    attach_labels(connection, batch_key, block_id, rows.labels, received_at)
    adopt_orphans(connection, model.model_id, batch_key, block_id)


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


_PLACES = text(
    "SELECT p.prediction_id, p.block_id, p.block_row FROM json_each(:ids) j "
    "JOIN predictions p ON p.model_id = :model_id AND p.prediction_id = j.value"
)
_INSERT_IDS = text(
    "INSERT INTO predictions (model_id, prediction_id, block_id, block_row) "
    "SELECT :model_id, value, :block_id, key FROM json_each(:ids)"
)


def _stored_rows(connection: Connection, model: Model, ids: list[str]) -> dict[str, dict[str, Any]]:
    places = connection.execute(_PLACES, {"ids": orjson.dumps(ids).decode(), "model_id": model.model_id}).all()
    rows: dict[str, dict[str, Any]] = {}
    for block_id in {place.block_id for place in places}:
        columns = read_block(connection, block_id)
        here = {place.block_row: place.prediction_id for place in places if place.block_id == block_id}
        contents = columns.take(pa.array(list(here), pa.int64())).to_pylist()
        rows |= dict(zip(here.values(), contents, strict=True))
    return rows


def _touch_batch(connection: Connection, model: Model, batch: PredictionBatch, rows: Rows, received_at: int) -> int:
    """Create the batch or widen it; every touch counts as a change, so that the monitors look again."""
    span = pc.min_max(rows.columns["predicted_at"]).as_py()
    statement = upsert(tables.batches).values(
        model_id=model.model_id,
        batch_id=str(batch.batch_id),
        first_at=received_at if span["min"] is None else span["min"],
        last_at=received_at if span["max"] is None else span["max"],
        n_predictions=len(rows.labels),
        n_labels=0,
        changes=1,
    )
    old, new = tables.batches.c, statement.excluded
    changed = 1 if len(rows.labels) else 0  # a pure retry changes nothing
    statement = statement.on_conflict_do_update(
        index_elements=["model_id", "batch_id"],
        set_={
            "first_at": case((new.first_at < old.first_at, new.first_at), else_=old.first_at) if changed else old.first_at,
            "last_at": case((new.last_at > old.last_at, new.last_at), else_=old.last_at) if changed else old.last_at,
            "n_predictions": old.n_predictions + new.n_predictions,
            "changes": old.changes + changed,
        },
    ).returning(old.batch_key)
    return int(connection.execute(statement).scalar_one())


def _insert_block(
    connection: Connection, store: Store, model: Model, batch_key: int, rows: Rows, received_at: int
) -> int:
    encoded = block.encode(rows.columns)
    result = connection.execute(
        insert(tables.blocks),
        {
            "batch_key": batch_key,
            "schema_id": schema_id(connection, model.model_id, rows.columns.schema, store.catalog),
            "n_rows": len(rows.labels),
            "received_at": received_at,
            "checksum": encoded.checksum,
            "payload": encoded.payload,
        },
    )
    return int(result.inserted_primary_key[0])


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
            "payload": orjson.dumps({name: repr(values[row])[:1000] for name, values in batch.features.items()}).decode(),
            "received_at": received_at,
        }
        for row, reason in bad.items()
    ]
    connection.execute(insert(tables.quarantine), rows)
