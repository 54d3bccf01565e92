"""The driver's own cursor, in the transaction of a SQLAlchemy connection: for the few statements of the hot path.

SQLAlchemy's execution costs 60 microseconds a statement: more than SQLite needs for the whole of a small batch.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self, cast

from sqlalchemy import Connection


class Cursor(Protocol):
    """What the hot path needs of a cursor."""

    def execute(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ..., /) -> Self:
        """Run a statement."""
        ...

    def fetchone(self) -> Any:
        """Return the next row, or None."""
        ...

    def fetchall(self) -> Sequence[Any]:
        """Return all rows that are left."""
        ...


def driver_cursor(connection: Connection) -> Cursor:
    """Return a new cursor of the driver."""
    return cast("Cursor", connection.connection.cursor())
