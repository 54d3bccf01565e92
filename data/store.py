"""The store: opens the database, migrates it, and hands out transactions."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from driftboard.data import sqlite as embedded
from driftboard.data.catalog import Catalog
from driftboard.errors import StoreError

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0001"


class Store:
    """An open prediction log.

    A function that is one transaction by itself takes the store; a function that is part of one takes the
    connection that `read` or `write` yields.
    """

    def __init__(self, path: Path, *, writer: Engine | None, reader: Engine) -> None:
        self.path = path
        self.catalog = Catalog()
        self._writer = writer
        self._reader = reader

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection inside one transaction that holds the write lock; commit at the end, durably.

        Raises
        ------
        StoreError
            The store is open for reading only, another process kept the lock for a minute, or the disk failed.
        """
        if self._writer is None:
            raise StoreError(f"{self.path} is open for reading only")
        try:
            with _said_in_one_line(self.path), self._writer.begin() as connection:
                yield connection
        except BaseException:
            self.catalog.forget()  # it may have learnt what was just rolled back
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that sees one unchanging state of the log and cannot write."""
        with _said_in_one_line(self.path), self._reader.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self._reader.dispose()
        if self._writer is not None:
            self._writer.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(path: Path | str) -> Store:
    """Open the log at `path` for reading and writing; create or migrate it where needed.

    Raises
    ------
    StoreError
        The file cannot be written, belongs to another application, or was written by a newer driftboard.
    """
    path = Path(path).resolve()
    embedded.prepare_file(path)
    store = Store(path, writer=embedded.writer_engine(path), reader=embedded.reader_engine(path))
    try:
        _migrate(store)
    except BaseException:
        store.close()
        raise
    return store


def open_store_read_only(path: Path | str) -> Store:
    """Open an existing log without the means to change it: what the dashboard does.

    Raises
    ------
    StoreError
        There is no such file, it is not ours, or its schema is not the one this version reads.
    """
    path = Path(path).resolve()
    if not path.is_file():
        raise StoreError(f"no database at {path}: run `driftboard init`, or log a first batch")
    embedded.check_ours(path)
    store = Store(path, writer=None, reader=embedded.reader_engine(path))
    try:
        _check_schema(store)
    except BaseException:
        store.close()
        raise
    return store


def _check_schema(store: Store) -> None:
    with store.read() as connection:
        version = _schema_version(connection)
        if version != HEAD:
            _refuse_newer(version, store.path)
            raise StoreError(f"{store.path} has an older schema: open it once with `driftboard init`")


def _schema_version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _refuse_newer(version: str | None, path: Path) -> None:
    known = {file.name[1:5] for file in (MIGRATIONS / "versions").glob("v*.py")}
    if version is not None and version not in known:
        raise StoreError(f"{path} was written by a newer driftboard (schema {version}): upgrade driftboard")


def _migrate(store: Store) -> None:
    """Bring the schema to HEAD in one transaction that holds the write lock, so that two processes cannot race."""
    with store.write() as connection:
        version = _schema_version(connection)
        if version == HEAD:
            return
        _refuse_newer(version, store.path)
        from alembic import command  # noqa: PLC0415 - most processes find the schema in place and never need it
        from alembic.config import Config  # noqa: PLC0415

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def _said_in_one_line(path: Path) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"the database {path} {_explained(str(error.orig))}") from error
    except sqlite3.Error as error:  # from the hot path, which speaks to the driver
        raise StoreError(f"the database {path} {_explained(str(error))}") from error


def _explained(reason: str) -> str:
    if "locked" in reason or "busy" in reason:
        return "is held by another process: try again"
    if "malformed" in reason or "not a database" in reason:
        return f"is damaged ({reason}): restore a backup"
    if "full" in reason:
        return "cannot grow (the disk is full): make room and try again"
    return f"answered: {reason}"
