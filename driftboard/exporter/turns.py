"""Whose turn it is: what takes long is done for a few models at each scrape, for all of them within a minute or so."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from driftboard.data.catalog import Model

REFRESHED = timedelta(minutes=1)
FIRST_SECONDS = 2.0
"""That a scrape may take for models that never had their turn; the next scrape goes on."""

AGAIN_SECONDS = 0.02
"""That a scrape may take for the others."""


class Turns:
    """When each model had its turn."""

    def __init__(self) -> None:
        self._had: dict[int, datetime] = {}

    def due(self, models: Sequence[Model], *, now: datetime) -> Iterator[Model]:
        """Yield the models whose turn it is, as long as there is time: new ones, else those that wait longest."""
        new = [model for model in models if model.model_id not in self._had]
        old = [model for model in models if model.model_id in self._had and self._is_due(model, now)]
        old.sort(key=lambda model: self._had[model.model_id])
        until = time.monotonic() + (FIRST_SECONDS if new else AGAIN_SECONDS)
        for number, model in enumerate(new or old):
            if number and time.monotonic() > until:
                return
            self._had[model.model_id] = now
            yield model

    def _is_due(self, model: Model, now: datetime) -> bool:
        """Whether its turn was a minute ago; or in the future, because a clock was set back."""
        return not timedelta(0) <= now - self._had[model.model_id] < REFRESHED
