"""Labels: events about predictions, never edited; what arrives early waits for its prediction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from driftboard.data.catalog import Model, add_classes, get_model, list_models
from driftboard.data.model_key import ModelKey
from driftboard.data.places import places_of
from driftboard.data.reading import BatchInfo, find_batch, models_with_batch
from driftboard.data.rows import code_labels
from driftboard.data.store import Store
from driftboard.data.times import to_micros
from driftboard.data.values import Reasons
from driftboard.errors import LabelMismatch, UnknownBatch


@dataclass(frozen=True, slots=True)
class LabelResult:
    """What became of each label.

    Attributes
    ----------
    accepted
        New label events of known predictions.
    unchanged
        Labels equal to the current one from the same source: nothing to do.
    waiting
        Labels whose prediction is not in the log (yet): kept, and joined when it arrives.
    refused
        Prediction id (or row) to the reason.
    """

    accepted: int
    unchanged: int = 0
    waiting: int = 0
    refused: Mapping[str, str] | None = None


def backfill_ground_truth(
    store: Store,
    batch_id: str | int,
    y_true: Any,
    *,
    model: ModelKey | None = None,
    observed_at: datetime | None = None,
    now: datetime | None = None,
) -> LabelResult:
    """Label a whole batch, in the order its predictions were logged; None or NaN where a label is not known.

    Parameters
    ----------
    store
        An open store.
    batch_id
        The batch to label.
    y_true
        As many labels as the batch has predictions.
    model
        Whose batch; needed only when several models have a batch of that id.
    observed_at
        When the truth became known; the present by default. The latest observed label of a prediction counts.
    now
        When the labels were received; the present by default.

    Raises
    ------
    UnknownBatch
        There is no such batch, or several models have one and none was named.
    LabelMismatch
        The number of labels is not the number of predictions, or one of them is no label; nothing was stored.
    """
    received_at = now or datetime.now(UTC)
    with store.write() as connection:
        owner = _owner(connection, batch_id, model)
        batch = find_batch(connection, owner, batch_id)
        if len(y_true) != batch.n_predictions:
            raise LabelMismatch(
                f"batch {batch.batch_id!r} of {owner.key}: {len(y_true)} labels for {batch.n_predictions} predictions"
            )
        values, bad = _coded(connection, store, owner, y_true)
        if bad:
            row, reason = min(bad.items())
            raise LabelMismatch(f"batch {batch.batch_id!r} of {owner.key}: row {row}: {reason}")
        places = _places_of_batch(connection, batch)
        events = [(*place, value) for place, value in zip(places, values.tolist(), strict=True) if value == value]  # noqa: PLR0124
        return _record(connection, events, observed_at or received_at, received_at, "batch")


def label_predictions(
    store: Store,
    labels: Mapping[str, Any],
    *,
    model: ModelKey | None = None,
    source: str = "default",
    observed_at: datetime | None = None,
    now: datetime | None = None,
) -> LabelResult:
    """Label predictions by id, in any order, as few or as many as have arrived.

    Parameters
    ----------
    store
        An open store.
    labels
        Prediction id to true class or value. An id that is not in the log is kept and joined when it arrives.
    model
        Whose predictions; needed only when the log holds several models.
    source
        Who says so (a script, a reviewer).
    observed_at
        When the truth became known; the present by default. The latest observed label of a prediction counts.
    now
        When the labels were received; the present by default.

    Raises
    ------
    UnknownModel
        The model is not registered.
    LabelMismatch
        Several models are in the log and none was named.
    """
    received_at = now or datetime.now(UTC)
    with store.write() as connection:
        owner = get_model(connection, model, store.catalog) if model else _only_model(connection)
        ids = list(labels)
        values, bad = _coded(connection, store, owner, list(labels.values()))
        refused = {ids[row]: reason for row, reason in bad.items()}
        known = places_of(connection, owner.model_id, ids)
        good = [(each, value) for each, value in zip(ids, values.tolist(), strict=True) if value == value]  # noqa: PLR0124
        events = [(*known[each], value) for each, value in good if each in known]
        orphans = [(each, value) for each, value in good if each not in known]
        observed = observed_at or received_at
        _keep_orphans(connection, owner, orphans, observed, received_at, source)
        result = _record(connection, events, observed, received_at, source)
        return LabelResult(result.accepted, result.unchanged, len(orphans), refused)


def attach_labels(
    connection: Connection, batch_key: int, block_id: int, labels: NDArray[np.float64], received_at: int
) -> None:
    """Record the labels that came with the predictions of a new block (NaN: none)."""
    rows = np.flatnonzero(~np.isnan(labels))
    if len(rows) == 0:
        return
    events = [(block_id, int(row), float(labels[row])) for row in rows]
    parameters = {"at": received_at, "received_at": received_at, "source": "logged"}
    connection.execute(_INSERT_EVENTS, {**parameters, "events": orjson.dumps(events).decode()})
    connection.execute(_COUNT_NEW, {"n": len(rows), "changed": 0, "batch_key": batch_key})


def adopt_orphans(connection: Connection, model_id: int, batch_key: int, block_id: int) -> None:
    """Join the labels that arrived before the predictions of a new block."""
    parameters = {"model_id": model_id, "block_id": block_id}
    already = connection.execute(_COUNT_LABELLED, parameters).scalar_one()
    connection.execute(_ADOPT, parameters)
    connection.execute(_DROP_ADOPTED, parameters)
    labelled = connection.execute(_COUNT_LABELLED, parameters).scalar_one()
    connection.execute(_COUNT_NEW, {"n": labelled - already, "changed": 0, "batch_key": batch_key})


def _record(
    connection: Connection,
    events: Iterable[tuple[int, int, float]],
    observed_at: datetime,
    received_at: datetime,
    source: str,
) -> LabelResult:
    given = list(events)
    current = _current(connection, given, source)
    new = [event for event in given if current.get(event[:2]) != event[2]]
    text_of_new = orjson.dumps(new).decode()
    for change in connection.execute(_NEWLY_LABELLED, {"events": text_of_new}).all():
        connection.execute(_COUNT_NEW, {"n": change.n, "changed": 1, "batch_key": change.batch_key})
    connection.execute(
        _INSERT_EVENTS,
        {
            "events": text_of_new,
            "at": to_micros(observed_at),
            "received_at": to_micros(received_at),
            "source": source,
        },
    )
    return LabelResult(len(new), len(given) - len(new))


def _current(connection: Connection, events: list[tuple[int, int, float]], source: str) -> dict[tuple[int, int], float]:
    """The current label of the rows that `events` are about, where it is from the same source."""
    rows = connection.execute(_CURRENT, {"events": orjson.dumps(events).decode()})
    latest = {(row.block_id, row.block_row): row for row in rows}  # in order: the last one is current
    return {place: row.value for place, row in latest.items() if row.source == source}


def _coded(connection: Connection, store: Store, model: Model, labels: Any) -> tuple[NDArray[np.float64], Reasons]:
    return code_labels(
        labels,
        task=model.task,
        code_classes=lambda values: add_classes(connection, model.model_id, values, store.catalog),
    )


def _owner(connection: Connection, batch_id: str | int, model: ModelKey | None) -> Model:
    if model is not None:
        return get_model(connection, model)
    owners = models_with_batch(connection, batch_id)
    if not owners:
        raise UnknownBatch(f"no model has a batch {str(batch_id)!r}")
    if len(owners) > 1:
        names = ", ".join(str(owner.key) for owner in owners)
        raise UnknownBatch(f"several models have a batch {str(batch_id)!r}: name one of {names}")
    return owners[0]


def _only_model(connection: Connection) -> Model:
    models = list_models(connection)
    if len(models) != 1:
        names = ", ".join(str(each.key) for each in models) or "none is registered"
        raise LabelMismatch(f"say whose predictions are labelled: {names}")
    return models[0]


def _places_of_batch(connection: Connection, batch: BatchInfo) -> list[tuple[int, int]]:
    rows = connection.execute(_BLOCKS, {"batch_key": batch.batch_key}).all()
    return [(row.block_id, place) for row in rows for place in range(row.n_rows)]


def _keep_orphans(
    connection: Connection,
    model: Model,
    orphans: list[tuple[str, float]],
    observed_at: datetime,
    received_at: datetime,
    source: str,
) -> None:
    if orphans:
        parameters = {
            "model_id": model.model_id,
            "orphans": orjson.dumps(orphans).decode(),
            "at": to_micros(observed_at),
            "received_at": to_micros(received_at),
            "source": source,
        }
        connection.execute(_INSERT_ORPHANS, parameters)


_BLOCKS = text("SELECT block_id, n_rows FROM blocks WHERE batch_key = :batch_key ORDER BY block_id")
_EVENTS = "SELECT value ->> 0 AS block_id, value ->> 1 AS block_row, value ->> 2 AS value FROM json_each(:events)"
_INSERT_EVENTS = text(
    "INSERT INTO labels (block_id, block_row, value, observed_at, received_at, source) "
    f"SELECT block_id, block_row, value, :at, :received_at, :source FROM ({_EVENTS})"
)
_CURRENT = text(
    f"SELECT l.block_id, l.block_row, l.value, l.source FROM ({_EVENTS}) e "
    "CROSS JOIN labels l ON l.block_id = e.block_id AND l.block_row = e.block_row ORDER BY l.observed_at, l.event_id"
)
_NEWLY_LABELLED = text(
    "SELECT b.batch_key, sum(NOT EXISTS (SELECT 1 FROM labels l WHERE l.block_id = e.block_id "
    f"AND l.block_row = e.block_row)) AS n FROM ({_EVENTS}) e "
    "CROSS JOIN blocks b ON b.block_id = e.block_id GROUP BY b.batch_key"
)
_COUNT_NEW = text(
    "UPDATE batches SET n_labels = n_labels + :n, changes = changes + :changed WHERE batch_key = :batch_key"
)
_COUNT_LABELLED = text("SELECT count(DISTINCT block_row) FROM labels WHERE block_id = :block_id")
_INSERT_ORPHANS = text(
    "INSERT INTO orphan_labels (model_id, prediction_id, value, observed_at, received_at, source) "
    "SELECT :model_id, value ->> 0, value ->> 1, :at, :received_at, :source FROM json_each(:orphans)"
)
_ADOPT = text(
    "INSERT INTO labels (block_id, block_row, value, observed_at, received_at, source) "
    "SELECT p.block_id, p.block_row, o.value, o.observed_at, o.received_at, o.source FROM orphan_labels o "
    "JOIN predictions p ON p.model_id = o.model_id AND p.prediction_id = o.prediction_id "
    "WHERE o.model_id = :model_id AND p.block_id = :block_id ORDER BY o.rowid"
)
_DROP_ADOPTED = text(
    "DELETE FROM orphan_labels WHERE model_id = :model_id AND prediction_id IN "
    "(SELECT o.prediction_id FROM orphan_labels o JOIN predictions p "
    "ON p.model_id = o.model_id AND p.prediction_id = o.prediction_id "
    "WHERE o.model_id = :model_id AND p.block_id = :block_id)"
)
