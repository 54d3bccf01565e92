"""Label events: who said when that a prediction was of which class or value. Never edited, all of them kept.

Of the events about a prediction the one observed latest counts; of those observed at the same time, the one that was
stored latest. So labels may arrive in any order, and a correction wins by its time of observation, not by who sends it.
`n_labels` of a batch counts the predictions with a label. An event that is there already, or that repeats what counts
from the same source, is not stored again: a backfill that runs twice changes nothing.

Whoever calls these functions holds the model (`backend.hold_model`).
"""

from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import Connection

from driftboard.data.backend import Statement
from driftboard.data.places import Place

Event = tuple[int, int, float]
"""Block id, row in the block, class code or value."""


@dataclass(frozen=True, slots=True)
class Told:
    """When labels were observed and received, in microseconds, and who says so."""

    observed_at: int
    received_at: int
    source: str


def record(connection: Connection, events: list[Event], told: Told) -> int:
    """Store the events that say something new; return how many."""
    new = _new(connection, events, told)
    for change in connection.execute(_NEWLY_LABELLED.on(connection), {"given": _json(new)}).all():
        counted = {"n": change.n, "changed": 1, "batch_key": change.batch_key}
        connection.execute(_COUNT_NEW.on(connection), counted)
    _insert(connection, new, told)
    return len(new)


def attach(
    connection: Connection, batch_key: int, block_id: int, labels: NDArray[np.float64], received_at: int
) -> None:
    """Record the labels that came with the predictions of a new block (NaN: none)."""
    rows = np.flatnonzero(~np.isnan(labels))
    if len(rows) == 0:
        return
    events = [(block_id, int(row), float(labels[row])) for row in rows]
    _insert(connection, events, Told(received_at, received_at, "logged"))
    connection.execute(_COUNT_NEW.on(connection), {"n": len(rows), "changed": 0, "batch_key": batch_key})


def keep_orphans(connection: Connection, model_id: int, orphans: list[tuple[str, float]], told: Told) -> None:
    """Keep labels, by prediction id, of predictions that are not in the log yet."""
    if orphans:
        parameters = {"model_id": model_id, "given": _json(orphans), **_times(told)}
        connection.execute(_INSERT_ORPHANS.on(connection), parameters)


def adopt_orphans(connection: Connection, model_id: int, batch_key: int, block_id: int) -> None:
    """Join the labels that arrived before the predictions of a new block."""
    parameters = {"model_id": model_id, "block_id": block_id}
    already = connection.execute(_COUNT_LABELLED.on(connection), {"block_id": block_id}).scalar_one()
    connection.execute(_ADOPT.on(connection), parameters)
    connection.execute(_DROP_ADOPTED.on(connection), parameters)
    labelled = connection.execute(_COUNT_LABELLED.on(connection), {"block_id": block_id}).scalar_one()
    connection.execute(_COUNT_NEW.on(connection), {"n": labelled - already, "changed": 0, "batch_key": batch_key})


def places_of_batch(connection: Connection, batch_key: int) -> list[Place]:
    """Return the place of each prediction of a batch, in the order they were logged."""
    rows = connection.execute(_BLOCKS.on(connection), {"batch_key": batch_key}).all()
    return [(row.block_id, place) for row in rows for place in range(row.n_rows)]


def _new(connection: Connection, events: list[Event], told: Told) -> list[Event]:
    """The events that are neither in the log already nor what counts anyway, by the same source."""
    rows = connection.execute(_KNOWN.on(connection), {"given": _json(events)}).all()
    counting = {(row.block_id, row.block_row): (row.value, row.source) for row in rows}  # in order: the last one counts
    stored = {
        (row.block_id, row.block_row, row.value)
        for row in rows
        if (row.observed_at, row.source) == (told.observed_at, told.source)
    }
    return [event for event in events if counting.get(event[:2]) != (event[2], told.source) and event not in stored]


def _insert(connection: Connection, events: list[Event], told: Told) -> None:
    connection.execute(_INSERT_EVENTS.on(connection), {"given": _json(events), **_times(told)})


def _times(told: Told) -> dict[str, int | str]:
    return {"at": told.observed_at, "received_at": told.received_at, "source": told.source}


def _json(events: list[Event] | list[tuple[str, float]]) -> str:
    return orjson.dumps(events).decode()


_BLOCKS = Statement("SELECT block_id, n_rows FROM blocks WHERE batch_key = :batch_key ORDER BY block_id")
_EVENTS = (
    "SELECT CAST(value ->> 0 AS bigint) AS block_id, CAST(value ->> 1 AS bigint) AS block_row, "
    "CAST(value ->> 2 AS double precision) AS value FROM {rows} j"
)
_INSERT_EVENTS = Statement(
    "INSERT INTO labels (block_id, block_row, value, observed_at, received_at, source) "
    f"SELECT block_id, block_row, value, :at, :received_at, :source FROM ({_EVENTS}) e"
)
_KNOWN = Statement(
    f"SELECT l.block_id, l.block_row, l.value, l.observed_at, l.source FROM ({_EVENTS}) e CROSS JOIN labels l "
    "WHERE l.block_id = e.block_id AND l.block_row = e.block_row ORDER BY l.observed_at, l.event_id"
)
_NEWLY_LABELLED = Statement(
    "SELECT b.batch_key, sum(CASE WHEN EXISTS (SELECT 1 FROM labels l WHERE l.block_id = e.block_id "
    f"AND l.block_row = e.block_row) THEN 0 ELSE 1 END) AS n FROM ({_EVENTS}) e "
    "CROSS JOIN blocks b WHERE b.block_id = e.block_id GROUP BY b.batch_key"
)
_COUNT_NEW = Statement(
    "UPDATE batches SET n_labels = n_labels + :n, changes = changes + :changed WHERE batch_key = :batch_key"
)
_COUNT_LABELLED = Statement("SELECT count(DISTINCT block_row) FROM labels WHERE block_id = :block_id")
_INSERT_ORPHANS = Statement(
    "INSERT INTO orphan_labels (model_id, prediction_id, value, observed_at, received_at, source) "
    "SELECT :model_id, value ->> 0, CAST(value ->> 1 AS double precision), :at, :received_at, :source FROM {rows} j"
)
_ADOPT = Statement(
    "INSERT INTO labels (block_id, block_row, value, observed_at, received_at, source) "
    "SELECT p.block_id, p.block_row, o.value, o.observed_at, o.received_at, o.source FROM orphan_labels o "
    "JOIN predictions p ON p.model_id = o.model_id AND p.prediction_id = o.prediction_id "
    "WHERE o.model_id = :model_id AND p.block_id = :block_id ORDER BY o.orphan_id"
)
_DROP_ADOPTED = Statement(
    "DELETE FROM orphan_labels WHERE model_id = :model_id AND prediction_id IN "
    "(SELECT o.prediction_id FROM orphan_labels o JOIN predictions p "
    "ON p.model_id = o.model_id AND p.prediction_id = o.prediction_id "
    "WHERE o.model_id = :model_id AND p.block_id = :block_id)"
)
