"""The ledger: the store behind a meter, opened when first needed and anew after every failure."""

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from driftboard.data.backend import hold_model
from driftboard.data.catalog import Model, Task
from driftboard.data.model_key import ModelKey
from driftboard.data.process_samples import ProcessSample, save_sample
from driftboard.data.references import register_model
from driftboard.data.service_counts import ServiceCounts, add_counts
from driftboard.data.store import Store, open_store
from driftboard.errors import StoreError
from driftboard.instrument.tallying import Slot


class Ledger:
    """Writes what a service counted of itself."""

    def __init__(self, where: Path | str, key: ModelKey, task: Task) -> None:
        self._where = where
        self._key = key
        self._task: Task = task
        self._opened: tuple[Store, Model] | None = None

    def write(self, counts: Mapping[Slot, ServiceCounts], samples: Sequence[ProcessSample]) -> None:
        """Add counts, and store samples, in one transaction.

        Raises
        ------
        StoreError
            Nothing was written. Where a server's answer to the commit was lost, it may have been all the same, and will
            be counted twice.
        """
        try:
            store, model = self._opened or self._open()
            with store.write() as connection:
                hold_model(connection, model.model_id)
                add_counts(connection, model.model_id, "requests", counts)
                for sample in samples:
                    save_sample(connection, replace(sample, model_id=model.model_id))
        except StoreError:
            self.close()  # after an I/O error the same connection must not be trusted with the same pages
            raise

    def close(self) -> None:
        """Close the store; the next write opens it again."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened[0].close()

    def forget(self) -> None:
        """After a fork, in the child: use a store of its own, and never close the parent's, on pain of its locks.

        The extra reference keeps the garbage collector of the child from closing the parent's connections.
        """
        if self._opened is not None:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._opened))
        self._opened = None

    def _open(self) -> tuple[Store, Model]:
        store = open_store(self._where)
        try:
            self._opened = store, register_model(store, self._key, task=self._task)
        except BaseException:
            store.close()
            raise
        return self._opened
