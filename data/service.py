"""How a model's service did in a time: its requests, or, where nobody told of requests, its predictions."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from driftboard.data.service_counts import ServiceCounts, Source, counts_ever, read_counts, summed


@dataclass(frozen=True, slots=True)
class Stretch:
    """What happened in a minute or an hour."""

    start: datetime
    seconds: int
    counts: ServiceCounts


@dataclass(frozen=True, slots=True)
class Service:
    """How a model's service did in a time.

    Attributes
    ----------
    source
        Who says so: `requests` if an instrumented service told of any in that time, else `predictions`.
    stretches
        In order of time: minutes of the last 48 hours, hours before. Those in which nothing happened are left out.
    """

    source: Source
    stretches: tuple[Stretch, ...]

    @property
    def total(self) -> ServiceCounts:
        """All stretches together; added up at each call."""
        return summed(each.counts for each in self.stretches)


def read_service(connection: Connection, model_id: int, *, since: datetime, until: datetime) -> Service:
    """Return the stretches that begin in [since, until), from the preferred source."""
    told = _read(connection, model_id, "requests", since, until)
    return told if told.stretches else read_predicted(connection, model_id, since=since, until=until)


def read_predicted(connection: Connection, model_id: int, *, since: datetime, until: datetime) -> Service:
    """Return the stretches that begin in [since, until) as the log tells them: with classes and confidence."""
    return _read(connection, model_id, "predictions", since, until)


def services_ever(connection: Connection) -> dict[int, tuple[ServiceCounts | None, ServiceCounts | None]]:
    """Return what was counted of all time by model: of its requests, and of its predictions."""
    ever = counts_ever(connection)
    models = sorted({model_id for model_id, _ in ever})
    return {each: (ever.get((each, "requests")), ever.get((each, "predictions"))) for each in models}


def _read(connection: Connection, model_id: int, source: Source, since: datetime, until: datetime) -> Service:
    found = read_counts(connection, model_id, source, since=since, until=until)
    return Service(source, tuple(Stretch(*each) for each in found))
