"""Erasure: everything of single predictions goes from the log, for whoever asks to be forgotten.

The row leaves its block, which is written anew; the rows behind it move up, and their places and labels with them. So a
batch's counts stay true, and a monitor that looks again sees exactly the rows that are left. The batch's profile goes:
it counted the rows that are gone, and is counted again from those that are left. Reports stay: they hold counts and
statistics of many rows. References stay too: `Erased.in_reference` says where one holds such an id.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from driftboard.data import block, tables
from driftboard.data.backend import hold_model
from driftboard.data.catalog import Model
from driftboard.data.disk import leave_no_traces, zero_what_is_deleted
from driftboard.data.places import places_of
from driftboard.data.profiles import forget_profile
from driftboard.data.reading import read_block
from driftboard.data.retention import chunks, forget_places
from driftboard.data.review_forgetting import forget_reviews, step_back
from driftboard.data.store import Store


@dataclass(frozen=True, slots=True)
class Erased:
    """What went.

    Attributes
    ----------
    predictions, labels, quarantined
        Rows deleted; a label may be one that waited for its prediction.
    unknown
        Ids the log held nothing of: erased before, purged, or never there.
    in_reference
        Ids that a reference still holds, which is frozen: promote one without them.
    """

    predictions: int
    labels: int
    quarantined: int
    unknown: tuple[str, ...]
    in_reference: tuple[str, ...]


def erase(store: Store, model: Model, prediction_ids: Iterable[str], *, vacuum: bool = True) -> Erased:
    """Delete predictions by id, with all that belongs to them, from the file and its write-ahead log.

    One transaction; then the file is rewritten, so that no unused part of a page keeps a byte. A second time is a
    no-op, but for that rewrite.

    Raises
    ------
    StoreError
        The database failed and nothing went; or the rows went and the file could not be rewritten, as the text says.
    """
    ids = list(dict.fromkeys(map(str, prediction_ids)))
    with store.write() as connection:
        zero_what_is_deleted(connection)
        hold_model(connection, model.model_id)
        places = places_of(connection, model.model_id, ids)
        n_labels = 0
        for block_id in sorted({place[0] for place in places.values()}):
            gone = np.array([row for where, row in places.values() if where == block_id])
            n_labels += _without(connection, model, block_id, gone)
        orphans = _orphaned(connection, model, ids)
        quarantined = _quarantined(connection, model, set(ids))
        found = places.keys() | orphans | quarantined
        _leave_queues(connection, model, ids)
        frozen = _in_reference(connection, model, set(ids))
    leave_no_traces(store, vacuum=vacuum)
    unknown = tuple(each for each in ids if each not in found)
    return Erased(len(places), n_labels + len(orphans), len(quarantined), unknown, tuple(sorted(frozen)))


def _without(connection: Connection, model: Model, block_id: int, gone: NDArray[np.int64]) -> int:
    """Write the block anew without the rows `gone`; return how many of them had a label."""
    k = tables.blocks
    columns = read_block(connection, block_id)
    kept = np.setdiff1d(np.arange(len(columns)), gone)
    forget_places(connection, model, block_id)
    labelled = _move_labels(connection, block_id, gone, kept)
    batch_key = connection.execute(select(k.c.batch_key).where(k.c.block_id == block_id)).scalar_one()
    if len(kept):
        rest = columns.take(pa.array(kept))
        encoded = block.encode(rest)
        changed = {"n_rows": len(kept), "checksum": encoded.checksum, "payload": encoded.payload}
        connection.execute(update(k).where(k.c.block_id == block_id).values(changed))
        _take_places(connection, model, block_id, block.id_list(rest["prediction_id"]))
    else:
        connection.execute(delete(k).where(k.c.block_id == block_id))
    _count_out(connection, batch_key, len(gone), labelled)
    forget_profile(connection, batch_key)
    return labelled


def _take_places(connection: Connection, model: Model, block_id: int, ids: Sequence[str]) -> None:
    places = [
        {"model_id": model.model_id, "prediction_id": each, "block_id": block_id, "block_row": row}
        for row, each in enumerate(ids)
    ]
    connection.execute(insert(tables.predictions), places)


def _move_labels(connection: Connection, block_id: int, gone: NDArray[np.int64], kept: NDArray[np.int64]) -> int:
    """Delete the labels of the rows that go, move the others with their rows; return how many rows lost one."""
    e = tables.labels
    mine = e.c.block_id == block_id
    rows = connection.execute(select(e.c.block_row).where(mine).distinct()).scalars().all()
    labelled = np.array(rows, dtype=np.int64)
    lost = np.intersect1d(labelled, gone)
    for row in lost.tolist():
        connection.execute(delete(e).where(mine, e.c.block_row == row))
    there = set(labelled.tolist())  # moved in the order of rows, so that a row's new place is free before it moves
    moved = [{"old": old, "new": new} for new, old in enumerate(kept.tolist()) if old != new and old in there]
    if moved:
        move = update(e).where(mine, e.c.block_row == bindparam("old")).values(block_row=bindparam("new"))
        connection.execute(move, moved)
    return len(lost)


def _count_out(connection: Connection, batch_key: int, rows: int, labelled: int) -> None:
    b = tables.batches
    fewer = {"n_predictions": b.c.n_predictions - rows, "n_labels": b.c.n_labels - labelled}
    connection.execute(update(b).where(b.c.batch_key == batch_key).values(fewer))


def _orphaned(connection: Connection, model: Model, ids: Sequence[str]) -> set[str]:
    o = tables.orphan_labels
    found: set[str] = set()
    for some in chunks(ids):
        mine = (o.c.model_id == model.model_id, o.c.prediction_id.in_(some))
        found.update(connection.execute(select(o.c.prediction_id).where(*mine)).scalars())
        connection.execute(delete(o).where(*mine))
    return found


def _quarantined(connection: Connection, model: Model, ids: set[str]) -> set[str]:
    q = tables.quarantine
    rows = connection.execute(select(q.c.quarantine_id, q.c.payload).where(q.c.model_id == model.model_id)).all()
    names = {row.quarantine_id: orjson.loads(row.payload).get("prediction_id") for row in rows}
    mine = {key: name for key, name in names.items() if name in ids}
    for key in mine:
        connection.execute(delete(q).where(q.c.quarantine_id == key))
    return set(mine.values())


def _leave_queues(connection: Connection, model: Model, ids: Sequence[str]) -> None:
    """Take them out of the review queue, and out of the events of which one half waits for the other."""
    for some in chunks(ids):
        forget_reviews(connection, model.model_id, some)
    step_back(connection)
    h = tables.half_events.c
    requests = set(ids) | {each.rpartition("-")[0] for each in ids}  # of a request of several rows they are ID-0, ID-1
    waiting = connection.execute(select(h.event_id).distinct()).scalars().all()
    mine = [each for each in waiting if each.startswith(f"{model.key}\n") and each.rpartition("\n")[2] in requests]
    for some in chunks(mine):
        connection.execute(delete(tables.half_events).where(h.event_id.in_(some)))


def _in_reference(connection: Connection, model: Model, ids: set[str]) -> set[str]:
    r, s = tables.references, tables.feature_schemas
    query = (
        select(r.c.reference_id, r.c.payload, r.c.checksum, s.c.payload.label("layout"))
        .join(s)
        .where(r.c.model_id == model.model_id)
    )
    found: set[str] = set()
    for row in connection.execute(query):
        columns = block.decode(row.payload, row.checksum, row.layout, name=f"reference {row.reference_id}")
        found |= ids & set(block.id_list(columns["prediction_id"]))
    return found
