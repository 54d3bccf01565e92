"""Reading the log part by part, each in a transaction of its own: what fails in one hides nothing of the others."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from driftboard.data.store import Store
from driftboard.exporter.troubles import Part, Troubles

T = TypeVar("T")
U = TypeVar("U")


class Reading:
    """A log, and what went wrong while it was read."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.troubles = Troubles()

    def part(self, part: Part, read: Callable[[Connection], T], otherwise: U) -> T | U:
        """Return what is read, or something else where it cannot be; that is counted."""
        with self.troubles.around(part), self.store.read() as connection:
            return read(connection)
        return otherwise
