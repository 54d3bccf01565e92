"""Where predictions are: from prediction id to block and row.

`CROSS JOIN` pins the order of the loops in SQLite: once through the given ids, each looked up by its key. Left to
itself the planner, which cannot know how many ids there are, may walk through the whole table instead.
"""

import orjson
from sqlalchemy import Connection, text

Place = tuple[int, int]
"""Block id and row in the block."""

_LOOKUP = "FROM json_each(:ids) j CROSS JOIN predictions p ON p.model_id = :model_id AND p.prediction_id = j.value"
_PLACES = text(f"SELECT p.prediction_id, p.block_id, p.block_row {_LOOKUP}")
_ANY = text(f"SELECT EXISTS (SELECT 1 {_LOOKUP})")
_INSERT = text(
    "INSERT INTO predictions (model_id, prediction_id, block_id, block_row) "
    "SELECT :model_id, value, :block_id, key FROM json_each(:ids)"
)


def places_of(connection: Connection, model_id: int, ids: list[str]) -> dict[str, Place]:
    """Return the place of each of the ids that is in the log."""
    rows = connection.execute(_PLACES, {"ids": orjson.dumps(ids).decode(), "model_id": model_id})
    return {row.prediction_id: (row.block_id, row.block_row) for row in rows}


def any_stored(connection: Connection, model_id: int, ids: list[str]) -> bool:
    """Return whether at least one of the ids is in the log."""
    return bool(connection.execute(_ANY, {"ids": orjson.dumps(ids).decode(), "model_id": model_id}).scalar_one())


def insert_places(connection: Connection, model_id: int, block_id: int, ids: list[str]) -> None:
    """Record that the rows of a block have these ids, in order; one statement, so the loop runs in C."""
    parameters = {"ids": orjson.dumps(ids).decode(), "model_id": model_id, "block_id": block_id}
    connection.execute(_INSERT, parameters)
