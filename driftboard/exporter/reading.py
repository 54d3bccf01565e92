"""Reading the log part by part, each in a transaction of its own: what fails in one hides nothing of the others."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, TypeVar

from sqlalchemy import Connection

from driftboard.data.store import Store
from driftboard.errors import DriftboardError
from driftboard.exporter import families
from driftboard.exporter.samples import Samples

Part = Literal["counts", "incidents", "levels", "models", "own", "processes", "reports"]
T = TypeVar("T")
U = TypeVar("U")

_log = logging.getLogger(__name__)


class Troubles:
    """Counts of what went wrong, by part, since the process started."""

    def __init__(self) -> None:
        self._counts: Counter[Part] = Counter()

    @contextmanager
    def around(self, part: Part) -> Iterator[None]:
        """Go on after whatever goes wrong inside."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - a damaged row may read as anything, and one model must not hide all
            self._counts[part] += 1
            said = str(error) if isinstance(error, DriftboardError) else type(error).__name__  # others may quote data
            _log.warning("%s: left out of the metrics: %s", part, " ".join(said.split()))

    @property
    def total(self) -> int:
        """Return how much went wrong so far."""
        return self._counts.total()

    def add_to(self, samples: Samples) -> None:
        """Add the counter."""
        for part in sorted(self._counts):
            samples.add(families.SCRAPE_ERRORS, self._counts[part], part)


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
