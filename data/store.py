"""The store: opens the database, migrates it, and hands out transactions.

A log is a SQLite file, named by its path or as `sqlite:///path`, or a database on a PostgreSQL server, named by a
connection string: `postgresql://user@host:port/database`.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from driftboard.data import postgres, sqlite
from driftboard.data.backend import Place, hold_schema
from driftboard.data.catalog import Catalog
from driftboard.errors import StoreError

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0004"
_FILE = "sqlite:///"


class _Upgrading:
    """One upgrade at a time in this process, whatever the logs: alembic keeps the one it is at in a global."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


_upgrading = _Upgrading()
os.register_at_fork(after_in_child=_upgrading.__init__)  # type: ignore[misc]  # a thread of the parent may hold it


class Store:
    """An open prediction log.

    A function that is one transaction by itself takes the store; a function that is part of one takes the
    connection that `read` or `write` yields.

    Attributes
    ----------
    name
        What messages call it: the file, or user, server and database; it holds no password.
    catalog
        What is known of the models by what was read and committed so far.
    """

    def __init__(self, place: Place, *, writer: Engine | None, reader: Engine) -> None:
        self.name = place.name
        self.catalog = Catalog()
        self._place = place
        self._writer = writer
        self._reader = reader

    @property
    def path(self) -> Path:
        """The database file.

        Raises
        ------
        StoreError
            The log is on a server: there is no file.
        """
        if isinstance(self._place, sqlite.Place):
            return self._place.path
        raise StoreError(f"{self.name} is on a server: it has no file here")

    @property
    def on_server(self) -> bool:
        """Whether the log is on PostgreSQL, and not in a file."""
        return isinstance(self._place, postgres.Place)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection inside one transaction; commit at the end, durably.

        In SQLite it is the only one that writes. In PostgreSQL others write as well: a function that reads what decides
        its write calls `backend.hold_model` first.

        Raises
        ------
        StoreError
            The store is open for reading only, another process kept the lock for a minute, or the disk failed.
        """
        if self._writer is None:
            raise StoreError(f"{self.name} is open for reading only")
        try:
            with _said_in_one_line(self._place), self._writer.begin() as connection:
                yield connection
        except BaseException:
            self.catalog.forget()  # it may have learnt what was just rolled back
            self._writer.dispose()  # after a failed fsync only a file opened anew tells what is on the disk
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that sees one unchanging state of the log and cannot write."""
        with _said_in_one_line(self._place), self._reader.begin() as connection:
            yield connection

    def again(self) -> Self:
        """Return the same log opened once more, with connections of its own: for another thread that writes."""
        return type(self)(self._place, writer=self._place.writer(), reader=self._place.reader())

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


def open_store(where: Path | str) -> Store:
    """Open the log for reading and writing; create or migrate it where needed.

    Parameters
    ----------
    where
        A path, `sqlite:///path`, or `postgresql://user@host:port/database`.

    Raises
    ------
    StoreError
        The file cannot be written, belongs to another application, or was written by a newer driftboard; the server
        cannot be reached, or its driver is not installed.
    """
    place = _place(where)
    place.prepare()
    store = Store(place, writer=place.writer(), reader=place.reader())
    try:
        _migrate(store)
    except BaseException:
        store.close()
        raise
    return store


def open_store_read_only(where: Path | str) -> Store:
    """Open an existing log without the means to change it: what the dashboard does.

    Raises
    ------
    StoreError
        There is no such log, it is not ours, or its schema is not the one this version reads.
    """
    place = _place(where)
    place.check()
    store = Store(place, writer=None, reader=place.reader())
    try:
        _check_schema(store)
    except BaseException:
        store.close()
        raise
    return store


def _place(where: Path | str) -> Place:
    if isinstance(where, str):
        if where.startswith(postgres.SCHEMES):
            return postgres.place(where)
        where = where.removeprefix(_FILE)
        if "://" in where:
            raise StoreError(f"no engine for {where.partition('://')[0]}://: name a file, or postgresql://...")
    return sqlite.Place(Path(where).resolve())


def _check_schema(store: Store) -> None:
    with store.read() as connection:
        version = _schema_version(connection)
        if version != HEAD:
            _refuse_newer(version, store.name)
            problem = "no log in it yet" if version is None else "an older schema"
            raise StoreError(f"{store.name} has {problem}: open it once with `driftboard init`")


def _schema_version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _refuse_newer(version: str | None, name: str) -> None:
    known = {file.name[1:5] for file in (MIGRATIONS / "versions").glob("v*.py")}
    if version is not None and version not in known:
        raise StoreError(f"{name} was written by a newer driftboard (schema {version}): upgrade driftboard")


def _migrate(store: Store) -> None:
    """Bring the schema to HEAD in one transaction that no other process can be in at the same time."""
    with store.write() as connection:
        hold_schema(connection)
        version = _schema_version(connection)
        if version == HEAD:
            return
        _refuse_newer(version, store.name)
        from alembic import command  # noqa: PLC0415 - most processes find the schema in place and never need it
        from alembic.config import Config  # noqa: PLC0415

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        with _upgrading.lock:
            command.upgrade(config, "head")


@contextmanager
def _said_in_one_line(place: Place) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"the database {place.name} {place.explained(error.orig or error)}") from error
    except PoolTimeoutError as error:
        raise StoreError(f"the database {place.name} is held by another thread: try again") from error
    except place.driver_errors as error:  # from the hot path, which speaks to the driver
        raise StoreError(f"the database {place.name} {place.explained(error)}") from error
