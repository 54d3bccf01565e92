"""Retention: raw rows older than an age go; reports, alerts, references, counts and profile of each batch stay.

A batch goes as a whole, once its last prediction is older than the limit, in a transaction of its own: writers get in
between. A purged batch is one that counts more predictions than it has rows; its `changes` stay, so it is not due.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select

from driftboard.data import block, tables
from driftboard.data.backend import hold_model
from driftboard.data.catalog import Model
from driftboard.data.disk import zero_what_is_deleted
from driftboard.data.model_key import ModelKey
from driftboard.data.reading import read_block
from driftboard.data.review_forgetting import forget_gone_reviews, step_back
from driftboard.data.store import Store
from driftboard.data.times import to_micros
from driftboard.errors import StoreError

_CHUNK = 500  # values in one IN (...): well below the limit of every SQLite


@dataclass(frozen=True, slots=True)
class Purged:
    """What went, or would go."""

    batches: int = 0
    predictions: int = 0
    quarantined: int = 0
    orphans: int = 0

    def __add__(self, other: "Purged") -> "Purged":
        return Purged(
            self.batches + other.batches,
            self.predictions + other.predictions,
            self.quarantined + other.quarantined,
            self.orphans + other.orphans,
        )


def age_limit(key: ModelKey, models: Mapping[str, str], default: str | None) -> str | None:
    """Return how long a model's rows are kept: by its whole name, else by less of it, else the default.

    >>> age_limit(ModelKey("churn", "2"), {"churn": "90d", "churn:1": "7d"}, None)
    '90d'
    """
    names = (str(key), f"{key.name}:{key.version}", f"{key.name}@{key.environment}", key.name)
    return next((models[name] for name in names if name in models), default)


def purge(store: Store, model: Model, *, older_than: timedelta, now: datetime, dry_run: bool = False) -> Purged:
    """Delete the raw rows of a model's old batches, old quarantined rows, and labels that waited too long.

    Parameters
    ----------
    older_than
        Counted from a batch's last `predicted_at`, and from when a quarantined row or waiting label was received.
    dry_run
        Count only.

    Raises
    ------
    StoreError
        The database failed; the batches purged before stay purged, and a second run takes up the rest.
    """
    before = to_micros(now - older_than)
    with store.read() as connection:
        old = old_batches(connection, model, before)
        loose = _loose_rows(connection, model, before)
    if not dry_run:
        for batch_key, _ in old:
            with store.write() as connection:
                zero_what_is_deleted(connection)
                hold_model(connection, model.model_id)
                _delete_batch(connection, model, batch_key)
        _delete_loose_rows(store, model, before)
    return Purged(len(old), sum(n for _, n in old)) + loose


def old_batches(connection: Connection, model: Model, before: int) -> list[tuple[int, int]]:
    """Return (batch key, rows) of the batches that have rows and whose last prediction is older, oldest first."""
    b, k = tables.batches, tables.blocks
    query = (
        select(b.c.batch_key, func.sum(k.c.n_rows))
        .join(k)
        .where(b.c.model_id == model.model_id, b.c.last_at < before)
        .group_by(b.c.batch_key, b.c.first_at)
        .order_by(b.c.first_at, b.c.batch_key)
    )
    return [(int(key), int(rows)) for key, rows in connection.execute(query)]


def chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the values in pieces that fit into one statement."""
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def forget_places(connection: Connection, model: Model, block_id: int) -> None:
    """Delete the places of a block's predictions."""
    p = tables.predictions
    try:
        ids = block.id_list(read_block(connection, block_id)["prediction_id"])
    except StoreError:  # a damaged block names no ids: look through all places instead
        connection.execute(delete(p).where(p.c.model_id == model.model_id, p.c.block_id == block_id))
        return
    for some in chunks(ids):
        mine = (p.c.model_id == model.model_id, p.c.prediction_id.in_(some), p.c.block_id == block_id)
        connection.execute(delete(p).where(*mine))


def _delete_batch(connection: Connection, model: Model, batch_key: int) -> None:
    k, e = tables.blocks, tables.labels
    for block_id in connection.execute(select(k.c.block_id).where(k.c.batch_key == batch_key)).scalars().all():
        forget_places(connection, model, block_id)
        connection.execute(delete(e).where(e.c.block_id == block_id))
        connection.execute(delete(k).where(k.c.block_id == block_id))
    step_back(connection)


def _loose_rows(connection: Connection, model: Model, before: int) -> Purged:
    quarantined, orphans = (
        connection.execute(
            select(func.count()).where(table.c.model_id == model.model_id, table.c.received_at < before)
        ).scalar_one()
        for table in (tables.quarantine, tables.orphan_labels)
    )
    return Purged(quarantined=quarantined, orphans=orphans)


def _delete_loose_rows(store: Store, model: Model, before: int) -> None:
    with store.write() as connection:
        zero_what_is_deleted(connection)
        for table in (tables.quarantine, tables.orphan_labels):
            connection.execute(delete(table).where(table.c.model_id == model.model_id, table.c.received_at < before))
        forget_gone_reviews(connection, model.model_id)
