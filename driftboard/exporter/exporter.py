"""A scrape: everything that Prometheus may know, out of the log, which any number of processes write to."""

import time
from collections.abc import Iterator
from datetime import datetime
from threading import Lock

from driftboard.config import Settings
from driftboard.data.catalog import list_models
from driftboard.data.store import Store
from driftboard.exporter import families
from driftboard.exporter.budget import limits_of
from driftboard.exporter.current import model_samples, own_samples, read_current
from driftboard.exporter.exposition import CONTENT_TYPE, write_exposition
from driftboard.exporter.own import add_build, add_own, add_size
from driftboard.exporter.reading import Reading
from driftboard.exporter.reported import Reported
from driftboard.exporter.samples import Samples
from driftboard.exporter.slow import Slow

__all__ = ["CONTENT_TYPE", "Exporter"]


class Exporter:
    """Reads the metrics of a log; one for a process, kept from scrape to scrape, safe to call from several threads.

    Parameters
    ----------
    store
        Open for reading at least; it stays the caller's.
    settings
        `metrics` says how much is named, `slo` what is promised.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._settings = settings
        self._reading = Reading(store)
        self._reported = Reported(limits_of(settings.metrics), aliases=settings.metrics.aliases)
        self._slow = Slow(settings)
        self._lock = Lock()

    def scrape(self, now: datetime) -> bytes:
        """Return the exposition at a time (`CONTENT_TYPE`); what cannot be read is left out and counted, not raised."""
        with self._lock:
            return write_exposition(list(self._parts(now)))

    def catch_up(self, now: datetime) -> None:
        """Read what the next scrape is to find, for at most a second: call it after an answer has gone out.

        Service levels take long, for a month is added up. Without this they are refreshed by the scrapes themselves, a
        model at each, once they are five minutes old.
        """
        models = self._reading.part("models", list_models, ())
        self._slow.catch_up(self._reading, models, now=now)

    def _parts(self, now: datetime) -> Iterator[Samples]:
        began = time.monotonic()
        current = read_current(self._reading, now=now)
        models = current.models
        troubles = self._reading.troubles
        self._reading.part("reports", lambda each: self._reported.refresh(each, models, troubles), None)
        self._slow.refresh(self._reading, models, now=now)
        for model in models:
            yield model_samples(model, current, self._settings, now=now)
            yield from self._reported.samples(model)
        yield from self._slow.samples(models)
        yield own_samples(current, now=now)
        yield self._own(now, began)

    def _own(self, now: datetime, began: float) -> Samples:
        samples = Samples()
        add_build(samples)
        dry_run = self._settings.alerts.dry_run
        self._reading.part("own", lambda each: add_own(samples, each, dry_run=dry_run, now=now), None)
        with self._reading.troubles.around("own"):
            add_size(samples, self._reading.store)
        samples.add(families.SCRAPE_DURATION, time.monotonic() - began)
        self._reading.troubles.add_to(samples)
        return samples
