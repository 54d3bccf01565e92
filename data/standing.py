"""How the log stands, in a few numbers by keys: what whoever scrapes it asks for every few seconds."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection, func, select

from driftboard.data import tables
from driftboard.data.backend import Statement
from driftboard.data.catalog import Model
from driftboard.data.incident import OPEN
from driftboard.data.service_counts import MINUTE
from driftboard.data.store import Store
from driftboard.data.times import from_micros, to_micros

LOOKED_AT = 100
"""Batches of a model, the newest, that may count as unjudged."""

_b, _r, _k = tables.batches.c, tables.monitor_reports.c, tables.blocks.c
_c, _i = tables.service_counts.c, tables.incidents.c


def open_by_severity(connection: Connection) -> dict[tuple[int | None, str], int]:
    """Return how many incidents are not over, by model and severity; without a model: driftboard's own."""
    query = select(_i.model_id, _i.severity, func.count().label("n")).where(_i.state.in_(OPEN))
    rows = connection.execute(query.group_by(_i.model_id, _i.severity))
    return {(row.model_id, row.severity): int(row.n) for row in rows}


def newest_predictions(connection: Connection) -> dict[int, datetime]:
    """Return by model when the newest prediction was made, of the batches that began last; models without are out."""
    rows = connection.execute(_NEWEST_PREDICTIONS.on(connection))
    return {row.model_id: from_micros(row.at) for row in rows if row.at is not None}


def unjudged_batches(connection: Connection, model: Model) -> int:
    """Return how many of a model's newest batches are not judged as they are now; nothing is, without a reference."""
    reference = select(tables.references.c.reference_id).where(tables.references.c.model_id == model.model_id).limit(1)
    if connection.execute(reference).first() is None:
        return 0
    query = select(_b.batch_key, _b.changes, _b.n_predictions).where(_b.model_id == model.model_id)
    batches = connection.execute(query.order_by(_b.first_at.desc()).limit(LOOKED_AT)).all()
    keys = [row.batch_key for row in batches]
    reports = (
        select(_r.batch_key, func.max(_r.changes).label("changes")).where(_r.batch_key.in_(keys)).group_by(_r.batch_key)
    )
    seen = {row.batch_key: int(row.changes) for row in connection.execute(reports)}
    due = {row.batch_key: row.n_predictions for row in batches if seen.get(row.batch_key, 0) < row.changes}
    return len(due) - _purged(connection, due)


def predicted_lately(connection: Connection, models: Iterable[Model], *, now: datetime, minutes: int) -> dict[int, int]:
    """Return by model how many predictions there were in the last whole minutes; models without any are left out.

    As the log counts them, or the instrumented service where it logs none.

    Parameters
    ----------
    minutes
        So many; the one that has begun is not among them.
    """
    until = now.replace(second=0, microsecond=0)
    query = select(_c.model_id, _c.source, _c.payload).where(
        _c.model_id.in_([model.model_id for model in models]),
        _c.source.in_(("predictions", "requests")),
        _c.seconds == MINUTE,
        _c.start >= to_micros(until - timedelta(minutes=minutes)),
        _c.start < to_micros(until),
    )
    logged: dict[int, int] = {}
    told: dict[int, int] = {}
    for row in connection.execute(query):
        counts = orjson.loads(row.payload)
        if row.source == "requests":
            told[row.model_id] = told.get(row.model_id, 0) + counts.get("rows_sum", 0)
        else:
            rows = counts.get("success", 0) + sum(counts.get("errors", {}).values())
            logged[row.model_id] = logged.get(row.model_id, 0) + rows
    return told | logged


def database_bytes(store: Store) -> tuple[int, int | None]:
    """Return the size of the database, and of its write-ahead log; None on a server, which keeps its own."""
    if store.on_server:
        with store.read() as connection:
            return int(connection.execute(select(func.pg_database_size(func.current_database()))).scalar_one()), None
    log = store.path.with_name(f"{store.path.name}-wal")
    return store.path.stat().st_size, log.stat().st_size if log.exists() else 0


def _purged(connection: Connection, due: Mapping[int, int]) -> int:
    """How many of these batches have lost rows: nothing true can be said of those, and nobody waits for it."""
    query = select(_k.batch_key, func.sum(_k.n_rows).label("n")).where(_k.batch_key.in_(list(due)))
    stored = {row.batch_key: int(row.n) for row in connection.execute(query.group_by(_k.batch_key))}
    return sum(stored.get(key, 0) < n for key, n in due.items())


_NEWEST_PREDICTIONS = Statement(
    "SELECT m.model_id, (SELECT max(n.last_at) FROM (SELECT b.last_at FROM batches b WHERE b.model_id = m.model_id "
    "ORDER BY b.first_at DESC LIMIT 3) n) AS at FROM models m"
)
