"""The hot path: appending a block straight through the driver, in the transaction of a SQLAlchemy connection."""

from dataclasses import dataclass

from sqlalchemy import Connection

from driftboard.data.backend import backend_of
from driftboard.data.block import Encoded
from driftboard.data.cursor import Cursor
from driftboard.data.savepoint import Savepoint

_TOUCH = """
INSERT INTO batches (model_id, batch_id, first_at, last_at, n_predictions, n_labels, changes)
VALUES (:model_id, :batch_id, :first_at, :last_at, :n_rows, 0, 1)
ON CONFLICT (model_id, batch_id) DO UPDATE SET
    first_at = CASE WHEN excluded.first_at < batches.first_at THEN excluded.first_at ELSE batches.first_at END,
    last_at = CASE WHEN excluded.last_at > batches.last_at THEN excluded.last_at ELSE batches.last_at END,
    n_predictions = batches.n_predictions + excluded.n_predictions, changes = batches.changes + 1
RETURNING batch_key
"""
_BLOCK = """
INSERT INTO blocks (batch_key, schema_id, n_rows, received_at, checksum, payload)
VALUES (:batch_key, :schema_id, :n_rows, :received_at, :checksum, :payload)
RETURNING block_id
"""
_KNOWN = "SELECT 1 FROM batches WHERE model_id = :model_id AND batch_id = :batch_id"
_ORPHANS = "SELECT EXISTS (SELECT 1 FROM orphan_labels WHERE model_id = :model_id)"


@dataclass(frozen=True, slots=True)
class Write:
    """One block to append to a batch; times are microseconds, `ids` as many as the block has rows."""

    model_id: int
    batch_id: str
    schema_id: int
    first_at: int
    last_at: int
    received_at: int
    ids: list[str]
    block: Encoded


@dataclass(frozen=True, slots=True)
class Appended:
    """Where the block went."""

    batch_key: int
    block_id: int


def append(connection: Connection, write: Write) -> Appended | None:
    """Append a block and record where its predictions are; None, and nothing written, when an id is there already."""
    backend = backend_of(connection)
    cursor = backend.cursor(connection)
    savepoint = Savepoint(connection)
    batch_key = _touch(cursor, write, len(write.ids))
    block_id = _store_block(cursor, write, batch_key)
    stored = backend.insert_ids(cursor, write.model_id, block_id, write.ids)
    if not stored:
        savepoint.roll_back()
        return None
    savepoint.release()
    return Appended(batch_key, block_id)


def record_empty(connection: Connection, write: Write) -> None:
    """Record that a batch of no rows was logged, unless the batch is there already."""
    cursor = backend_of(connection).cursor(connection)
    if cursor.execute(_KNOWN, {"model_id": write.model_id, "batch_id": write.batch_id}).fetchone() is None:
        _touch(cursor, write, 0)


def has_orphans(connection: Connection, model_id: int) -> bool:
    """Return whether labels of this model wait for their predictions."""
    cursor = backend_of(connection).cursor(connection)
    return bool(cursor.execute(_ORPHANS, {"model_id": model_id}).fetchone()[0])


def _touch(cursor: Cursor, write: Write, n_rows: int) -> int:
    """Create the batch or widen it; it counts as a change, so that the monitors look again."""
    parameters = {
        "model_id": write.model_id,
        "batch_id": write.batch_id,
        "first_at": write.first_at,
        "last_at": write.last_at,
        "n_rows": n_rows,
    }
    return int(cursor.execute(_TOUCH, parameters).fetchone()[0])


def _store_block(cursor: Cursor, write: Write, batch_key: int) -> int:
    parameters = {
        "batch_key": batch_key,
        "schema_id": write.schema_id,
        "n_rows": len(write.ids),
        "received_at": write.received_at,
        "checksum": write.block.checksum,
        "payload": write.block.payload,
    }
    return int(cursor.execute(_BLOCK, parameters).fetchone()[0])
