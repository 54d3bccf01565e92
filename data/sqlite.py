"""The embedded engine: one SQLite file, write-ahead log, full synchronisation, one writer at a time."""

import os
import sqlite3
import struct
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event

from driftboard.data.cursor import Cursor, driver_cursor
from driftboard.data.filesystem import drop_outdated, open_reader, refuse_network, refuse_read_only
from driftboard.errors import StoreError

NAME = "sqlite"
ROWS = "json_each(:given)"
TEXTS = "json_each(:given)"

APPLICATION_ID = 0x64726662  # "drfb": tells our files from anybody else's
BUSY_SECONDS = 60.0
_HEADER = b"SQLite format 3\x00"
_WAL_LIMIT = 64 * 2**20
_IDS = """
INSERT INTO predictions (model_id, prediction_id, block_id, block_row) SELECT ?, value, ?, key FROM json_each(?)
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A database file."""

    path: Path

    @property
    def name(self) -> str:
        """What messages call it."""
        return str(self.path)

    @property
    def driver_errors(self) -> tuple[type[Exception], ...]:
        """What the driver raises when it is spoken to without SQLAlchemy."""
        return (sqlite3.Error, UnicodeDecodeError)  # damaged pages may no longer be text

    def prepare(self) -> None:
        """Make sure it is ours to write."""
        prepare_file(self.path)

    def check(self) -> None:
        """Make sure that it is there and ours.

        Raises
        ------
        StoreError
            There is no such file, or it is not ours.
        """
        if not self.path.is_file():
            raise StoreError(f"no database at {self.path}: run `driftboard init`, or log a first batch")
        check_ours(self.path)

    def writer(self) -> Engine:
        """Return the engine that writes."""
        return writer_engine(self.path)

    def reader(self) -> Engine:
        """Return an engine that cannot write."""
        return reader_engine(self.path)

    def explained(self, error: BaseException) -> str:
        """Return what an error of the driver means, as the end of a sentence that begins with the place."""
        reason = str(error)
        if "locked" in reason or "busy" in reason:
            return "is held by another process: try again"
        if "malformed" in reason or "not a database" in reason or isinstance(error, UnicodeDecodeError):
            return f"is damaged ({reason}): restore a backup"
        if "full" in reason:
            return "cannot grow (the disk is full): make room and try again"
        return f"answered: {reason}"


def prepare_file(path: Path) -> None:
    """Make sure `path` is ours to write: create it for this user only, or check that it is a driftboard database.

    Raises
    ------
    StoreError
        The path cannot be created or read, or holds something else, which is left untouched.
    """
    refuse_network(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        refuse_read_only(path)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(f"cannot open the database {path}: {error.strerror}") from None
    if path.stat().st_size == 0:
        _claim(path)
    check_ours(path)


def check_ours(path: Path) -> None:
    """Read the file's header, without opening it as a database, and refuse what is not ours."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        raise StoreError(f"cannot read the database {path}: {error.strerror}") from None
    if not header.startswith(_HEADER):
        raise StoreError(f"{path} is not a SQLite database: choose another store.database")
    if struct.unpack(">I", header[68:72])[0] != APPLICATION_ID:
        raise StoreError(f"{path} is a SQLite database of another application: choose another store.database")


def _claim(path: Path) -> None:
    """Write the application id while the journal is still a rollback journal, so that it is in the file's header."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    deadline = time.monotonic() + BUSY_SECONDS
    try:
        while not _claimed(connection):  # the change to WAL does not wait for another process that makes it, too
            if time.monotonic() > deadline:
                raise StoreError(f"cannot initialise the database {path}: another process holds it; try again")
            time.sleep(0.01)
    except sqlite3.Error as error:
        raise StoreError(f"cannot initialise the database {path}: {error}") from None
    finally:
        connection.close()


def _claimed(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        return False
    return True


def writer_engine(path: Path) -> Engine:
    """Return an engine whose every transaction takes the write lock at once (`BEGIN IMMEDIATE`)."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        pool_size=1,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        connect_args={"timeout": BUSY_SECONDS, "isolation_level": None, "check_same_thread": False},
    )
    event.listen(engine, "connect", _set_writer_pragmas)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def reader_engine(path: Path) -> Engine:
    """Return an engine that cannot write: the file is opened for reading, each transaction is one snapshot."""
    engine = create_engine("sqlite://", creator=partial(open_reader, path, timeout=BUSY_SECONDS), poolclass=QueuePool)
    event.listen(engine, "checkout", drop_outdated)
    event.listen(engine, "connect", _set_reader_pragmas)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _set_writer_pragmas(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT}")


def _set_reader_pragmas(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA query_only = ON")


def hold(connection: Connection, number: int) -> None:
    """Do nothing: a transaction that writes holds the whole file from its beginning."""


def cursor(connection: Connection) -> Cursor:
    """Return the driver's cursor; it takes parameters as `:name`."""
    return driver_cursor(connection)


def insert_ids(cursor: Cursor, model_id: int, block_id: int, ids: list[str]) -> bool:
    """Record where the predictions of a block are; False when an id is there already, or twice in `ids`."""
    try:
        cursor.execute(_IDS, (model_id, block_id, orjson.dumps(ids).decode()))
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
            raise
        return False
    return True
