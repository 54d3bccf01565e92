"""The label that counts of each of some predictions: what a new one would repeat or correct."""

import orjson
from sqlalchemy import Connection

from driftboard.data.backend import Statement
from driftboard.data.places import Place

_PIECE = 10_000


def current_labels(connection: Connection, places: list[Place]) -> dict[Place, float]:
    """Return the class code or value that counts of each place that has a label.

    Of several events the one observed latest counts; of those observed at the same time, the one stored latest.
    """
    found: dict[Place, float] = {}
    for start in range(0, len(places), _PIECE):
        given = {"given": orjson.dumps(places[start : start + _PIECE]).decode()}
        for row in connection.execute(_LABELS.on(connection), given):  # in order: the last one counts
            found[row.block_id, row.block_row] = row.value
    return found


_LABELS = Statement(
    "SELECT l.block_id, l.block_row, l.value FROM {rows} j CROSS JOIN labels l "
    "WHERE l.block_id = CAST(j.value ->> 0 AS bigint) AND l.block_row = CAST(j.value ->> 1 AS bigint) "
    "ORDER BY l.observed_at, l.event_id"
)
