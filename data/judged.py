"""How much the monitors did since a time: what a budget of false pages is set against."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from driftboard.data import tables
from driftboard.data.times import to_micros


def count_judged(connection: Connection, model_id: int, *, since: datetime) -> int:
    """Return how many batches of a model were judged since a time; a batch that was judged again counts once."""
    r, b = tables.monitor_reports, tables.batches
    query = (
        select(func.count(func.distinct(r.c.batch_key)))
        .select_from(r.join(b, r.c.batch_key == b.c.batch_key))
        .where(b.c.model_id == model_id, r.c.created_at >= to_micros(since))
    )
    return int(connection.execute(query).scalar_one())
