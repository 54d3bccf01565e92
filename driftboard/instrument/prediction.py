"""A prediction with what is known about it beyond its value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What a watched function may return, alone or in a list; its caller gets it just as it was returned.

    Attributes
    ----------
    value
        The class, or the number.
    scores
        By class, or in the order of the instrument's `classes`.
    confidence
        In [0, 1]; by default the score of the predicted class.
    prediction_id
        By which a label will find it; made here when not given.
    segments
        Segment name to text, for performance by segment.
    """

    value: Any
    scores: Mapping[Any, float] | Sequence[float] | None = None
    confidence: float | None = None
    prediction_id: str | None = None
    segments: Mapping[str, Any] | None = None
