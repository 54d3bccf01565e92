"""What the alert pipeline needs of a log: transactions."""

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection


class AlertStore(Protocol):
    """An open log; `driftboard.data.Store` is one."""

    def read(self) -> AbstractContextManager[Connection]:
        """One transaction that only reads."""
        ...

    def write(self) -> AbstractContextManager[Connection]:
        """One transaction that holds the write lock, committed at the end."""
        ...
