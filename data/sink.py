"""The sink: writes rows to the store, whatever they are, and says what became of them; it knows no threads."""

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import orjson
from sqlalchemy import insert

from driftboard.data import tables
from driftboard.data.catalog import get_model
from driftboard.data.entries import Entry, Origin, Refused
from driftboard.data.grouping import Group, as_batch, group
from driftboard.data.plain import safe_repr
from driftboard.data.predictions import log_predictions
from driftboard.data.privacy import Privacy
from driftboard.data.references import register_model
from driftboard.data.store import Store, open_store
from driftboard.data.times import to_micros
from driftboard.data.values import storable
from driftboard.errors import StoreError

_OF_THE_DATA = frozenset({"DataError", "IntegrityError"})


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of rows; see `LogResult`."""

    accepted: int = 0
    duplicates: int = 0
    conflicts: int = 0
    quarantined: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.accepted + other.accepted,
            self.duplicates + other.duplicates,
            self.conflicts + other.conflicts,
            self.quarantined + other.quarantined,
        )


Work = Callable[[], Counts]
"""One durable write: done when it returns (L3), not done, and worth doing again, when it raises StoreError."""


class Sink:
    """The store behind a logger: opened when first needed, and anew after every failure."""

    def __init__(self, where: Path | str) -> None:
        self._where = where
        self._store: Store | None = None
        self._registered: set[Origin] = set()

    def work(self, rows: list[Entry | Refused], origin: Origin) -> Iterator[Work]:
        """Yield the writes that store these rows, one for each batch and one for the rows that are none."""
        groups, refused = _grouped(rows, origin)
        for each in groups:
            yield partial(self._guarded, partial(self._write, each))
        if refused:
            yield partial(self._guarded, partial(self._set_aside, refused, origin))

    def close(self) -> None:
        """Close the store; the next write opens it again."""
        store, self._store = self._store, None
        self._registered.clear()
        if store is not None:
            store.close()

    def forget(self) -> None:
        """After a fork, in the child: use a store of its own, and never close the parent's, on pain of its locks.

        The extra reference keeps the garbage collector of the child from closing the parent's connections.
        """
        if self._store is not None:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._store))
        self._store = None
        self._registered = set()

    def _guarded(self, write: Work) -> Counts:
        try:
            return write()
        except StoreError:
            self.close()  # after an I/O error the same connection must not be trusted with the same pages
            raise

    def _opened(self, origin: Origin) -> Store:
        if self._store is None:
            self._store = open_store(self._where)
        if origin not in self._registered:
            register_model(self._store, origin.model, task=origin.task)
            self._registered.add(origin)
        return self._store

    def _write(self, group: Group) -> Counts:
        """Write a group; when the store refuses its data, find the rows that are to blame by halving."""
        store = self._opened(group.origin)
        try:
            batch = as_batch(group)
            treated = Privacy(allow=frozenset(batch.features) | frozenset(batch.segments))  # in `log()`, once
            result = log_predictions(store, batch, privacy=treated)
        except Exception as error:
            if isinstance(error, StoreError) and not _of_the_data(error):
                raise
            if len(group.entries) == 1:
                reason = str(error) or type(error).__name__
                entry = group.entries[0]
                return self._set_aside(
                    [Refused(reason, safe_repr(entry.features), str(entry.prediction_id))], group.origin
                )
            return sum((self._write(half) for half in group.halves()), Counts())
        return Counts(result.accepted, result.duplicates, len(result.conflicts), len(result.quarantined or {}))

    def _set_aside(self, refused: list[Refused], origin: Origin) -> Counts:
        store = self._opened(origin)
        with store.write() as connection:
            model = get_model(connection, origin.model, store.catalog)
            rows = [
                {
                    "model_id": model.model_id,
                    "batch_id": "",
                    "reason": storable(each.reason)[:1000],
                    "payload": orjson.dumps(
                        {"prediction_id": storable(each.prediction_id), "row": storable(each.text)}
                    ).decode(),
                    "received_at": to_micros(datetime.now(UTC)),
                }
                for each in refused
            ]
            connection.execute(insert(tables.quarantine), rows)
        return Counts(quarantined=len(refused))


def _grouped(rows: list[Entry | Refused], origin: Origin) -> tuple[list[Group], list[Refused]]:
    """Group the rows; one that nobody foresaw is refused by itself and does not hold up the others for ever."""
    try:
        return group(rows, origin)
    except Exception as error:  # noqa: BLE001 - whatever a caller's value did
        if len(rows) == 1:
            return [], [Refused(f"{type(error).__name__}: {error}", safe_repr(rows[0]), "")]
        middle = len(rows) // 2
        groups, refused = _grouped(rows[:middle], origin)
        more_groups, more_refused = _grouped(rows[middle:], origin)
        return groups + more_groups, refused + more_refused


def _of_the_data(error: StoreError) -> bool:
    """Whether it is the rows that the database dislikes, and it would dislike them tomorrow."""
    causes = (error.__cause__, getattr(error.__cause__, "orig", None))
    return any(kind.__name__ in _OF_THE_DATA for cause in causes for kind in type(cause).__mro__)
