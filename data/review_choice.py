"""Choosing: what came into the log since the last time is looked through, and the chosen are queued.

The first time for a model, and when choosing begins again after it was switched off, it begins with the newest blocks
and not with the whole history. What failed, and so has no prediction, is never chosen: there is nothing to label.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import orjson
import pyarrow as pa
from sqlalchemy import Connection

from driftboard.data.backend import Statement, hold_model
from driftboard.data.block import id_list
from driftboard.data.catalog import Model
from driftboard.data.counting import confidences
from driftboard.data.reading import read_block
from driftboard.data.review import is_chosen, settle
from driftboard.data.rows import as_floats
from driftboard.data.store import Store
from driftboard.data.times import to_micros

if TYPE_CHECKING:  # a service that only logs does not have what settings are made of
    from driftboard.review_settings import ReviewSettings

_BLOCKS_AT_ONCE = 200
_ROWS_AT_ONCE = 200_000
_FOREIGN_BLOCKS = 1_000  # of other models: so many are skipped each time before it is worth a write

Chosen = tuple[str, float, int, float]
"""Prediction id, probability, predicted_at in microseconds, class code or value."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What was found between two blocks: the chosen, and the last block that was looked through."""

    after: int | None
    last: int | None
    chosen: list[Chosen]


def queue_new(store: Store, model: Model, settings: "ReviewSettings", *, now: datetime) -> int:
    """Queue the chosen of what was logged since the last time; return how many.

    It looks through 200 blocks or 200,000 rows a call, and reads them before it takes the lock to write. While
    `max_waiting` or more wait it stays where it is, and goes on later: nothing is passed over, which would leave a
    time out of the sample.

    Parameters
    ----------
    settings
        Each prediction is chosen with `fraction` of its model, or with `unsure_fraction` if that is larger and its
        confidence is below `unsure_below`.
    """
    fraction = settings.of(model.key.name, str(model.key))
    if max(fraction, settings.unsure_fraction) <= 0:
        _stop(store, model)
        return 0
    settle(store, model, now=now)
    with store.read() as connection:
        look = _look(connection, model, fraction, settings)
    return 0 if look is None else _keep(store, model, look, now)


def _look(connection: Connection, model: Model, fraction: float, settings: "ReviewSettings") -> _Look | None:
    """Look through what is new; None when there is nothing to be done, or no room."""
    mine = {"model_id": model.model_id}
    newest = connection.execute(_NEWEST.on(connection)).scalar_one()
    after = _progress(connection, model)
    room = settings.max_waiting - connection.execute(_WAITING.on(connection), mine).scalar_one()
    if room <= 0:
        return None
    blocks = _blocks_after(connection, model, None if after is not None and after > newest else after)
    if not blocks and after is not None and abs(newest - after) < _FOREIGN_BLOCKS:
        return None
    last, chosen = None, list[Chosen]()
    for last in blocks:
        chosen += _chosen(read_block(connection, last), model, fraction, settings)
        if len(chosen) >= room:
            break
    return _Look(after, last, chosen)


def _blocks_after(connection: Connection, model: Model, after: int | None) -> list[int]:
    """The next blocks to look through, in their order; the newest of all when there was no last time."""
    statement = _NEWEST_BLOCKS if after is None else _NEXT_BLOCKS
    parameters = {"model_id": model.model_id, "after": after, "limit": _BLOCKS_AT_ONCE}
    rows = connection.execute(statement.on(connection), {k: v for k, v in parameters.items() if v is not None}).all()
    rows = sorted(rows, reverse=after is None)
    enough = int(np.searchsorted(np.cumsum([row.n_rows for row in rows]), _ROWS_AT_ONCE)) + 1
    return sorted(row.block_id for row in rows[:enough])


def _chosen(columns: pa.RecordBatch, model: Model, fraction: float, settings: "ReviewSettings") -> Iterator[Chosen]:
    unsure = confidences(columns) < settings.unsure_below
    probability = np.where(unsure, max(fraction, settings.unsure_fraction), fraction)
    predicted = as_floats(columns["predicted"])
    rows = zip(
        id_list(columns["prediction_id"]),
        probability.tolist(),
        columns["predicted_at"].to_pylist(),
        predicted.tolist(),
        strict=True,
    )
    for row in rows:
        if row[3] == row[3] and is_chosen(model.key, row[0], row[1]):  # not NaN: it did not fail
            yield row


def _keep(store: Store, model: Model, look: _Look, now: datetime) -> int:
    """Queue the chosen, and remember up to where was looked, in one transaction; 0 when another was faster."""
    mine = {"model_id": model.model_id}
    with store.write() as connection:
        hold_model(connection, model.model_id)
        if _progress(connection, model) != look.after:
            return 0
        given = {"given": orjson.dumps(look.chosen).decode(), "at": to_micros(now)}
        queued = connection.execute(_QUEUE.on(connection), mine | given).rowcount if look.chosen else 0
        reached = connection.execute(_NEWEST.on(connection)).scalar_one()  # nobody else writes to this model now
        since = look.after if look.last is None else look.last
        left = connection.execute(_NEXT_BLOCKS.on(connection), mine | {"after": since or 0, "limit": 1}).first()
        if left is not None:
            reached = since or 0
        connection.execute(_REACHED.on(connection), mine | {"block_id": reached})
        return queued


def _stop(store: Store, model: Model) -> None:
    """Forget up to where was looked: begun again, choosing begins with what is newest then."""
    with store.read() as connection:
        begun = _progress(connection, model) is not None
    if begun:
        with store.write() as connection:
            connection.execute(_FORGET.on(connection), {"model_id": model.model_id})


def _progress(connection: Connection, model: Model) -> int | None:
    found = connection.execute(_PROGRESS.on(connection), {"model_id": model.model_id}).scalar()
    return None if found is None else int(found)


_NEWEST = Statement("SELECT coalesce(max(block_id), 0) FROM blocks")
_WAITING = Statement("SELECT count(*) FROM review_queue WHERE model_id = :model_id AND state = 'waiting'")
_PROGRESS = Statement("SELECT block_id FROM review_progress WHERE model_id = :model_id")
_FORGET = Statement("DELETE FROM review_progress WHERE model_id = :model_id")
_REACHED = Statement(
    "INSERT INTO review_progress (model_id, block_id) VALUES (:model_id, :block_id) "
    "ON CONFLICT (model_id) DO UPDATE SET block_id = excluded.block_id"
)
_OF_MODEL = "FROM blocks k CROSS JOIN batches b WHERE b.batch_key = k.batch_key AND b.model_id = :model_id"
_NEXT_BLOCKS = Statement(
    f"SELECT k.block_id, k.n_rows {_OF_MODEL} AND k.block_id > :after ORDER BY k.block_id LIMIT :limit"
)
_NEWEST_BLOCKS = Statement(f"SELECT k.block_id, k.n_rows {_OF_MODEL} ORDER BY k.block_id DESC LIMIT :limit")
_QUEUE = Statement(  # what was erased meanwhile has no place, and is not queued
    "INSERT INTO review_queue "
    "(model_id, prediction_id, probability, predicted_at, predicted, queued_at, state, decided_by) "
    "SELECT :model_id, p.prediction_id, CAST(j.value ->> 1 AS double precision), CAST(j.value ->> 2 AS bigint), "
    "CAST(j.value ->> 3 AS double precision), :at, 'waiting', '' FROM {rows} j CROSS JOIN predictions p "
    "WHERE p.model_id = :model_id AND p.prediction_id = j.value ->> 0 ON CONFLICT DO NOTHING"
)
