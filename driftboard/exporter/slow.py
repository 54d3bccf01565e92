"""What takes too long for every scrape, kept for a minute or so: service levels, and batches that nobody judged."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from driftboard.alerts.service_levels import read_levels
from driftboard.config import Settings
from driftboard.data.catalog import Model
from driftboard.data.standing import unjudged_batches
from driftboard.exporter import families
from driftboard.exporter.levels import add_levels
from driftboard.exporter.model_labels import labels_of
from driftboard.exporter.reading import Reading
from driftboard.exporter.samples import Samples
from driftboard.exporter.turns import Turns


class Slow:
    """Samples that are refreshed for a few models at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turns = Turns()
        self._levels: dict[int, Samples] = {}
        self._unjudged: dict[int, int | None] = {}

    def refresh(self, reading: Reading, models: Sequence[Model], *, now: datetime) -> None:
        """Read what is due, as far as there is time."""
        for model in self._turns.due(models, now=now):
            self._levels[model.model_id] = self._read_levels(reading, model, now)
            count = reading.part("own", partial(unjudged_batches, model=model), None)
            self._unjudged[model.model_id] = count

    def samples(self, models: Sequence[Model]) -> Iterator[Samples]:
        """Yield how the levels of the models stand, and how many batches are unjudged."""
        yield from (self._levels[model.model_id] for model in models if model.model_id in self._levels)
        counts = [self._unjudged.get(model.model_id) for model in models]
        own = Samples()
        own.add(families.UNJUDGED, sum(count for count in counts if count is not None))
        yield own

    def _read_levels(self, reading: Reading, model: Model, now: datetime) -> Samples:
        levels = reading.part("levels", lambda each: read_levels(each, model, self._settings, now=now), ())
        samples = Samples(labels_of(model), aliases=self._settings.metrics.aliases)
        add_levels(samples, levels)
        return samples
