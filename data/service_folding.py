"""Folding: minutes that are old become hours, hours that are very old go; so the counts of a year stay small."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, exists, select

from driftboard.data import tables
from driftboard.data.backend import hold_model
from driftboard.data.process_samples import forget_samples
from driftboard.data.service_counts import (
    HOUR,
    KEPT_BY_THE_MINUTE,
    MINUTE,
    ServiceCounts,
    Source,
    as_minute,
    put_counts,
    stretches_where,
    summed,
)
from driftboard.data.store import Store
from driftboard.data.times import to_micros

KEPT_BY_THE_HOUR = timedelta(days=400)
SAMPLES_KEPT = timedelta(days=30)

_c = tables.service_counts.c
_p = tables.process_samples.c


def fold_minutes(store: Store, *, now: datetime) -> int:
    """Make hours of the minutes older than 48 hours, and forget what is too old to be asked for.

    A whole hour is folded at once, when its last minute is old enough; each model in a transaction of its own. Hours
    older than 400 days and process samples older than 30 days go; the counts of all time stay as they are. Many
    processes may do this at the same time.

    Returns
    -------
    int
        Minutes folded.
    """
    before = _hour(now - KEPT_BY_THE_MINUTE)
    with store.read() as connection:
        old = _sources_with_old_minutes(connection, before)
    folded = 0
    for model_id, source in old:
        with store.write() as connection:
            hold_model(connection, model_id)
            folded += _fold(connection, model_id, source, before)
    _forget(store, now)
    return folded


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _sources_with_old_minutes(connection: Connection, before: datetime) -> list[tuple[int, Source]]:
    old = select(_c.model_id, _c.source).where(_c.seconds == MINUTE, _c.start < to_micros(before)).distinct()
    return [(row.model_id, row.source) for row in connection.execute(old.order_by(_c.model_id, _c.source))]


def _fold(connection: Connection, model_id: int, source: Source, before: datetime) -> int:
    """Add the minutes to their hours, in a transaction that holds the model."""
    mine = (_c.model_id == model_id, _c.source == source, _c.seconds == MINUTE, _c.start < to_micros(before))
    minutes = stretches_where(connection, *mine)
    hours: dict[tuple[int, datetime], list[ServiceCounts]] = {}
    for start, _, counts in minutes:
        hours.setdefault((HOUR, _hour(start)), []).append(as_minute(counts))
    put_counts(connection, model_id, source, {hour: summed(each) for hour, each in hours.items()})
    connection.execute(delete(tables.service_counts).where(*mine))
    return len(minutes)


def _forget(store: Store, now: datetime) -> None:
    """Delete what is too old; looked for first, so that most times nothing is written."""
    hours = (_c.seconds == HOUR, _c.start < to_micros(now - KEPT_BY_THE_HOUR))
    samples = _p.at < to_micros(now - SAMPLES_KEPT)
    with store.read() as connection:
        found = connection.execute(select(exists().where(*hours) | exists().where(samples))).scalar_one()
    if found:
        with store.write() as connection:
            connection.execute(delete(tables.service_counts).where(*hours))
            forget_samples(connection, before=now - SAMPLES_KEPT)
