"""Reports by the page, the newest first: for readers that come again for what is older."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from driftboard.data import tables
from driftboard.data.batch import batch_name
from driftboard.data.model_key import ModelKey
from driftboard.data.reports import StoredReport, stored_report
from driftboard.data.times import to_micros

MOST_BYTES = 8 * 2**20
"""A page ends before its reports are longer than this together; it has one at least."""

_r, _b, _m = tables.monitor_reports.c, tables.batches.c, tables.models.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which reports; what is None or empty does not matter."""

    model_id: int | None = None
    batch_id: str | None = None
    monitor: str | None = None
    since: datetime | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Reports with their models, the newest first; `more` when there are older ones."""

    reports: tuple[tuple[ModelKey, StoredReport], ...]
    more: bool


def read_page(connection: Connection, wanted: Wanted, *, limit: int) -> Page:
    """Return the newest reports that fit, revisions included.

    Parameters
    ----------
    connection
        From `Store.read`.
    wanted
        `since` is when a report was stored; `before` is the id of the oldest one of the page before.
    limit
        So many reports at most.
    """
    sizes = _fitting(select(_r.report_id, func.length(_r.payload).label("size")), wanted)
    found = connection.execute(sizes.order_by(_r.report_id.desc()).limit(limit + 1)).all()
    ids: list[int] = []
    size = 0
    for row in found[:limit]:
        size += row.size
        if ids and size > MOST_BYTES:
            break
        ids.append(row.report_id)
    return Page(_read(connection, ids), len(found) > len(ids))


def _fitting(query: Select[Any], wanted: Wanted) -> Select[Any]:
    query = query.select_from(tables.monitor_reports.join(tables.batches))
    if wanted.model_id is not None:
        query = query.where(_b.model_id == wanted.model_id)
    if wanted.batch_id is not None:
        query = query.where(_b.batch_id == batch_name(wanted.batch_id))
    if wanted.monitor is not None:
        query = query.where(_r.monitor == wanted.monitor)
    if wanted.since is not None:
        query = query.where(_r.created_at >= to_micros(wanted.since))
    if wanted.before is not None:
        query = query.where(_r.report_id < wanted.before)
    return query


def _read(connection: Connection, ids: list[int]) -> tuple[tuple[ModelKey, StoredReport], ...]:
    joined = tables.monitor_reports.join(tables.batches).join(tables.models, _b.model_id == _m.model_id)
    columns = (_b.batch_id, _b.first_at, _m.name, _m.version, _m.environment)
    query = select(tables.monitor_reports, *columns).select_from(joined).where(_r.report_id.in_(ids))
    return tuple(
        (
            ModelKey(row.name, row.version, row.environment),
            stored_report(row),
        )
        for row in connection.execute(query.order_by(_r.report_id.desc()))
    )
