"""Labels: the truth about predictions, for a whole batch or one by one, in whatever order it arrives.

Every label is an event and is kept (`driftboard.data.label_events` says which one counts); a label that comes before
its prediction waits for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from driftboard.data import label_events
from driftboard.data.backend import hold_model
from driftboard.data.catalog import Model, add_classes, get_model, list_models
from driftboard.data.label_events import Told
from driftboard.data.model_key import ModelKey
from driftboard.data.places import places_of
from driftboard.data.reading import find_batch, models_with_batch, refuse_purged
from driftboard.data.rows import code_labels
from driftboard.data.store import Store
from driftboard.data.times import to_micros
from driftboard.data.values import MAX_NAME, Reasons, storable
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
        hold_model(connection, owner.model_id)
        batch = find_batch(connection, owner, batch_id)
        if len(y_true) != batch.n_predictions:
            raise LabelMismatch(
                f"batch {batch.batch_id!r} of {owner.key}: {len(y_true)} labels for {batch.n_predictions} predictions"
            )
        values, bad = _coded(connection, store, owner, y_true)
        if bad:
            row, reason = min(bad.items())
            raise LabelMismatch(f"batch {batch.batch_id!r} of {owner.key}: row {row}: {reason}")
        places = label_events.places_of_batch(connection, batch.batch_key)
        refuse_purged(owner, batch, len(places))
        events = [(*place, value) for place, value in zip(places, values.tolist(), strict=True) if value == value]  # noqa: PLR0124
        new = label_events.record(connection, events, _told(observed_at, received_at, "batch"))
        return LabelResult(new, len(events) - new)


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
    with store.write() as connection:
        return write_labels(
            connection,
            store,
            labels,
            model=model,
            source=source,
            observed_at=observed_at,
            now=now or datetime.now(UTC),
        )


def write_labels(
    connection: Connection,
    store: Store,
    labels: Mapping[str, Any],
    *,
    model: ModelKey | None,
    source: str = "default",
    observed_at: datetime | None = None,
    now: datetime,
) -> LabelResult:
    """Do what `label_predictions` does, as part of a transaction of the caller.

    Parameters
    ----------
    connection
        From `store.write`. Whoever labels several models in one transaction does so in order of their ids: in
        PostgreSQL each is held until the end. Whoever goes back to a savepoint calls `store.catalog.forget`.

    Raises
    ------
    UnknownModel, LabelMismatch
        As `label_predictions`; nothing was stored.
    """
    owner = get_model(connection, model, store.catalog) if model else _only_model(connection)
    hold_model(connection, owner.model_id)
    by_id = {storable(str(each)): value for each, value in labels.items()}
    ids = list(by_id)
    values, bad = _coded(connection, store, owner, list(by_id.values()))
    refused = {ids[row]: reason for row, reason in bad.items()} | _too_long(ids)
    known = places_of(connection, owner.model_id, ids)
    good = [
        (each, value)
        for each, value in zip(ids, values.tolist(), strict=True)
        if value == value and each not in refused  # noqa: PLR0124
    ]
    events = [(*known[each], value) for each, value in good if each in known]
    orphans = [(each, value) for each, value in good if each not in known]
    told = _told(observed_at, now, source)
    label_events.keep_orphans(connection, owner.model_id, orphans, told)
    new = label_events.record(connection, events, told)
    return LabelResult(new, len(events) - new, len(orphans), refused)


def _told(observed_at: datetime | None, received_at: datetime, source: str) -> Told:
    return Told(to_micros(observed_at or received_at), to_micros(received_at), storable(source))


def _too_long(ids: list[str]) -> dict[str, str]:
    reason = f"prediction_id: longer than {MAX_NAME} bytes"
    return {each: reason for each in ids if len(each.encode()) > MAX_NAME}


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
