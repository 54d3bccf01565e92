"""Monitor reports: one for each batch, monitor and revision; recomputing adds a revision, never a second truth."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

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


def due_batches(connection: Connection, model: Model, *, now: datetime | None = None) -> tuple[int, ...]:
    """Return the keys of the batches to judge, oldest first.

    Those whose rows or labels changed since they were last reported on, and those whose report asked to be looked at
    again by now. A batch that was judged against an earlier reference is not due: what was said of it then stays said.
    Nor is one that was purged: nothing true can be said of what is left of it.

    Parameters
    ----------
    connection
        From `Store.read`.
    model
        Whose batches.
    now
        The time it is; without it only changes count.
    """
    b, k, r = tables.batches, tables.blocks, tables.monitor_reports
    stored = select(func.coalesce(func.sum(k.c.n_rows), 0)).where(k.c.batch_key == b.c.batch_key).scalar_subquery()
    reports = select(r.c.batch_key, func.max(r.c.changes).label("changes"), func.min(r.c.look_again_at).label("again"))
    seen = reports.group_by(r.c.batch_key).subquery()
    due = func.coalesce(seen.c.changes, 0) < b.c.changes
    if now is not None:
        due = due | (seen.c.again <= to_micros(now))
    query = (
        select(b.c.batch_key)
        .outerjoin(seen, seen.c.batch_key == b.c.batch_key)
        .where(b.c.model_id == model.model_id, due, stored >= b.c.n_predictions)
        .order_by(b.c.first_at, b.c.batch_key)
    )
    return tuple(connection.execute(query).scalars())


def judged_meanwhile(connection: Connection, batch: BatchInfo, now: datetime) -> bool:
    """Return whether somebody has judged this state of a batch, or a newer one, and none of it is to be judged again.

    Parameters
    ----------
    connection
        Inside a write transaction that holds the model.
    batch
        As it was when its rows were read.
    """
    r = tables.monitor_reports
    query = select(func.max(r.c.changes).label("changes"), func.min(r.c.look_again_at).label("again"))
    seen = connection.execute(query.where(r.c.batch_key == batch.batch_key)).one()
    if seen.changes is None or seen.changes < batch.changes:
        return False
    return seen.changes > batch.changes or seen.again is None or seen.again > to_micros(now)


def save_report(
    connection: Connection,
    batch: BatchInfo,
    *,
    monitor: str,
    reference_id: int,
    verdict: str,
    payload: str,
    now: datetime,
    look_again_at: datetime | None = None,
) -> int:
    """Store what a monitor says of a batch now: the next revision, unless the newest one says exactly that.

    Parameters
    ----------
    connection
        Inside a write transaction that holds the model.
    batch
        As it was when its rows were read: the report speaks of this state of it.
    look_again_at
        Judge the batch again then, though nothing changed.

    Returns
    -------
    int
        The revision that says it, from 1.
    """
    t = tables.monitor_reports
    mine = (t.c.batch_key == batch.batch_key, t.c.monitor == monitor)
    newest = connection.execute(select(t).where(*mine).order_by(t.c.revision.desc()).limit(1)).one_or_none()
    seen = {
        "changes": batch.changes,
        "n_predictions": batch.n_predictions,
        "reference_id": reference_id,
        "look_again_at": None if look_again_at is None else to_micros(look_again_at),
    }
    if newest is not None and (newest.verdict, newest.payload) == (verdict, payload):
        connection.execute(update(t).where(t.c.report_id == newest.report_id).values(seen))
        return int(newest.revision)
    if newest is not None and newest.look_again_at is not None:
        connection.execute(update(t).where(t.c.report_id == newest.report_id).values(look_again_at=None))
    revision = 1 if newest is None else int(newest.revision) + 1
    said = {"verdict": verdict, "payload": payload, "created_at": to_micros(now)}
    values = {"batch_key": batch.batch_key, "monitor": monitor, "revision": revision, **seen, **said}
    connection.execute(insert(t), values)
    return revision


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest report of one monitor: its verdict, and what of the batch it has seen, against which reference."""

    verdict: str
    n_predictions: int
    reference_id: int


def seen_by(connection: Connection, batch: BatchInfo, monitor: str) -> Seen | None:
    """Return what the newest report of a monitor on a batch has seen; None without one."""
    t = tables.monitor_reports
    query = select(t.c.verdict, t.c.n_predictions, t.c.reference_id).where(
        t.c.batch_key == batch.batch_key, t.c.monitor == monitor
    )
    row = connection.execute(query.order_by(t.c.revision.desc()).limit(1)).one_or_none()
    return None if row is None else Seen(row.verdict, row.n_predictions, row.reference_id)


def newest_reports(
    connection: Connection, model: Model, monitor: str, *, newest: int | None = None, until: str | None = None
) -> tuple[StoredReport, ...]:
    """Return the newest revision of each batch's report, in order of time.

    Parameters
    ----------
    connection
        From `Store.read`.
    model, monitor
        Whose reports, of which monitor: `feature`, `quality`, `performance`, ...
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
    return tuple(stored_report(row) for row in reversed(connection.execute(query).all()))


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
    return None if row is None else stored_report(row)


def newest_report_at(connection: Connection) -> datetime | None:
    """Return when the newest report was made; None without any."""
    r = tables.monitor_reports.c
    at = connection.execute(select(r.created_at).order_by(r.report_id.desc()).limit(1)).scalar()
    return None if at is None else from_micros(at)


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


def stored_report(row: Row[Any]) -> StoredReport:
    """Return a row of reports, with id and beginning of its batch."""
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
