"""Ingest: rows of a request into the log, within the writer's transaction; what became of each row is told."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, select

from driftboard.api.heading import Heading
from driftboard.api.refusal import Refusal
from driftboard.api.row_columns import columns_of
from driftboard.api.rows import ReadRows, Rejected, RowBatch, read_rows
from driftboard.api.state import Parts
from driftboard.data import tables
from driftboard.data.catalog import Model, add_model, find_model
from driftboard.data.grouping import Group
from driftboard.data.predictions import LogResult, write_predictions
from driftboard.data.privacy import Privacy
from driftboard.data.savepoint import Savepoint
from driftboard.data.store import Store
from driftboard.errors import DriftboardError, StoreError

_MANY = 1_000
"""Rows that take so long to read that other requests are served meanwhile."""

_ASIDE = "set aside, not stored as a prediction: "
_OTHER = "the id is in the log with other content, which stays"


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What became of the rows of a request: each is counted once, or listed as rejected."""

    accepted: int
    duplicates: int
    rejected: tuple[Rejected, ...]


async def submit(
    parts: Parts, heading: Heading, rows: Any, *, now: datetime, idempotency_key: str | None = None
) -> IngestResult:
    """Return what became of rows, once they are durable.

    Raises
    ------
    Refusal
        The request as a whole cannot be served; nothing of it was stored.
    """
    api = parts.settings.api
    reading = partial(read_rows, heading, rows, api=api, now=now, idempotency_key=idempotency_key)
    many = isinstance(rows, list) and len(rows) > _MANY
    read = await asyncio.to_thread(reading) if many else reading()
    if not read.batches:
        return IngestResult(0, 0, read.rejected)
    job = partial(ingest, heading=heading, rows=read, max_models=api.max_models, privacy=parts.privacy, now=now)
    result: IngestResult = await parts.writer.write(job, order=str(heading.model))
    return result


def ingest(
    connection: Connection,
    store: Store,
    heading: Heading,
    rows: ReadRows,
    *,
    max_models: int,
    privacy: Privacy,
    now: datetime,
) -> IngestResult:
    """Store rows inside a transaction of the caller.

    Parameters
    ----------
    max_models
        Models there may be: beyond them an unknown one is refused.
    privacy
        What becomes of features and segments before they are stored.

    Raises
    ------
    Refusal
        422: there is no such model and no room for it, or it is of another task.
    """
    _register(connection, store, heading, max_models)
    accepted = duplicates = 0
    rejected = list(rows.rejected)
    for batch in rows.batches:
        for part, result in _written(connection, store, batch, privacy, now):
            if isinstance(result, Rejected):
                rejected.append(result)
                continue
            accepted += result.accepted
            duplicates += result.duplicates
            rejected += _told_of(part, result)
    return IngestResult(accepted, duplicates, tuple(sorted(rejected, key=lambda each: each.row)))


def _register(connection: Connection, store: Store, heading: Heading, max_models: int) -> Model:
    model = store.catalog.models.get(heading.model) or find_model(connection, heading.model)
    if model is None:
        count = connection.execute(select(func.count()).select_from(tables.models)).scalar_one()
        if count >= max_models:
            advice = "register it with `driftboard init`, or raise api.max_models"
            raise Refusal(422, "too_many_models", f"no model {heading.model}, and no room for another: {advice}")
        model = add_model(connection, heading.model, heading.task or "classification")
    if heading.task not in (None, model.task):
        raise Refusal(422, "other_task", f"model {heading.model} is registered for {model.task}, not {heading.task}")
    store.catalog.models[heading.model] = model
    return model


def _written(
    connection: Connection, store: Store, batch: RowBatch, privacy: Privacy, now: datetime
) -> Iterator[tuple[RowBatch, LogResult | Rejected]]:
    """Write a batch; when it cannot be written, find the rows that are to blame by halving."""
    savepoint = Savepoint(connection)
    try:
        result = write_predictions(connection, store, columns_of(batch), now=now, privacy=privacy)
    except (DriftboardError, ValueError, TypeError, ArithmeticError) as error:  # Arrow's errors are ValueErrors, too
        savepoint.roll_back()
        store.catalog.forget()  # it may have learnt what was just rolled back
        if isinstance(error, StoreError):
            raise
        if len(batch.numbers) <= 1:
            yield batch, _rejected(batch, error)
            return
        for half in _halves(batch):
            yield from _written(connection, store, half, privacy, now)
        return
    savepoint.release()
    yield batch, result


def _rejected(batch: RowBatch, error: Exception) -> Rejected:
    if not batch.numbers:
        raise Refusal(422, "bad_request", str(error))
    reason = str(error) if isinstance(error, DriftboardError) else f"it cannot be stored ({type(error).__name__})"
    return Rejected(batch.numbers[0], batch.group.entries[0].prediction_id, "bad_row", reason)


def _halves(batch: RowBatch) -> Iterator[RowBatch]:
    middle = len(batch.numbers) // 2
    for piece in (slice(middle), slice(middle, None)):
        group = Group(batch.group.origin, batch.group.batch_id, batch.group.entries[piece])
        yield RowBatch(group, batch.numbers[piece], batch.labels[piece])


def _told_of(batch: RowBatch, result: LogResult) -> Iterator[Rejected]:
    """Yield the rows that were set aside, and those whose id is taken."""
    ids = [entry.prediction_id for entry in batch.group.entries]
    quarantined = result.quarantined or {}
    for place, reason in quarantined.items():
        yield Rejected(batch.numbers[place], ids[place], "quarantined", _ASIDE + reason)
    if result.conflicts:
        places: dict[str, list[int]] = {}
        for place, each in enumerate(ids):
            if place not in quarantined:
                places.setdefault(each, []).append(place)
        for each in result.conflicts:  # of several rows with one id the last ones are told
            yield Rejected(batch.numbers[places[each].pop()], each, "conflict", _OTHER)
