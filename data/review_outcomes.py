"""How queued predictions turned out: what `monitors.sampled` estimates accuracy from.

Labels reach the log by other ways, too, and some predictions sooner than others: complaints come, contentment is
silent. So of the queued predictions those that were labelled from elsewhere stand for themselves, and those that a
person labelled stand for all that had to wait for a person: their probability is that of being queued times the share,
by weight, of these that were answered (a weighting-class adjustment; Kish, Survey Sampling (1965), 13.4). It is why
labels that answer the queue say so: their source is `review`.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from driftboard.data.backend import Statement
from driftboard.data.catalog import Model
from driftboard.data.review import SOURCE
from driftboard.data.times import to_micros


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """The labelled ones of the predictions that were queued.

    Attributes
    ----------
    probability
        Shape (n,): with which each got into the sample.
    outcome
        Shape (n,): classification: 1.0 right, 0.0 wrong; regression: the absolute error.
    queued
        How many were queued, labelled or not.
    """

    probability: NDArray[np.float64]
    outcome: NDArray[np.float64]
    queued: int


def sampled_outcomes(connection: Connection, model: Model, *, since: datetime, until: datetime) -> Sampled:
    """Return how the queued predictions of [since, until) turned out; the label that counts is the current one.

    While some wait for a person and no person has labelled any there is no sample: what was labelled from elsewhere
    says nothing about the rest. No block is read.
    """
    window = {"model_id": model.model_id, "since": to_micros(since), "until": to_micros(until)}
    queued = connection.execute(_QUEUED.on(connection), window).all()
    labels: dict[str, float] = {}
    reviewed: set[str] = set()
    for row in connection.execute(_LABELS.on(connection), window):  # in order: the last one counts
        labels[row.prediction_id] = row.value
        if row.source == SOURCE:
            reviewed.add(row.prediction_id)
    probability = np.array([row.probability for row in queued])
    predicted = np.array([row.predicted for row in queued])
    label = np.array([labels.get(row.prediction_id, np.nan) for row in queued])
    by_person = np.array([row.prediction_id in reviewed for row in queued], bool)
    probability = _adjusted(probability, label, by_person)
    known = ~np.isnan(label) & (probability > 0)
    error = np.abs(predicted[known] - label[known])
    outcome = (error == 0).astype(float) if model.task == "classification" else error
    return Sampled(probability[known], outcome, len(queued))


def _adjusted(
    probability: NDArray[np.float64], label: NDArray[np.float64], by_person: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """The probability of being in the sample of labels, not only in the queue; 0 where there is no sample yet."""
    if len(probability) == 0:
        return probability
    weight = 1 / probability
    for_a_person = by_person | np.isnan(label)
    asked = weight[for_a_person].sum()
    answered = weight[by_person].sum()
    if asked > 0 and answered == 0:
        return np.zeros_like(probability)
    return np.where(for_a_person, probability * (answered / asked if asked else 1.0), probability)


_QUEUED = Statement(
    "SELECT q.prediction_id, q.probability, q.predicted FROM review_queue q WHERE q.model_id = :model_id "
    "AND q.state IN ('waiting', 'labelled', 'skipped') AND q.predicted_at >= :since AND q.predicted_at < :until "
    "ORDER BY q.predicted_at, q.prediction_id"
)
_LABELS = Statement(
    "SELECT q.prediction_id, l.value, l.source FROM review_queue q CROSS JOIN predictions p CROSS JOIN labels l "
    "WHERE q.model_id = :model_id AND q.state IN ('waiting', 'labelled', 'skipped') "
    "AND q.predicted_at >= :since AND q.predicted_at < :until "
    "AND p.model_id = q.model_id AND p.prediction_id = q.prediction_id "
    "AND l.block_id = p.block_id AND l.block_row = p.block_row ORDER BY l.observed_at, l.event_id"
)
