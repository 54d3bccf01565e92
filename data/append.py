"""The hot path: appending a block straight through the driver, in the transaction of a SQLAlchemy connection.

SQLAlchemy's own execution costs 60 microseconds a statement, which is more than SQLite needs for the whole of a small
batch. Here the five statements of a write go to `sqlite3` as they are.
"""

import sqlite3
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection

from driftboard.data.block import Encoded

_TOUCH = """
INSERT INTO batches (model_id, batch_id, first_at, last_at, n_predictions, n_labels, changes)
VALUES (:model_id, :batch_id, :first_at, :last_at, :n_rows, 0, 1)
ON CONFLICT (model_id, batch_id) DO UPDATE SET
    first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at),
    n_predictions = n_predictions + :n_rows, changes = changes + 1
RETURNING batch_key
"""
_BLOCK = """
INSERT INTO blocks (batch_key, schema_id, n_rows, received_at, checksum, payload) VALUES (?, ?, ?, ?, ?, ?)
"""
_IDS = """
INSERT INTO predictions (model_id, prediction_id, block_id, block_row) SELECT ?, value, ?, key FROM json_each(?)
"""


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
    cursor = _driver(connection).cursor()
    cursor.execute("SAVEPOINT append")
    try:
        batch_key = _touch(cursor, write, len(write.ids))
        block = (write.schema_id, len(write.ids), write.received_at, write.block.checksum, write.block.payload)
        block_id = cursor.execute(_BLOCK, (batch_key, *block)).lastrowid or 0
        cursor.execute(_IDS, (write.model_id, block_id, orjson.dumps(write.ids).decode()))
    except sqlite3.IntegrityError as error:
        cursor.execute("ROLLBACK TO append")
        if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
            raise
        return None
    finally:
        cursor.execute("RELEASE append")
    return Appended(batch_key, block_id)


def record_empty(connection: Connection, write: Write) -> None:
    """Record that a batch of no rows was logged, unless the batch is there already."""
    cursor = _driver(connection).cursor()
    found = "SELECT 1 FROM batches WHERE model_id = ? AND batch_id = ?"
    if cursor.execute(found, (write.model_id, write.batch_id)).fetchone() is None:
        _touch(cursor, write, 0)


def has_orphans(connection: Connection, model_id: int) -> bool:
    """Return whether labels of this model wait for their predictions."""
    query = "SELECT EXISTS (SELECT 1 FROM orphan_labels WHERE model_id = ?)"
    return bool(_driver(connection).execute(query, (model_id,)).fetchone()[0])


def _touch(cursor: sqlite3.Cursor, write: Write, n_rows: int) -> int:
    """Create the batch or widen it; it counts as a change, so that the monitors look again."""
    parameters = {
        "model_id": write.model_id,
        "batch_id": write.batch_id,
        "first_at": write.first_at,
        "last_at": write.last_at,
        "n_rows": n_rows,
    }
    return int(cursor.execute(_TOUCH, parameters).fetchone()[0])


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError(f"no hot path for {type(driver).__name__}")
    return driver
