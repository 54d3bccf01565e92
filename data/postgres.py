"""The server engine: PostgreSQL through psycopg 3.

Transactions are READ COMMITTED; those that write to the same model take turns (`hold`), so that what is read in one
stays true until it commits, as it does in SQLite. Different models are written side by side. A store has one connection
that writes, and what it asks for is on disk when it is acknowledged (`synchronous_commit = on`).
"""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from driftboard.data.cursor import Cursor, driver_cursor
from driftboard.errors import StoreError

NAME = "postgresql"
ROWS = "jsonb_array_elements(CAST(:given AS jsonb))"
TEXTS = "jsonb_array_elements_text(CAST(:given AS jsonb))"

SCHEMES = ("postgresql://", "postgres://", "postgresql+psycopg://")
BUSY_SECONDS = 60.0
CONNECT_SECONDS = 10
READ_SECONDS = 60.0
_LOCKS = 0x64726662  # "drfb": tells our advisory locks from anybody else's
_COPY = "COPY predictions (model_id, prediction_id, block_id, block_row) FROM STDIN (FORMAT BINARY)"
_MEANING = {
    "25006": "is open for reading only",
    "28P01": "refuses the user or the password",
    "3D000": "does not exist on that server: create it, or correct store.url",
    "42501": "does not let this user do that: grant the rights, or use another user",
    "53100": "cannot grow (the disk is full): make room and try again",
    "53300": "has no connection left: raise max_connections, or run fewer writers",
    "55P03": "is held by another process: try again",
    "57014": f"took longer than {READ_SECONDS:.0f} s to answer",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A database on a server; its password is in no text that this makes."""

    url: URL = field(repr=False)

    @property
    def name(self) -> str:
        """What messages call it: user, server and database."""
        url = self.url
        return URL.create(NAME, url.username, host=url.host, port=url.port, database=url.database).render_as_string()

    @property
    def driver_errors(self) -> tuple[type[Exception], ...]:
        """What the driver raises when it is spoken to without SQLAlchemy."""
        from psycopg import Error  # noqa: PLC0415 - only those who use PostgreSQL have it

        return (Error,)

    def prepare(self) -> None:
        """Make sure that it answers and holds any text.

        Raises
        ------
        StoreError
            The server cannot be reached or refuses us, there is no such database, or its encoding is not UTF-8.
        """
        engine = self.reader()
        try:
            with engine.connect() as connection:
                encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        except DBAPIError as error:
            raise StoreError(f"the database {self.name} {self.explained(error.orig or error)}") from None
        finally:
            engine.dispose()
        if encoding != "UTF8":
            raise StoreError(f"the database {self.name} has the encoding {encoding}: create one with UTF8")

    def check(self) -> None:
        """Make sure that it answers."""
        self.prepare()

    def writer(self) -> Engine:
        """Return an engine of one connection whose commits are on disk."""
        engine = create_engine(
            self.url,
            pool_size=1,
            max_overflow=0,
            pool_timeout=BUSY_SECONDS,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": CONNECT_SECONDS},
        )
        lock_timeout = f"SET lock_timeout = {BUSY_SECONDS * 1000:.0f}"
        event.listen(engine, "connect", _sets("SET synchronous_commit = on", lock_timeout))
        return engine

    def reader(self) -> Engine:
        """Return an engine that cannot write: each transaction is one snapshot, each statement has a time limit."""
        engine = create_engine(
            self.url,
            pool_pre_ping=True,
            hide_parameters=True,
            isolation_level="REPEATABLE READ",
            execution_options={"postgresql_readonly": True},
            connect_args={"connect_timeout": CONNECT_SECONDS},
        )
        timeout = f"SET statement_timeout = {READ_SECONDS * 1000:.0f}"
        event.listen(engine, "connect", _sets("SET default_transaction_read_only = on", timeout))
        return engine

    def explained(self, error: BaseException) -> str:
        """Return what an error of the driver means, as the end of a sentence that begins with the place."""
        state = getattr(error, "sqlstate", None)
        if state in _MEANING:
            return _MEANING[state]
        said = _masked(" ".join(str(error).split()), self.url)
        if state is None and "failed" in said:
            return f"cannot be reached: {said}"
        return f"answered: {said}"


def place(text: str) -> Place:
    """Return the database that a connection string names.

    Raises
    ------
    StoreError
        It cannot be understood (the text does not show it: it may hold a password), or psycopg is not installed.
    """
    try:
        url = make_url(text).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        raise StoreError("a connection string is written postgresql://user@host:port/database") from None
    if not url.database:
        raise StoreError("the connection string names no database: postgresql://user@host:port/database")
    _check_driver()
    return Place(url)


def _check_driver() -> None:
    try:
        import psycopg  # noqa: F401, PLC0415 - only those who use PostgreSQL have it
    except ImportError:
        raise StoreError("PostgreSQL needs its driver: pip install 'driftboard[postgres]'") from None


def hold(connection: Connection, number: int) -> None:
    """Wait until no other transaction holds this number, and hold it until this one ends."""
    cursor(connection).execute("SELECT pg_advisory_xact_lock(:locks, :number)", {"locks": _LOCKS, "number": number})


def cursor(connection: Connection) -> Cursor:
    """Return the driver's cursor; it takes parameters as `:name`."""
    return _Cursor(driver_cursor(connection))


def insert_ids(cursor: Cursor, model_id: int, block_id: int, ids: list[str]) -> bool:
    """Record where the predictions of a block are; False when an id is there already, or twice in `ids`."""
    from psycopg.errors import UniqueViolation  # noqa: PLC0415 - only those who use PostgreSQL have it

    try:
        with cursor.copy(_COPY) as copy:  # type: ignore[attr-defined]
            copy.set_types(("int8", "text", "int8", "int4"))
            for row, each in enumerate(ids):
                copy.write_row((model_id, each, block_id, row))
    except UniqueViolation:
        return False
    return True


class _Cursor:
    """A cursor of psycopg that takes parameters as `:name`, so that a statement is written once for both engines."""

    def __init__(self, cursor: Any) -> None:
        self.copy = cursor.copy
        self.fetchone = cursor.fetchone
        self.fetchall = cursor.fetchall
        self._execute = cursor.execute

    def execute(self, statement: str, parameters: Any = None) -> "_Cursor":
        self._execute(_native(statement), parameters)
        return self


@cache
def _native(statement: str) -> str:
    return re.sub(r":(\w+)", r"%(\1)s", statement)


def _sets(*statements: str) -> Any:
    def on_connect(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        connection.commit()

    return on_connect


def _masked(text: str, url: URL) -> str:
    secrets = [url.password, *(value for key, value in url.query.items() if "password" in key)]
    for secret in secrets:
        if isinstance(secret, str) and secret:
            text = text.replace(secret, "***")
    return text
