"""The review queue: predictions that chance chose to be labelled by a person.

Whether a prediction is chosen depends on its id alone, so it is the same for ever and on every machine, and each is
queued with the probability it was chosen with: what is labelled of the queue makes an unbiased sample
(`monitors.sampled`), whatever labels reach the log by other ways.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection

from driftboard.data.backend import Statement, hold_model
from driftboard.data.catalog import ClassValue, Model
from driftboard.data.labels import write_labels
from driftboard.data.model_key import ModelKey
from driftboard.data.review_contents import read_contents
from driftboard.data.store import Store
from driftboard.data.times import from_micros, to_micros
from driftboard.data.values import storable
from driftboard.errors import LabelMismatch, UnknownReview

SOURCE = "review"
"""Who says so, of labels that answer the queue."""

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One prediction that waits for a person, with all that the person needs to judge it.

    Attributes
    ----------
    probability
        With which it was chosen.
    features
        As stored: what privacy dropped or hashed is not here.
    predicted
        Class, or number.
    confidence
        As logged, else the score of the predicted class; None without either.
    """

    prediction_id: str
    probability: float
    predicted_at: datetime
    queued_at: datetime
    batch_id: str
    features: dict[str, Any]
    predicted: ClassValue | float
    confidence: float | None
    segments: dict[str, str]


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """How the queue of a model stands; `oldest` is when the oldest that waits was predicted."""

    waiting: int
    labelled: int
    skipped: int
    oldest: datetime | None


def is_chosen(model: ModelKey, prediction_id: str, fraction: float) -> bool:
    """Return whether a prediction belongs to this fraction of all predictions of its model.

    The hash of the model's name and the id, taken as a number in [0, 1), is below the fraction: a larger fraction
    contains a smaller one, and two versions that answer the same request are both chosen, or neither.

    >>> [is_chosen(ModelKey("churn"), f"p{n}", 0.5) for n in range(6)]
    [False, False, True, False, False, False]
    """
    text = f"{model.name}\0{prediction_id}".encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest()) < fraction * 2**64


def waiting(connection: Connection, model: Model, *, limit: int = 50) -> tuple[ReviewItem, ...]:
    """Return what waits to be labelled, oldest first; what got a label from anywhere does not wait."""
    parameters = {"model_id": model.model_id, "limit": limit}
    queued = connection.execute(_WAITING.on(connection), parameters).all()
    contents = read_contents(connection, model, [(row.block_id, row.block_row) for row in queued])
    return tuple(
        ReviewItem(
            prediction_id=row.prediction_id,
            probability=row.probability,
            predicted_at=from_micros(row.predicted_at),
            queued_at=from_micros(row.queued_at),
            **contents[row.block_id, row.block_row],
        )
        for row in queued
    )


def decide(store: Store, model: Model, prediction_id: str, *, label: Any | None, by: str, now: datetime) -> None:
    """Store a person's answer: the label, or None to skip it. A later answer corrects an earlier one.

    Raises
    ------
    UnknownReview
        The prediction was never queued, or its row was purged or erased.
    LabelMismatch
        The label is none for this model; nothing was stored.
    """
    with store.write() as connection:
        hold_model(connection, model.model_id)
        place = {"model_id": model.model_id, "prediction_id": prediction_id}
        if connection.execute(_IS_QUEUED.on(connection), place).first() is None:
            raise UnknownReview(f"prediction {prediction_id!r} of {model.key} is not in the review queue")
        if label is not None:
            _store_label(connection, store, model, prediction_id, label, now)
        decision = {"by": storable(by)[:_LONGEST_NAME], "at": to_micros(now)}
        connection.execute((_SKIP if label is None else _LABEL).on(connection), place | decision)


def review_counts(connection: Connection, model: Model) -> ReviewCounts:
    """Return how many wait, are labelled, were skipped."""
    mine = {"model_id": model.model_id}
    states = {row.state: row.n for row in connection.execute(_STATES.on(connection), mine)}
    open_ones = connection.execute(_COUNT_WAITING.on(connection), mine).one()
    return ReviewCounts(
        waiting=open_ones.n,
        labelled=states.get("labelled", 0) + open_ones.labelled,
        skipped=states.get("skipped", 0),
        oldest=None if open_ones.oldest is None else from_micros(open_ones.oldest),
    )


def settle(store: Store, model: Model, *, now: datetime) -> int:
    """Take out of the queue what got a label from elsewhere; return how many."""
    mine = {"model_id": model.model_id}
    with store.read() as connection:
        found = int(connection.execute(_COUNT_WAITING.on(connection), mine).one().labelled)
    if found:
        with store.write() as connection:
            hold_model(connection, model.model_id)
            connection.execute(_SETTLE.on(connection), mine | {"at": to_micros(now)})
    return found


def _store_label(
    connection: Connection, store: Store, model: Model, prediction_id: str, label: Any, now: datetime
) -> None:
    result = write_labels(connection, store, {prediction_id: label}, model=model.key, source=SOURCE, now=now)
    if result.refused:
        raise LabelMismatch(f"prediction {prediction_id!r} of {model.key}: {result.refused[prediction_id]}")
    if result.accepted + result.unchanged == 0:  # NaN, for instance
        raise LabelMismatch(f"prediction {prediction_id!r} of {model.key}: {label!r} is no label")


_HAS_LABEL = "EXISTS (SELECT 1 FROM labels l WHERE l.block_id = p.block_id AND l.block_row = p.block_row)"
_PLACED = (
    "review_queue q CROSS JOIN predictions p WHERE q.model_id = :model_id AND q.state = 'waiting' "
    "AND p.model_id = q.model_id AND p.prediction_id = q.prediction_id"
)
_WAITING = Statement(
    "SELECT q.prediction_id, q.probability, q.predicted_at, q.queued_at, p.block_id, p.block_row "  # noqa: S608 - put together from constants
    f"FROM {_PLACED} AND NOT {_HAS_LABEL} ORDER BY q.predicted_at, q.prediction_id LIMIT :limit"
)
_COUNT_WAITING = Statement(
    "SELECT coalesce(sum(1 - has_label), 0) AS n, coalesce(sum(has_label), 0) AS labelled, "  # noqa: S608 - put together from constants
    "min(CASE WHEN has_label = 0 THEN predicted_at END) AS oldest FROM "
    f"(SELECT q.predicted_at, CASE WHEN {_HAS_LABEL} THEN 1 ELSE 0 END AS has_label FROM {_PLACED}) w"
)
_STATES = Statement("SELECT state, count(*) AS n FROM review_queue WHERE model_id = :model_id GROUP BY state")
_SETTLE = Statement(
    "UPDATE review_queue SET state = 'labelled', decided_at = :at WHERE model_id = :model_id AND state = 'waiting' "  # noqa: S608 - put together from constants
    f"AND prediction_id IN (SELECT q.prediction_id FROM {_PLACED} AND {_HAS_LABEL})"
)
_IS_QUEUED = Statement(
    "SELECT 1 FROM review_queue q CROSS JOIN predictions p WHERE q.model_id = :model_id "
    "AND q.prediction_id = :prediction_id AND p.model_id = q.model_id AND p.prediction_id = q.prediction_id"
)
_LABEL = Statement(
    "UPDATE review_queue SET state = 'labelled', decided_by = :by, decided_at = :at "
    "WHERE model_id = :model_id AND prediction_id = :prediction_id"
)
_SKIP = Statement(
    "UPDATE review_queue SET state = 'skipped', decided_by = :by, decided_at = :at "
    "WHERE model_id = :model_id AND prediction_id = :prediction_id AND state = 'waiting'"
)
