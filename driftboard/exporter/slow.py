"""What takes too long for every scrape, kept for a minute or so: service levels, and batches that nobody judged."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from threading import Lock

from driftboard.alerts.service_levels import ServiceLevel, read_levels
from driftboard.config import Settings
from driftboard.data.catalog import Model
from driftboard.data.standing import unjudged_batches
from driftboard.exporter import families
from driftboard.exporter.reading import Reading
from driftboard.exporter.samples import Samples, samples_of
from driftboard.exporter.turns import Turns

_MET = {"met": 1, "missed": 0}


class Slow:
    """Samples that are refreshed between scrapes, a few models at a time; by one thread at once, others go on."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turns = Turns()
        self._levels: dict[int, Samples] = {}
        self._unjudged: dict[int, int | None] = {}
        self._busy = Lock()

    def refresh(self, reading: Reading, models: Sequence[Model], *, now: datetime) -> None:
        """Read what a scrape cannot do without."""
        self._read(reading, self._turns.urgent(models, now=now), now)

    def catch_up(self, reading: Reading, models: Sequence[Model], *, now: datetime) -> None:
        """Read what is due, for the next scrape."""
        self._read(reading, self._turns.due(models, now=now), now)

    def _read(self, reading: Reading, models: Iterator[Model], now: datetime) -> None:
        if not self._busy.acquire(blocking=False):
            return
        try:
            for model in models:
                self._read_one(reading, model, now)
        finally:
            self._busy.release()

    def _read_one(self, reading: Reading, model: Model, now: datetime) -> None:
        self._levels[model.model_id] = self._read_levels(reading, model, now)
        self._unjudged[model.model_id] = reading.part("own", partial(unjudged_batches, model=model), None)

    def samples(self, models: Sequence[Model]) -> Iterator[Samples]:
        """Yield how the levels of the models stand, and how many batches are unjudged."""
        yield from (self._levels[model.model_id] for model in models if model.model_id in self._levels)
        counts = [self._unjudged.get(model.model_id) for model in models]
        own = Samples()
        own.add(families.UNJUDGED, sum(count for count in counts if count is not None))
        yield own

    def _read_levels(self, reading: Reading, model: Model, now: datetime) -> Samples:
        levels = reading.part("levels", lambda each: read_levels(each, model, self._settings, now=now), ())
        samples = samples_of(model, aliases=self._settings.metrics.aliases)
        add_levels(samples, levels)
        return samples


def add_levels(samples: Samples, levels: Iterable[ServiceLevel]) -> None:
    """Add compliance, promise, budget and whether it is met, of each level."""
    for level in levels:
        samples.add(families.SLO_COMPLIANCE, level.compliance, level.name)
        samples.add(families.SLO_TARGET, level.target, level.name)
        samples.add(families.SLO_BUDGET, level.budget_left, level.name)
        samples.add(families.SLO_MET, _MET.get(level.status), level.name)
