"""Every report as it came: which of them were stored together, in the order they were stored; revisions included."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from driftboard.data import tables
from driftboard.data.catalog import Model
from driftboard.data.model_key import ModelKey
from driftboard.data.reading import BatchInfo
from driftboard.data.times import from_micros, to_micros

_AT_ONCE = 200
"""Reports whose payloads are in memory at a time."""

_r, _b, _m = tables.monitor_reports.c, tables.batches.c, tables.models.c


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was newly said of one batch at one time.

    Attributes
    ----------
    model, batch
        The batch has as many predictions as were seen then; its first prediction, labels and changes are of today.
    at
        When it was said.
    payloads
        (monitor, report as JSON) of each report that said something new; what stayed as it was is not in it.
    """

    model: Model
    batch: BatchInfo
    at: datetime
    payloads: tuple[tuple[str, str], ...]


def judgements(
    connection: Connection, *, model_ids: Sequence[int] | None = None, until: datetime | None = None
) -> Iterator[Judgement]:
    """Yield what was ever said of batches, in the order in which it was said; payloads are read as they are needed.

    Parameters
    ----------
    connection
        From `Store.read`; it must stay open while this is read.
    model_ids
        Only of these models.
    until
        Only what was said before.
    """
    waiting: list[list[int]] = []
    for ids in _transactions(connection, model_ids, until):
        waiting.append(ids)
        if sum(map(len, waiting)) >= _AT_ONCE:
            yield from _read(connection, waiting)
            waiting.clear()
    yield from _read(connection, waiting)


def _transactions(
    connection: Connection, model_ids: Sequence[int] | None, until: datetime | None
) -> Iterator[list[int]]:
    """Yield the ids of the reports that were stored together; two workers may have stored at the same time."""
    query = select(_r.report_id, _r.batch_key, _r.created_at).order_by(_r.created_at, _r.report_id)
    if model_ids is not None:
        query = query.join(tables.batches).where(_b.model_id.in_(model_ids))
    if until is not None:
        query = query.where(_r.created_at < to_micros(until))
    for _, rows in groupby(connection.execute(query).all(), key=lambda row: row.created_at):
        together: dict[int, list[int]] = {}
        for row in rows:
            together.setdefault(row.batch_key, []).append(row.report_id)
        yield from together.values()


def _read(connection: Connection, transactions: Sequence[Sequence[int]]) -> Iterator[Judgement]:
    wanted = [report_id for ids in transactions for report_id in ids]
    found = {row.report_id: row for row in connection.execute(_reports().where(_r.report_id.in_(wanted)))}
    for ids in transactions:
        if rows := [found[report_id] for report_id in ids if report_id in found]:
            yield _judgement(rows)


def _reports() -> Select[tuple[Any, ...]]:
    joined = tables.monitor_reports.join(tables.batches).join(tables.models, _b.model_id == _m.model_id)
    seen = (_r.report_id, _r.monitor, _r.payload, _r.created_at, _r.n_predictions.label("seen"))
    return select(*seen, tables.batches, _m.name, _m.version, _m.environment, _m.task).select_from(joined)


def _judgement(rows: Sequence[Row[tuple[Any, ...]]]) -> Judgement:
    row = rows[0]
    return Judgement(
        model=Model(row.model_id, ModelKey(row.name, row.version, row.environment), row.task),
        batch=BatchInfo(
            batch_key=row.batch_key,
            batch_id=row.batch_id,
            first_at=from_micros(row.first_at),
            last_at=from_micros(row.last_at),
            n_predictions=row.seen,
            n_labels=row.n_labels,
            changes=row.changes,
        ),
        at=from_micros(row.created_at),
        payloads=tuple((each.monitor, each.payload) for each in rows),
    )
