"""The writer: one thread and one transaction for all requests that wait, each with a savepoint of its own.

A request is answered after the commit, never before: what it was told is stored is on the disk. When a transaction
fails, its jobs are done again one by one, so that no request fails on account of another.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from driftboard.api.refusal import Refusal
from driftboard.config import Settings
from driftboard.data.savepoint import Savepoint
from driftboard.data.store import Store
from driftboard.errors import DriftboardError, StoreError

log = logging.getLogger(__name__)

Job = Callable[[Connection, Store], Any]
"""What writes, in a transaction of the writer; with the writer's own store, whose catalog it may use."""

RETRY_SECONDS = 1
_OF_THE_DATA = frozenset({"DataError", "IntegrityError"})


@dataclass(frozen=True, slots=True)
class _Waiting:
    job: Job
    order: str
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class Writer:
    """Takes jobs from event loops and does them in a thread of its own.

    Parameters
    ----------
    store
        The log; the thread opens it once more for itself.
    settings
        `api.max_waiting`: jobs that may wait; more are refused.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store.again()
        self._most = settings.api.max_waiting
        self._jobs: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._trouble: str | None = None
        self._thread = threading.Thread(target=self._run, name="driftboard-writer", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Jobs that wait to be done."""
        return len(self._jobs)

    @property
    def alive(self) -> bool:
        """Whether jobs are done at all."""
        return self._thread.is_alive()

    @property
    def trouble(self) -> str | None:
        """Why nothing is written at the moment; None when all is well."""
        if not self.alive:
            return "the writer has ended"
        return self._trouble

    async def write(self, job: Job, *, order: str = "") -> Any:
        """Return what the job returned, once it is committed.

        Parameters
        ----------
        order
            Jobs of one transaction are done in this order: the model's name, so that two processes which write the same
            models never wait for each other.

        Raises
        ------
        Refusal
            429: too many wait; 503: the database cannot be written, or the writer is closing. Nothing was stored.
        DriftboardError
            What the job raised; nothing of it was stored.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        with self._changed:
            if self._closed or not self.alive:
                raise Refusal(503, "closing", "the server is going down: send it again", retry_after=RETRY_SECONDS)
            if len(self._jobs) >= self._most:
                raise Refusal(429, "busy", "too many requests wait: send it again", retry_after=RETRY_SECONDS)
            self._jobs.append(_Waiting(job, order, loop, future))
            self._changed.notify()
        return await future

    def close(self, timeout: float = 10.0) -> None:
        """Do the jobs that wait, and end; a second time is a no-op."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout)
        if not self._thread.is_alive():
            self._store.close()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._jobs and not self._closed:
                    self._changed.wait()
                group = sorted(self._jobs, key=lambda each: each.order)
                self._jobs.clear()
            if not group:
                return
            _tell(group, self._done(group))
            del group  # what a request held is not kept until the next one comes

    def _done(self, group: list[_Waiting]) -> list[Any]:
        """Return the results, or the exceptions, of a group of jobs that were done in one transaction."""
        try:
            results = self._in_one(group)
        except Exception as error:  # noqa: BLE001 - whatever it was, every request gets an answer and the thread lives
            if len(group) == 1:
                return [self._explained(error)]
            return [result for each in group for result in self._done([each])]
        self._trouble = None
        return results

    def _in_one(self, group: list[_Waiting]) -> list[Any]:
        with self._store.write() as connection:
            return [self._one(connection, each.job) for each in group]

    def _one(self, connection: Connection, job: Job) -> Any:
        """Return what the job returned, or its own fault; what the database dislikes ends the transaction."""
        savepoint = Savepoint(connection)
        try:
            result = job(connection, self._store)
        except DriftboardError as error:
            savepoint.roll_back()
            self._store.catalog.forget()  # it may have learnt what was just rolled back
            return error
        savepoint.release()
        return result

    def _explained(self, error: Exception) -> Exception:
        """What the request is told of an error that ended its transaction."""
        if not isinstance(error, StoreError):
            return error
        causes = (error.__cause__, getattr(error.__cause__, "orig", None))
        if any(kind.__name__ in _OF_THE_DATA for cause in causes for kind in type(cause).__mro__):
            return Refusal(422, "bad_data", "the database cannot hold these values: look for odd texts and numbers")
        self._trouble = str(error)
        log.error("nothing was written: %s", error)
        message = "the log cannot be written: nothing of this request was stored, send it again"
        return Refusal(503, "not_written", message, retry_after=RETRY_SECONDS)


def _tell(group: list[_Waiting], results: list[Any]) -> None:
    """Hand each request its result, in the loop that waits for it."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for each, result in zip(group, results, strict=True):
        by_loop.setdefault(each.loop, []).append((each.future, result))
    for loop, told in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, told)
        except RuntimeError:  # the loop is closed: nobody waits any more
            log.warning("%d requests were written, but their loop is gone", len(told))


def _settle(told: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, result in told:
        if future.done():  # the client hung up
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
