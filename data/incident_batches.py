"""The batches an incident spans, in the order of a model's data."""

from sqlalchemy import Connection, select, tuple_

from driftboard.data import tables
from driftboard.data.catalog import Model
from driftboard.data.reading import BatchInfo, get_batch
from driftboard.data.times import to_micros

_b = tables.batches.c
_PLACE = tuple_(_b.first_at, _b.batch_key)


def following_batches(connection: Connection, model: Model, batch: BatchInfo, *, oldest: int) -> tuple[BatchInfo, ...]:
    """Return the batches right after one, in order of time; of two that began at once, the first logged is first."""
    here = tuple_(to_micros(batch.first_at), batch.batch_key)
    query = select(_b.batch_key).where(_b.model_id == model.model_id, here < _PLACE)
    keys = connection.execute(query.order_by(_b.first_at, _b.batch_key).limit(oldest)).scalars().all()
    return tuple(get_batch(connection, key) for key in keys)


def batches_between(
    connection: Connection, model: Model, first: BatchInfo, last: BatchInfo, *, newest: int
) -> tuple[BatchInfo, ...]:
    """Return the batches from one to another, both included, in order of time: the newest so many."""
    start, end = (tuple_(to_micros(each.first_at), each.batch_key) for each in (first, last))
    query = select(_b.batch_key).where(_b.model_id == model.model_id, start <= _PLACE, end >= _PLACE)
    keys = connection.execute(query.order_by(_b.first_at.desc(), _b.batch_key.desc()).limit(newest)).scalars().all()
    return tuple(get_batch(connection, key) for key in reversed(keys))
