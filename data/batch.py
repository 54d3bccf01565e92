"""A batch of predictions as a caller gives it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from driftboard.data.model_key import ModelKey
from driftboard.data.values import MAX_NAME, storable
from driftboard.errors import BadBatch


@dataclass(frozen=True, slots=True, eq=False)
class PredictionBatch:
    """Predictions of one model that are judged together: columns of the same length n.

    Columns are lists, numpy arrays or pandas Series; None or NaN is a missing value.

    Attributes
    ----------
    model
        Whose predictions these are.
    batch_id
        From the data: a day, an hour, a job's id. More rows may be logged to the same batch later.
    features
        Feature name to n values: numbers, booleans or text.
    predicted
        n classes (text, integers or booleans) or, for regression, n numbers; missing where the request failed.
    scores
        Shape (n, k): a score for each of `classes`.
    classes
        The k classes that the columns of `scores` are for. Needed with `scores`.
    confidence
        n numbers in [0, 1]; by default the score of the predicted class.
    labels
        n true classes or values as far as they are known already, missing where not.
    prediction_ids
        n ids, unique within the model; made here, ordered by time, when not given. Logging an id a second time is a
        no-op, so a retry is safe.
    predicted_at
        One aware datetime, or n of them; now when not given.
    latency
        n durations in seconds.
    errors
        n texts, missing where the request succeeded.
    segments
        Segment name to n texts (country, device), for performance by segment.
    """

    model: ModelKey
    batch_id: str | int
    features: Mapping[str, Any]
    predicted: Any
    scores: Any = None
    classes: Sequence[Any] | None = None
    confidence: Any = None
    labels: Any = None
    prediction_ids: Sequence[str] | None = None
    predicted_at: datetime | Sequence[datetime] | None = None
    latency: Any = None
    errors: Any = None
    segments: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.predicted)

    def check_lengths(self) -> None:
        """Refuse columns of different lengths, naming the first that does not fit, and an endless batch id.

        Raises
        ------
        BadBatch
            A column is longer or shorter than `predicted`, or the batch id is longer than an index can hold.
        """
        if len(batch_name(self.batch_id).encode()) > MAX_NAME:
            raise BadBatch(f"batch {batch_name(self.batch_id)[:40]}...: the id is longer than {MAX_NAME} bytes")
        columns = {
            "scores": self.scores,
            "confidence": self.confidence,
            "labels": self.labels,
            "prediction_ids": self.prediction_ids,
            "latency": self.latency,
            "errors": self.errors,
            "predicted_at": None if isinstance(self.predicted_at, datetime) else self.predicted_at,
            **{f"feature {name!r}": values for name, values in self.features.items()},
            **{f"segment {name!r}": values for name, values in self.segments.items()},
        }
        for name, values in columns.items():
            if values is not None and len(values) != len(self):
                raise BadBatch(f"batch {self.batch_id}: {name} has {len(values)} values for {len(self)} predictions")


def batch_name(batch_id: str | int) -> str:
    """Return a batch id as it is stored: text that both engines hold."""
    return storable(str(batch_id))
