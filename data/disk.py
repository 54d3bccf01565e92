"""The bytes of deleted rows: zeroed when they go, out of the write-ahead log, out of the file's free pages."""

import sqlite3
import time
from contextlib import closing

from sqlalchemy import Connection

from driftboard.data.store import Store
from driftboard.errors import StoreError

WAIT_SECONDS = 60.0


def zero_what_is_deleted(connection: Connection) -> None:
    """Have SQLite overwrite deleted rows with zeros, from now on, on this connection; elsewhere do nothing."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON").all()


def leave_no_traces(store: Store, *, vacuum: bool) -> None:
    """Write the log back into the file and empty it; with `vacuum`, write the whole file anew first.

    Zeroing reaches the rows that are deleted. Only a rewrite reaches what earlier versions of a page left behind in
    its unused part, and gives the space back to the filesystem; it needs as much free space as the log is large.

    Raises
    ------
    StoreError
        A reader or writer kept the log in use for `WAIT_SECONDS`: the rows are gone, their bytes are not yet.
    """
    if store.on_server:
        return
    with closing(sqlite3.connect(store.path, timeout=WAIT_SECONDS, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA secure_delete = ON")
            if vacuum:
                connection.execute("VACUUM")
            _empty_the_log(connection)
        except sqlite3.Error as error:
            raise StoreError(
                f"the rows are deleted, but {store.path} could not be rewritten ({error}): run the command again"
            ) from error


def _empty_the_log(connection: sqlite3.Connection) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while True:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            return
        if time.monotonic() >= until:
            raise sqlite3.OperationalError("another process is reading")
        time.sleep(0.05)
