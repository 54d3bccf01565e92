"""Profiles: the counts of each judged batch that look-back windows are added up from, one a batch, and never two.

A profile can be counted again from the batch's rows at any time, so it is a cache with a guarantee: it is used only if
it is of the same state of the batch, the same reference and the same layout, and its bytes are those that were written.
It stays when the rows are purged, since windows go on; it goes when a row of the batch is erased.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from driftboard.data import tables
from driftboard.data.catalog import Model
from driftboard.data.reading import BatchInfo, get_batch, preceding_batches

WINDOW = 15
"""The longest look-back window is of sixteen batches: the one that is judged, and so many before it."""

_SEASON = 7 * 24  # batches of one kind are at most so many apart: hours, and one of them a week


@dataclass(frozen=True, slots=True)
class EarlierProfile:
    """What is kept of a batch before the one that is judged; `payload` is None where it must be counted again."""

    batch: BatchInfo
    payload: bytes | None


def save_profile(connection: Connection, batch: BatchInfo, *, reference_id: int, layout: str, payload: bytes) -> bool:
    """Keep the profile of a batch in place of an earlier one; return whether it was kept.

    It is not when the batch has changed since it was read: rows came or were erased, and counts of another state must
    not stay behind.

    Parameters
    ----------
    connection
        Inside a write transaction that holds the model.
    batch
        As it was when its rows were read.
    reference_id, layout
        What it was counted with, and what was counted.
    """
    now = get_batch(connection, batch.batch_key)
    if (now.changes, now.n_predictions) != (batch.changes, batch.n_predictions):
        return False
    forget_profile(connection, batch.batch_key)
    values = {
        "batch_key": batch.batch_key,
        "reference_id": reference_id,
        "changes": batch.changes,
        "layout": layout,
        "checksum": zlib.crc32(payload),
        "payload": payload,
    }
    connection.execute(insert(tables.profiles), values)
    return True


def earlier_profiles(
    connection: Connection,
    model: Model,
    batch: BatchInfo,
    reference_id: int,
    *,
    layout: str,
    newest: int = WINDOW,
    alike: Callable[[BatchInfo], bool] | None = None,
) -> tuple[EarlierProfile, ...]:
    """Return the batches that precede this one in time, oldest first, each with its profile where there is one.

    Parameters
    ----------
    connection
        From `Store.read`.
    model, batch
        Which batch; others come before it by the time they began, then by the order they were logged in.
    reference_id, layout
        Profiles of another reference or layout cannot be added: they count as missing.
    newest
        So many at most.
    alike
        Leave out the batches for which it is False: of another season.
    """
    reach = newest if alike is None else newest * _SEASON
    before = preceding_batches(connection, model, batch, newest=reach)
    chosen = [each for each in before if alike is None or alike(each)][-newest:]
    payloads = _payloads(connection, chosen, reference_id, layout)
    return tuple(EarlierProfile(each, payloads.get(each.batch_key)) for each in chosen)


def has_profile(connection: Connection, batch: BatchInfo, reference_id: int) -> bool:
    """Return whether a profile of the batch is kept, of whatever state: no row of it was erased since it was judged."""
    p = tables.profiles
    query = select(p.c.batch_key).where(p.c.batch_key == batch.batch_key, p.c.reference_id == reference_id)
    return connection.execute(query).first() is not None


def forget_profile(connection: Connection, batch_key: int) -> None:
    """Delete what is kept of a batch."""
    connection.execute(delete(tables.profiles).where(tables.profiles.c.batch_key == batch_key))


def _payloads(connection: Connection, batches: Sequence[BatchInfo], reference_id: int, layout: str) -> dict[int, bytes]:
    p = tables.profiles
    changes = {each.batch_key: each.changes for each in batches}
    rows = connection.execute(
        select(p).where(p.c.batch_key.in_(changes), p.c.reference_id == reference_id, p.c.layout == layout)
    )
    return {
        row.batch_key: row.payload
        for row in rows
        if row.changes == changes[row.batch_key] and zlib.crc32(row.payload) == row.checksum
    }
