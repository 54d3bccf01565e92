"""Performance reports of the batches of a time: the newest of each batch, or all that was ever said of a few."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from driftboard.data import tables
from driftboard.data.catalog import Model
from driftboard.data.times import from_micros, to_micros

_r, _b = tables.monitor_reports.c, tables.batches.c


@dataclass(frozen=True, slots=True)
class OutcomeReport:
    """What was said of the outcomes of one batch at one time; `payload` is the report as JSON."""

    batch_key: int
    batch_id: str
    batch_at: datetime
    created_at: datetime
    payload: str


def newest_outcomes(
    connection: Connection, model: Model, *, since: datetime, until: datetime
) -> tuple[OutcomeReport, ...]:
    """Return the newest report of each batch that began in [since, until), in order of the batches' time."""
    later = tables.monitor_reports.alias("later")
    newer = select(later.c.report_id).where(
        later.c.batch_key == _r.batch_key, later.c.monitor == _r.monitor, later.c.revision > _r.revision
    )
    query = _reports().where(
        _b.model_id == model.model_id,
        _b.first_at >= to_micros(since),
        _b.first_at < to_micros(until),
        ~newer.exists(),
    )
    return _read(connection, query.order_by(_b.first_at, _b.batch_key))


def said_of_outcomes(connection: Connection, batch_keys: Iterable[int]) -> tuple[OutcomeReport, ...]:
    """Return every report of these batches, in order of the batches' time and then as they were said."""
    query = _reports().where(_b.batch_key.in_(tuple(batch_keys)))
    return _read(connection, query.order_by(_b.first_at, _b.batch_key, _r.revision))


def _reports() -> Select[tuple[Any, ...]]:
    columns = (_b.batch_key, _b.batch_id, _b.first_at, _r.created_at, _r.payload)
    joined = tables.batches.join(tables.monitor_reports, _b.batch_key == _r.batch_key)
    return select(*columns).select_from(joined).where(_r.monitor == "performance")


def _read(connection: Connection, query: Select[tuple[Any, ...]]) -> tuple[OutcomeReport, ...]:
    return tuple(
        OutcomeReport(
            batch_key=row.batch_key,
            batch_id=row.batch_id,
            batch_at=from_micros(row.first_at),
            created_at=from_micros(row.created_at),
            payload=row.payload,
        )
        for row in connection.execute(query)
    )
