"""Where predictions are: from prediction id to block and row.

`CROSS JOIN` pins the order of the loops in SQLite: once through the given ids, each looked up by its key. Left to
itself the planner, which cannot know how many ids there are, may walk through the whole table instead.
"""

import orjson
from sqlalchemy import Connection

from driftboard.data.backend import Statement

Place = tuple[int, int]
"""Block id and row in the block."""

_PLACES = Statement(
    "SELECT p.prediction_id, p.block_id, p.block_row FROM {texts} j CROSS JOIN predictions p "
    "WHERE p.model_id = :model_id AND p.prediction_id = j.value"
)


def places_of(connection: Connection, model_id: int, ids: list[str]) -> dict[str, Place]:
    """Return the place of each of the ids that is in the log."""
    rows = connection.execute(_PLACES.on(connection), {"given": orjson.dumps(ids).decode(), "model_id": model_id})
    return {row.prediction_id: (row.block_id, row.block_row) for row in rows}
