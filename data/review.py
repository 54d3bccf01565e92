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

from driftboard.data.catalog import ClassValue, Model
from driftboard.data.model_key import ModelKey
from driftboard.data.store import Store

SOURCE = "review"
"""Who says so, of labels that answer the queue."""


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

    >>> [is_chosen(ModelKey("churn"), f"p{n}", 0.25) for n in range(6)]
    [False, False, False, False, False, False]
    """
    text = f"{model.name}\0{prediction_id}".encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest()) < fraction * 2**64


def waiting(connection: Connection, model: Model, *, limit: int = 50) -> tuple[ReviewItem, ...]:
    """Return what waits to be labelled, oldest first; what got a label from anywhere does not wait."""
    raise NotImplementedError


def decide(store: Store, model: Model, prediction_id: str, *, label: Any | None, by: str, now: datetime) -> None:
    """Store a person's answer: the label, or None to skip it.

    Raises
    ------
    UnknownReview
        The prediction was never queued, or its row was purged or erased.
    LabelMismatch
        The label is none for this model; nothing was stored.
    """
    raise NotImplementedError


def review_counts(connection: Connection, model: Model) -> ReviewCounts:
    """Return how many wait, are labelled, were skipped."""
    raise NotImplementedError
