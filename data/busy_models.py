"""Models whose services were asked something lately."""

from datetime import datetime

from sqlalchemy import Connection, exists, or_, select

from driftboard.data import tables
from driftboard.data.catalog import Model
from driftboard.data.model_key import ModelKey
from driftboard.data.service_counts import HOUR, MINUTE, Source
from driftboard.data.times import to_micros

_SOURCES: tuple[Source, ...] = ("requests", "predictions")
_m, _c = tables.models.c, tables.service_counts.c


def busy_models(connection: Connection, *, since: datetime) -> tuple[Model, ...]:
    """Return the models with requests or predictions counted since then, in order of their ids.

    For each model the ends of four ranges of the primary key are looked at; the counts themselves are not read.
    """
    start = to_micros(since)
    counted = [
        exists().where(_c.model_id == _m.model_id, _c.source == source, _c.seconds == seconds, _c.start >= start)
        for source in _SOURCES
        for seconds in (MINUTE, HOUR)
    ]
    rows = connection.execute(select(tables.models).where(or_(*counted)).order_by(_m.model_id))
    return tuple(Model(row.model_id, ModelKey(row.name, row.version, row.environment), row.task) for row in rows)
