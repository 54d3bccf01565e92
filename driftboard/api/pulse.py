"""Signs of life of the API: that it is at work, what it uses, and whether the log takes what it writes."""

import logging
import threading
import time
from datetime import UTC, datetime
from typing import Literal

from driftboard.data import Store
from driftboard.data.heartbeats import beat, take_leave
from driftboard.data.process_samples import save_sample
from driftboard.errors import StoreError
from driftboard.instrument.processes import ProcessWatch

log = logging.getLogger(__name__)

COMPONENT: Literal["api"] = "api"
BEAT_SECONDS = 5.0
_MINUTE = 60.0
_LEAVE_SECONDS = 2.0
_AGAIN_SECONDS = 2.0
_FULL = ("disk is full", "No space left", "database or disk is full")


class Pulse:
    """A thread that says every five seconds that this process is at work, and every minute what it used.

    Attributes
    ----------
    trouble
        Why the last sign of life could not be written; None when it was.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.trouble: str | None = None

    @property
    def is_full(self) -> bool:
        """Whether there is no room on the log's disk."""
        trouble = self.trouble
        return trouble is not None and any(each in trouble for each in _FULL)

    def start(self) -> None:
        """Begin, once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="driftboard-pulse", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End in order: the API is not missed. Waits two seconds at most."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_LEAVE_SECONDS)

    def _run(self) -> None:
        with self._store.again() as store:
            self._watch(store, ProcessWatch(COMPONENT))
            try:
                with store.write() as connection:
                    take_leave(connection, COMPONENT, now=datetime.now(UTC))
            except StoreError:
                log.warning("the API could not take its leave of the log: it will be missed for a while")

    def _watch(self, store: Store, process: ProcessWatch) -> None:
        sampled = time.monotonic()
        while True:
            sample = time.monotonic() - sampled >= _MINUTE
            self._beat(store, process if sample else None)
            sampled = time.monotonic() if sample else sampled
            if self._stop.wait(BEAT_SECONDS if self.trouble is None else _AGAIN_SECONDS):
                return

    def _beat(self, store: Store, process: ProcessWatch | None) -> None:
        now = datetime.now(UTC)
        try:
            sample = None if process is None else process.sample(now)
            with store.write() as connection:
                beat(connection, COMPONENT, interval_seconds=BEAT_SECONDS, now=now)
                if sample is not None:
                    save_sample(connection, sample)
        except Exception as error:  # noqa: BLE001 - whatever it was, the next sign of life is tried all the same
            said = str(error) if isinstance(error, StoreError) else f"unexpected {type(error).__name__}"
            if self.trouble is None:
                log.warning("the API gives no sign of life: %s", said)
            self.trouble = said
        else:
            self.trouble = None
