"""What a service did, counted in stretches of time: requests, how they ended, how long they took, what was predicted.

Counts add: those of two minutes are those of both, and the bounds of the histograms are fixed, so that they always do.
They come from two sources: `requests`, told by an instrumented service, and `predictions`, told by the log itself as
rows are stored. A model whose service is instrumented is judged by its requests, any other by the latencies and errors
that its predictions were logged with: `data.service.read_service`.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import orjson
from sqlalchemy import ColumnElement, Connection, func, select

from driftboard.data import tables
from driftboard.data.backend import backend_of
from driftboard.data.times import from_micros, to_micros

Source = Literal["requests", "predictions"]

LATENCY_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5,
                  2.0, 2.5, 5.0, 10.0)  # fmt: skip
"""Upper bounds in seconds, each included in its cell; what took longer is in one cell more."""

ROWS_BOUNDS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)
"""Of predictions by request."""

CONFIDENCE_BOUNDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)

MINUTE, HOUR, EVER = 60, 3600, 0
_ALL_OF_TIME = (EVER, datetime(1970, 1, 1, tzinfo=UTC))
KEPT_BY_THE_MINUTE = timedelta(hours=48)
"""What is older is counted by the hour."""

MAX_NAMES = 50
"""Kinds of errors, and classes, that are counted by name; the rest are `other`."""

OTHER = "other"
_c = tables.service_counts.c


@dataclass(frozen=True, slots=True)
class ServiceCounts:
    """What happened in a stretch of time.

    Attributes
    ----------
    success, errors, rejected
        Requests that were answered; that failed, by kind of error; that were the caller's own fault (4xx), which count
        neither for nor against the service. Where the source is `predictions`: rows with and without an error.
    latency, latency_sum
        Requests by duration, in the cells of `LATENCY_BOUNDS` (one more cell than bounds; empty: none was measured);
        and the sum of the durations in seconds.
    rows, rows_sum
        Requests by number of predictions, in the cells of `ROWS_BOUNDS`; source `requests` only.
    classes
        Predictions by class, as text; for regression all of them are `value`. Source `predictions` only, as are:
    confidence, confidence_sum
        Predictions by confidence, in the cells of `CONFIDENCE_BOUNDS`.
    minutes, down
        Of an hour that minutes were folded into: those that had requests, and those in which most of them failed.
    """

    success: int = 0
    errors: Mapping[str, int] = field(default_factory=dict)
    rejected: int = 0
    latency: tuple[int, ...] = ()
    latency_sum: float = 0.0
    rows: tuple[int, ...] = ()
    rows_sum: int = 0
    classes: Mapping[str, int] = field(default_factory=dict)
    confidence: tuple[int, ...] = ()
    confidence_sum: float = 0.0
    minutes: int = 0
    down: int = 0

    @property
    def failed(self) -> int:
        """Requests that ended in an error of the service."""
        return sum(self.errors.values())

    @property
    def total(self) -> int:
        """Requests that count for or against the service."""
        return self.success + self.failed

    @property
    def measured(self) -> int:
        """Requests whose duration is known."""
        return sum(self.latency)

    def within(self, seconds: float) -> int:
        """Return how many requests took at most so long; `seconds` is one of `LATENCY_BOUNDS`."""
        return sum(self.latency[: bisect_left(LATENCY_BOUNDS, seconds) + 1])

    def unsure(self, confidence: float) -> int:
        """Return how many predictions had at most this confidence; it is one of `CONFIDENCE_BOUNDS`."""
        return sum(self.confidence[: bisect_left(CONFIDENCE_BOUNDS, confidence) + 1])

    def __add__(self, other: "ServiceCounts") -> "ServiceCounts":
        return summed((self, other))


NOTHING = ServiceCounts()


def slot(at: datetime, *, now: datetime) -> tuple[int, datetime]:
    """Return length in seconds and start of the stretch that a moment is counted in: its minute, or its hour.

    A moment in the future is counted in the minute of `now`: a clock that is ahead must not hide what happens now.
    """
    at = min(at, now)
    seconds = MINUTE if now - at < KEPT_BY_THE_MINUTE else HOUR
    since = int(at.timestamp())
    return seconds, datetime.fromtimestamp(since - since % seconds, UTC)


def summed(counts: Iterable[ServiceCounts]) -> ServiceCounts:
    """Return the sum of many counts; names beyond `MAX_NAMES` are `other`."""
    counts = [each for each in counts if each is not NOTHING]
    if len(counts) <= 1:
        return counts[0] if counts else NOTHING
    return ServiceCounts(
        success=sum([each.success for each in counts]),
        errors=_merged([each.errors for each in counts]),
        rejected=sum([each.rejected for each in counts]),
        latency=_columns_summed([each.latency for each in counts]),
        latency_sum=sum([each.latency_sum for each in counts]),
        rows=_columns_summed([each.rows for each in counts]),
        rows_sum=sum([each.rows_sum for each in counts]),
        classes=_merged([each.classes for each in counts]),
        confidence=_columns_summed([each.confidence for each in counts]),
        confidence_sum=sum([each.confidence_sum for each in counts]),
        minutes=sum([each.minutes for each in counts]),
        down=sum([each.down for each in counts]),
    )


def capped(names: Mapping[str, int]) -> Mapping[str, int]:
    """Return the counts by name as they are kept: names beyond `MAX_NAMES` are `other`."""
    return names if len(names) <= MAX_NAMES else _merged([names])


def as_minute(counts: ServiceCounts) -> ServiceCounts:
    """Return the counts of one minute as part of an hour: with traffic or none, served or down.

    A minute is down when most of its requests failed.
    """
    return replace(counts, minutes=int(counts.total > 0), down=int(counts.failed * 2 > counts.total))


def add_counts(
    connection: Connection, model_id: int, source: Source, counts: Mapping[tuple[int, datetime], ServiceCounts]
) -> None:
    """Add counts by stretch (see `slot`), and all of them to the counts of all time.

    Parameters
    ----------
    connection
        Inside a write transaction that holds the model (`backend.hold_model`).
    """
    if counts:
        put_counts(connection, model_id, source, {**counts, _ALL_OF_TIME: summed(counts.values())})


def put_counts(
    connection: Connection, model_id: int, source: Source, counts: Mapping[tuple[int, datetime], ServiceCounts]
) -> None:
    """Add counts by stretch, but not to the counts of all time: two statements, however many stretches there are.

    Parameters
    ----------
    connection
        Inside a write transaction that holds the model (`backend.hold_model`).
    """
    if not counts:
        return
    backend = backend_of(connection)
    cursor = backend.cursor(connection)
    stretches = {(seconds, to_micros(start)): each for (seconds, start), each in counts.items()}
    place = {"model_id": model_id, "source": source}
    given = orjson.dumps(list(stretches)).decode()
    known = cursor.execute(_FIND.format(rows=backend.ROWS), place | {"given": given}).fetchall()
    for seconds, start, payload in known:
        stretches[seconds, start] = _decoded(payload) + stretches[seconds, start]
    rows = [(seconds, start, _encoded(each)) for (seconds, start), each in stretches.items()]
    cursor.execute(_PUT.format(rows=backend.ROWS), place | {"given": orjson.dumps(rows).decode()})


def read_counts(
    connection: Connection, model_id: int, source: Source, *, since: datetime, until: datetime
) -> tuple[tuple[datetime, int, ServiceCounts], ...]:
    """Return (start, length in seconds, counts) of each stretch that begins in [since, until), in order of time."""
    return stretches_where(
        connection,
        _c.model_id == model_id,
        _c.source == source,
        _c.seconds.in_((MINUTE, HOUR)),
        _c.start >= to_micros(since),
        _c.start < to_micros(until),
    )


def stretches_where(
    connection: Connection, *conditions: ColumnElement[bool]
) -> tuple[tuple[datetime, int, ServiceCounts], ...]:
    """Return (start, length in seconds, counts) of the rows that fulfil the conditions, in order of time."""
    query = select(_c.start, _c.seconds, _c.payload).where(*conditions).order_by(_c.start, _c.seconds)
    rows = connection.execute(query).all()
    return tuple((from_micros(start), seconds, _decoded(payload)) for start, seconds, payload in rows)


def first_counted(connection: Connection, model_id: int) -> datetime | None:
    """Return when a model was first counted; None when it never was."""
    query = select(func.min(_c.start)).where(
        _c.model_id == model_id, _c.source.in_(("requests", "predictions")), _c.seconds.in_((MINUTE, HOUR))
    )
    first = connection.execute(query).scalar()
    return None if first is None else from_micros(first)


def counts_ever(connection: Connection) -> dict[tuple[int, Source], ServiceCounts]:
    """Return the counts of all time, by model and source."""
    query = select(_c.model_id, _c.source, _c.payload).where(
        _c.model_id.in_(select(tables.models.c.model_id)),  # with this and the sources the whole key is known
        _c.source.in_(("requests", "predictions")),
        _c.seconds == EVER,
        _c.start == 0,
    )
    return {(row.model_id, row.source): _decoded(row.payload) for row in connection.execute(query)}


def cell(bounds: Iterable[float], value: float) -> int:
    """Return the number of the cell that a value is counted in; a bound belongs to the cell below it."""
    return bisect_left(tuple(bounds), value)


def _columns_summed(cells: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*filter(None, cells), strict=True)))


def _merged(counts: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    """Add by name, keeping the names that came first; beyond `MAX_NAMES` they are `other`."""
    merged: dict[str, int] = {}
    for each in counts:
        for name, count in each.items():
            kept = name if name in merged or len(merged) < MAX_NAMES else OTHER
            merged[kept] = merged.get(kept, 0) + count
    return merged


def _encoded(counts: ServiceCounts) -> str:
    values = {name: getattr(counts, name) for name in ServiceCounts.__slots__}
    values |= {"errors": capped(counts.errors), "classes": capped(counts.classes)}
    return orjson.dumps({name: value for name, value in values.items() if value}).decode()


def _decoded(payload: str) -> ServiceCounts:
    values: dict[str, Any] = orjson.loads(payload)
    for name in ("latency", "rows", "confidence"):
        if name in values:
            values[name] = tuple(values[name])
    return ServiceCounts(**values)


_FIND = """
SELECT c.seconds, c.start, c.payload FROM {rows} j CROSS JOIN service_counts c
WHERE c.model_id = :model_id AND c.source = :source
AND c.seconds = CAST(j.value ->> 0 AS integer) AND c.start = CAST(j.value ->> 1 AS bigint)
"""
_PUT = """
INSERT INTO service_counts (model_id, source, seconds, start, payload)
SELECT :model_id, :source, CAST(j.value ->> 0 AS integer), CAST(j.value ->> 1 AS bigint), j.value ->> 2 FROM {rows} j
WHERE true ON CONFLICT (model_id, source, seconds, start) DO UPDATE SET payload = excluded.payload
"""
