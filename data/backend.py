"""What differs between the two engines is in one module each, with the same functions; here is which one applies."""

from typing import Protocol

from sqlalchemy import Connection, Engine, TextClause, text

from driftboard.data import postgres, sqlite
from driftboard.data.cursor import Cursor

_ALERT_QUEUE = 0
_SCHEMA = -1


class Backend(Protocol):
    """What `driftboard.data.sqlite` and `driftboard.data.postgres` have in common.

    Attributes
    ----------
    NAME
        SQLAlchemy's name of the dialect.
    ROWS, TEXTS
        A source of rows with one column, `value`: the JSON arrays, or the texts, in the JSON parameter `:given`.
    """

    NAME: str
    ROWS: str
    TEXTS: str

    def hold(self, connection: Connection, number: int) -> None:
        """Let nobody else hold this number until the transaction ends."""
        ...

    def cursor(self, connection: Connection) -> Cursor:
        """Return the driver's cursor; it takes parameters as `:name`."""
        ...

    def insert_ids(self, cursor: Cursor, model_id: int, block_id: int, ids: list[str]) -> bool:
        """Record where the predictions of a block are; False when an id is there already, or twice in `ids`."""
        ...


class Place(Protocol):
    """Where a log is: a file, or a database on a server."""

    @property
    def name(self) -> str:
        """What messages call it; holds no password."""
        ...

    @property
    def driver_errors(self) -> tuple[type[Exception], ...]:
        """What the driver raises when it is spoken to without SQLAlchemy."""
        ...

    def prepare(self) -> None:
        """Make sure it is ours to write."""
        ...

    def check(self) -> None:
        """Make sure it is there, and ours."""
        ...

    def writer(self) -> Engine:
        """Return the engine that writes."""
        ...

    def reader(self) -> Engine:
        """Return an engine that cannot write."""
        ...

    def explained(self, error: BaseException) -> str:
        """Return what an error of the driver means, as the end of a sentence that begins with the place."""
        ...


_BACKENDS: dict[str, Backend] = {sqlite.NAME: sqlite, postgres.NAME: postgres}


class Statement:
    """A statement written once for both engines: `{rows}` and `{texts}` stand for what `:given` holds."""

    def __init__(self, template: str) -> None:
        self._texts = {
            name: text(template.format(rows=backend.ROWS, texts=backend.TEXTS)) for name, backend in _BACKENDS.items()
        }

    def on(self, connection: Connection) -> TextClause:
        """Return it for the engine of this connection."""
        return self._texts[connection.dialect.name]


def backend_of(connection: Connection) -> Backend:
    """Return the module of the engine that this connection is to."""
    return _BACKENDS[connection.dialect.name]


def hold_model(connection: Connection, model_id: int) -> None:
    """Be the only transaction that writes to this model until it ends: call it before reading what decides a write."""
    backend_of(connection).hold(connection, model_id)


def hold_alert_queue(connection: Connection) -> None:
    """Be the only transaction that claims messages until it ends."""
    backend_of(connection).hold(connection, _ALERT_QUEUE)


def hold_schema(connection: Connection) -> None:
    """Be the only transaction that migrates until it ends."""
    backend_of(connection).hold(connection, _SCHEMA)
