"""What the worker does beside judging: choosing what people are to label, folding old counts, looking at itself."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from driftboard.config import Settings
from driftboard.data.catalog import list_models
from driftboard.data.process_samples import save_sample
from driftboard.data.review_choice import queue_new
from driftboard.data.service_folding import fold_minutes
from driftboard.data.store import Store
from driftboard.errors import StoreError
from driftboard.instrument.processes import ProcessWatch

log = logging.getLogger(__name__)


class Chores:
    """The chores of one worker; one that fails is logged and tried again, and the others are done.

    Parameters
    ----------
    lasting
        The process stays: what it uses is worth a sample a minute.
    """

    def __init__(self, store: Store, settings: Settings, *, lasting: bool) -> None:
        self._store = store
        self._settings = settings
        self._chores: list[tuple[timedelta, Callable[[datetime], object]]] = [
            (timedelta(0), self._queue_for_review),
            (timedelta(hours=1), lambda now: fold_minutes(store, now=now)),
        ]
        if lasting:
            self._process = ProcessWatch("worker")
            self._chores.append((timedelta(minutes=1), self._sample))
        self._done: dict[int, datetime] = {}

    def do(self, now: datetime) -> None:
        """Do what is due; a clock that was set back puts nothing off."""
        for number, (every, act) in enumerate(self._chores):
            last = self._done.get(number)
            if last is not None and timedelta(0) <= now - last < every:
                continue
            self._done[number] = now
            try:
                act(now)
            except StoreError as error:
                del self._done[number]
                log.error("%s", error)  # noqa: TRY400 - the line says it all

    def _queue_for_review(self, now: datetime) -> None:
        with self._store.read() as connection:
            models = list_models(connection)
        for model in models:
            queue_new(self._store, model, self._settings.review, now=now)

    def _sample(self, now: datetime) -> None:
        sample = self._process.sample(now)
        with self._store.write() as connection:
            save_sample(connection, sample)
