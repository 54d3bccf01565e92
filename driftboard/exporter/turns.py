"""Whose turn it is: what takes long is done between scrapes, for all models within a minute or so."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from driftboard.data.catalog import Model

REFRESHED = timedelta(minutes=1)
OVERDUE = timedelta(minutes=5)
"""Since then nobody called `catch_up`: scrapes have to do it themselves."""

FIRST_SECONDS = 2.0
"""That the first scrape of all may take."""

OVERDUE_SECONDS = 0.02
"""That every other scrape may take; one model has its turn at least."""

AGAIN_SECONDS = 1.0
"""That may be taken between two scrapes."""


class Turns:
    """When each model had its turn."""

    def __init__(self) -> None:
        self._had: dict[int, datetime] = {}

    def urgent(self, models: Sequence[Model], *, now: datetime) -> Iterator[Model]:
        """Yield the models that a scrape cannot do without: new ones, else those overdue; as long as there is time."""
        seconds = OVERDUE_SECONDS if self._had else FIRST_SECONDS
        yield from self._in_time(self._new(models) or self._older(models, OVERDUE, now), seconds, now)

    def due(self, models: Sequence[Model], *, now: datetime) -> Iterator[Model]:
        """Yield the models whose turn it is, new ones and those that wait longest first; as long as there is time."""
        waiting = [*self._new(models), *self._older(models, REFRESHED, now)]
        yield from self._in_time(waiting, AGAIN_SECONDS, now)

    def _new(self, models: Sequence[Model]) -> list[Model]:
        return [model for model in models if model.model_id not in self._had]

    def _older(self, models: Sequence[Model], age: timedelta, now: datetime) -> list[Model]:
        """Return the models whose turn was so long ago; or is in the future, because a clock was set back."""
        had = [model for model in models if model.model_id in self._had]
        old = [model for model in had if not timedelta(0) <= now - self._had[model.model_id] < age]
        return sorted(old, key=lambda model: self._had[model.model_id])

    def _in_time(self, models: Sequence[Model], seconds: float, now: datetime) -> Iterator[Model]:
        until = time.monotonic() + seconds
        for number, model in enumerate(models):
            if number and time.monotonic() > until:
                return
            self._had[model.model_id] = now
            yield model
