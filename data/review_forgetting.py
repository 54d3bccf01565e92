"""What is erased or purged leaves the review queue, too."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, exists, func, select, update

from driftboard.data import tables

_q, _p = tables.review_queue.c, tables.predictions.c
_r, _k = tables.review_progress.c, tables.blocks.c


def forget_reviews(connection: Connection, model_id: int, prediction_ids: Sequence[str]) -> None:
    """Take predictions out of the queue, whatever became of them there; not more than fit into one statement."""
    mine = (_q.model_id == model_id, _q.prediction_id.in_(prediction_ids))
    connection.execute(delete(tables.review_queue).where(*mine))


def forget_gone_reviews(connection: Connection, model_id: int) -> None:
    """Take out of the queue what has no row in the log any longer."""
    placed = exists().where(_p.model_id == _q.model_id, _p.prediction_id == _q.prediction_id)
    connection.execute(delete(tables.review_queue).where(_q.model_id == model_id, ~placed))


def step_back(connection: Connection) -> None:
    """After blocks were deleted: SQLite gives the number of the newest again, and it is to be looked through again."""
    newest = connection.execute(select(func.coalesce(func.max(_k.block_id), 0))).scalar_one()
    connection.execute(update(tables.review_progress).where(_r.block_id > newest).values(block_id=newest))
