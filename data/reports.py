"""Monitor reports: one for each batch, monitor and revision; recomputing adds a revision, never a second truth."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Select, func, insert, select

from driftboard.data import tables
from driftboard.data.batch import batch_name
from driftboard.data.catalog import Model
from driftboard.data.reading import BatchInfo
from driftboard.data.times import from_micros, to_micros


@dataclass(frozen=True, slots=True)
class StoredReport:
    """What one monitor said of one batch; `payload` is the report as JSON."""

    report_id: int
    batch_id: str
    batch_at: datetime
    monitor: str
    revision: int
    verdict: str
    payload: str
    created_at: datetime


def due_batches(connection: Connection, model: Model) -> tuple[int, ...]:
    """Return the keys of the batches whose rows or labels changed since they were last reported on, oldest first.

    A batch that was judged against an earlier reference is not due: what was said of it then stays said. Nor is one
    that was purged: nothing true can be said of what is left of it.
    """
    b, k, r = tables.batches, tables.blocks, tables.monitor_reports
    stored = select(func.coalesce(func.sum(k.c.n_rows), 0)).where(k.c.batch_key == b.c.batch_key).scalar_subquery()
    seen = select(r.c.batch_key, func.max(r.c.changes).label("changes")).group_by(r.c.batch_key).subquery()
    query = (
        select(b.c.batch_key)
        .outerjoin(seen, seen.c.batch_key == b.c.batch_key)
        .where(b.c.model_id == model.model_id, func.coalesce(seen.c.changes, 0) < b.c.changes)
        .where(stored >= b.c.n_predictions)
        .order_by(b.c.first_at, b.c.batch_key)
    )
    return tuple(connection.execute(query).scalars())


def save_report(
    connection: Connection,
    batch: BatchInfo,
    *,
    monitor: str,
    reference_id: int,
    verdict: str,
    payload: str,
    now: datetime,
) -> int:
    """Insert the next revision of a batch's report; return its revision, from 1."""
    t = tables.monitor_reports
    newest = select(func.coalesce(func.max(t.c.revision), 0)).where(
        t.c.batch_key == batch.batch_key, t.c.monitor == monitor
    )
    revision = int(connection.execute(newest).scalar_one()) + 1
    values = {
        "batch_key": batch.batch_key,
        "monitor": monitor,
        "revision": revision,
        "changes": batch.changes,
        "n_predictions": batch.n_predictions,
        "reference_id": reference_id,
        "verdict": verdict,
        "payload": payload,
        "created_at": to_micros(now),
    }
    connection.execute(insert(t), values)
    return revision


@dataclass(frozen=True, slots=True)
class Seen:
    """How much of a batch the newest report of one monitor has seen, and against which reference."""

    changes: int
    n_predictions: int
    reference_id: int


def seen_by_monitor(connection: Connection, batch_key: int) -> dict[str, Seen]:
    """Return monitor name to what its newest report of the batch has seen."""
    t = tables.monitor_reports
    rows = connection.execute(select(t).where(t.c.batch_key == batch_key).order_by(t.c.revision))
    return {row.monitor: Seen(row.changes, row.n_predictions, row.reference_id) for row in rows}


def newest_reports(
    connection: Connection, model: Model, monitor: str, *, newest: int | None = None, until: str | None = None
) -> tuple[StoredReport, ...]:
    """Return the newest revision of each batch's report, in order of time.

    Parameters
    ----------
    connection
        From `Store.read`.
    model, monitor
        Whose reports, of which monitor: `feature`, `prediction` or `performance`.
    newest
        Only so many of the newest batches.
    until
        Only batches up to the one of this id.
    """
    query = _newest_revisions(model).where(tables.monitor_reports.c.monitor == monitor)
    b = tables.batches
    if until is not None:
        last = (
            select(b.c.first_at)
            .where(b.c.model_id == model.model_id, b.c.batch_id == batch_name(until))
            .scalar_subquery()
        )
        query = query.where(b.c.first_at <= last)
    query = query.order_by(b.c.first_at.desc(), b.c.batch_key.desc()).limit(newest)
    return tuple(_stored(row) for row in reversed(connection.execute(query).all()))


def batch_verdicts(
    connection: Connection, model: Model, *, newest: int | None = None
) -> tuple[tuple[str, datetime, str, str], ...]:
    """Return (batch id, batch time, monitor, verdict) of the newest revisions in order of time, without payloads."""
    t, b = tables.monitor_reports, tables.batches
    query = _newest_revisions(model).with_only_columns(b.c.batch_id, b.c.first_at, t.c.monitor, t.c.verdict)
    if newest is not None:
        keys = select(b.c.batch_key).where(b.c.model_id == model.model_id).order_by(b.c.first_at.desc()).limit(newest)
        query = query.where(b.c.batch_key.in_(keys))
    rows = connection.execute(query.order_by(b.c.first_at, b.c.batch_key, t.c.monitor))
    return tuple((row.batch_id, from_micros(row.first_at), row.monitor, row.verdict) for row in rows)


def find_report(connection: Connection, batch: BatchInfo, monitor: str) -> StoredReport | None:
    """Return the newest revision of one batch's report, or None."""
    t, b = tables.monitor_reports, tables.batches
    query = (
        select(t, b.c.batch_id, b.c.first_at)
        .join(b)
        .where(t.c.batch_key == batch.batch_key, t.c.monitor == monitor)
        .order_by(t.c.revision.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _stored(row)


def newest_report_id(connection: Connection) -> int:
    """Return the id of the newest report of all, 0 when there is none: a key for caches."""
    return int(connection.execute(select(func.coalesce(func.max(tables.monitor_reports.c.report_id), 0))).scalar_one())


def _newest_revisions(model: Model) -> Select[tuple[object, ...]]:
    t, b = tables.monitor_reports, tables.batches
    other = t.alias("other")
    newer = select(other.c.report_id).where(
        other.c.batch_key == t.c.batch_key, other.c.monitor == t.c.monitor, other.c.revision > t.c.revision
    )
    return select(t, b.c.batch_id, b.c.first_at).join(b).where(b.c.model_id == model.model_id).where(~newer.exists())


def _stored(row: Row[tuple[object, ...]]) -> StoredReport:
    return StoredReport(
        row.report_id,
        row.batch_id,
        from_micros(row.first_at),
        row.monitor,
        row.revision,
        row.verdict,
        row.payload,
        from_micros(row.created_at),
    )
