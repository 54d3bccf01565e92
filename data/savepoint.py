"""A savepoint, straight through the driver."""

from sqlalchemy import Connection

from driftboard.data.backend import backend_of


class Savepoint:
    """A point in a transaction that it can go back to.

    SQLAlchemy names its savepoints one by one and so compiles the statements for each anew: 45 microseconds against 3.

    Parameters
    ----------
    connection
        Inside a transaction. After an error of the database there may be nothing left to go back to: let it end the
        transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._cursor = backend_of(connection).cursor(connection)
        self._cursor.execute("SAVEPOINT here")

    def release(self) -> None:
        """Keep what was done since, as part of what is around it."""
        self._cursor.execute("RELEASE SAVEPOINT here")

    def roll_back(self) -> None:
        """Undo what was done since."""
        self._cursor.execute("ROLLBACK TO SAVEPOINT here")
        self.release()
