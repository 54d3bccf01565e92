"""The newest report of each monitor, found by keys: no payload is read but of those, however long the log is."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Select, select

from driftboard.data import tables
from driftboard.data.catalog import Model

OVERLAP = 200
"""Ids before the newest known one that are looked at again: on a server a lower id may be committed later."""

_PAGE = 50
_r = tables.monitor_reports.c
_b = tables.batches.c


@dataclass(frozen=True, slots=True)
class ReportAt:
    """Which report it is: its id, its model, its monitor."""

    report_id: int
    model_id: int
    monitor: str


def reports_after(connection: Connection, report_id: int) -> tuple[ReportAt, ...]:
    """Return which reports have a higher id, in order of it."""
    query = (
        select(_r.report_id, _b.model_id, _r.monitor)
        .select_from(tables.monitor_reports.join(tables.batches))
        .where(_r.report_id > report_id)
        .order_by(_r.report_id)
    )
    return tuple(ReportAt(row.report_id, row.model_id, row.monitor) for row in connection.execute(query))


def newest_report_ids(connection: Connection, model: Model, monitor: str, *, batches: int) -> Iterator[int]:
    """Yield the newest revision's id of each of the newest batches, the newest batch first.

    Parameters
    ----------
    batches
        Only so many of the newest are looked at; those without a report of this monitor are among them.
    """
    for offset in range(0, batches, _PAGE):
        keys: list[int] = list(connection.execute(_newest_batches(model, offset)).scalars())
        found = _newest_revisions(connection, keys, monitor)
        yield from (found[key] for key in keys if key in found)
        if len(keys) < _PAGE:
            return


def report_payload(connection: Connection, report_id: int) -> str:
    """Return a report as JSON."""
    return str(connection.execute(select(_r.payload).where(_r.report_id == report_id)).scalar_one())


def _newest_batches(model: Model, offset: int) -> Select[int]:
    order = (_b.first_at.desc(), _b.batch_key.desc())
    return select(_b.batch_key).where(_b.model_id == model.model_id).order_by(*order).offset(offset).limit(_PAGE)


def _newest_revisions(connection: Connection, keys: list[int], monitor: str) -> dict[int, int]:
    query = select(_r.batch_key, _r.report_id).where(_r.batch_key.in_(keys), _r.monitor == monitor)
    return {row.batch_key: row.report_id for row in connection.execute(query.order_by(_r.revision))}
