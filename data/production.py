"""A reference made of production: what the model did in a time that somebody vouches for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from driftboard.data.backend import hold_model
from driftboard.data.catalog import Model
from driftboard.data.columns import LoggedRows, joined
from driftboard.data.reading import BatchInfo, list_batches, read_batch
from driftboard.data.references import freeze
from driftboard.data.store import Store
from driftboard.errors import BadBatch, PurgedBatch

MAX_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Promoted:
    """The reference that was made: its rows and how many of them have a label, and the batches they are from."""

    n_rows: int
    n_labels: int
    batches: tuple[BatchInfo, ...]


def promote_production(
    store: Store, model: Model, *, since: datetime, until: datetime, now: datetime, max_rows: int = MAX_ROWS
) -> Promoted:
    """Freeze the predictions of a time as the model's reference from now on; earlier references are kept.

    Parameters
    ----------
    since, until
        Batches that begin in [since, until). Those whose rows were purged are left out, and so are the oldest where
        there are more than `max_rows` rows.

    Raises
    ------
    BadBatch
        There is nothing in that time to make a reference of.
    """
    with store.write() as connection:
        hold_model(connection, model.model_id)
        wanted = [each for each in list_batches(connection, model, since=since) if each.first_at < until]
        used = _newest(connection, model, wanted, max_rows)
        if not used:
            raise BadBatch(f"{model.key} has no rows between {since:%Y-%m-%d %H:%M} and {until:%Y-%m-%d %H:%M} UTC")
        pieces = [piece for _, rows in used for piece in rows.table.to_batches()]
        labels = np.concatenate([rows.labels for _, rows in used])
        freeze(connection, store, model, joined(pieces).combine_chunks().to_batches()[0], labels, now)
    return Promoted(len(labels), int(np.isfinite(labels).sum()), tuple(batch for batch, _ in used))


def _newest(
    connection: Connection, model: Model, batches: Sequence[BatchInfo], max_rows: int
) -> list[tuple[BatchInfo, LoggedRows]]:
    """Return the newest batches that have rows, as many as fit, in order of time."""
    used: list[tuple[BatchInfo, LoggedRows]] = []
    left = max_rows
    for batch in reversed(batches):
        try:
            rows = read_batch(connection, model, batch)
        except PurgedBatch:
            continue
        left -= len(rows)
        if left < 0:
            break
        if len(rows):
            used.append((batch, rows))
    return used[::-1]
