"""Models that used to send predictions and send none now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from sqlalchemy import Connection, func, select

from driftboard.data import tables
from driftboard.data.catalog import Model, list_models
from driftboard.data.reading import list_batches
from driftboard.data.times import from_micros

MISSED = 3
"""So many windows must have been missed."""

LEAST_BATCHES = 8
"""Fewer batches tell no rhythm."""

_NEWEST = 50
_LEAST_GAP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a model's batches come.

    Attributes
    ----------
    gap
        Median time between the starts of two batches; None while there are too few to tell.
    newest_at
        When rows last arrived.
    """

    model: Model
    gap: timedelta | None
    newest_at: datetime | None

    def is_silent(self, now: datetime) -> bool:
        """Whether three windows and the one that was under way have passed without a row."""
        if self.gap is None or self.newest_at is None:
            return False
        return now - self.newest_at > (MISSED + 1) * max(self.gap, _LEAST_GAP)


def rhythms(connection: Connection) -> tuple[Rhythm, ...]:
    """Return the rhythm of every model."""
    return tuple(_rhythm(connection, model) for model in list_models(connection))


def _rhythm(connection: Connection, model: Model) -> Rhythm:
    k, b = tables.blocks.c, tables.batches.c
    newest = list_batches(connection, model, newest=_NEWEST)
    gaps = [(later.first_at - earlier.first_at).total_seconds() for earlier, later in pairwise(newest)]
    gap = timedelta(seconds=median(gaps)) if len(newest) >= LEAST_BATCHES else None
    keys = [each.batch_key for each in newest]
    joined = tables.blocks.join(tables.batches, k.batch_key == b.batch_key)
    query = select(func.max(k.received_at)).select_from(joined).where(b.batch_key.in_(keys))
    at = connection.execute(query).scalar()
    return Rhythm(model, gap, None if at is None else from_micros(at))
