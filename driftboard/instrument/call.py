"""One call of a watched function: its input as rows, its answer as predictions, and both to the log."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from driftboard.instrument.answers import predictions_of
from driftboard.instrument.inputs import Row, count_rows, rows_of
from driftboard.instrument.prediction import Prediction

_PLAIN = (str, int, float, bool)
_SELF = ("self", "cls")
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read the calls of a function; see `Instrument.predicts` for what the fields mean."""

    position: int
    names: tuple[str, ...]
    features: Callable[..., Any] | None = None
    prediction: Callable[[Any], Any] | None = None
    prediction_id: str | Callable[[Row], Any] | None = None
    segments: Sequence[str] | Callable[[Row], Mapping[str, Any]] | None = None
    feature_names: Sequence[str] | None = None
    classes: tuple[Any, ...] | None = None

    def source(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return the input: what `features` says, or the first argument; all arguments where that is a plain value."""
        if self.features is not None:
            return self.features(*args, **kwargs)
        position = self.position
        if len(args) > position:
            first = args[position]
        else:
            first = kwargs.get(self.names[0], _MISSING) if self.names else _MISSING
        if first is _MISSING or type(first) in _PLAIN:
            return dict(zip(self.names, args[position:], strict=False)) | kwargs
        return first

    def rows(self, source: Any) -> list[Row]:
        """Return the input's rows, as they are now: the function may change them."""
        return [dict(source)] if type(source) is dict else rows_of(source, self.feature_names)

    def count(self, source: Any) -> int:
        """Return how many rows there are, without looking into them."""
        return 1 if type(source) is dict else count_rows(source)

    def predictions(self, answer: Any, rows: int) -> list[Prediction]:
        """Return the answer's predictions, one for each row."""
        if self.prediction is not None:
            answer = self.prediction(answer)
        return predictions_of(answer, rows, self.classes)

    def id_of(self, row: Row) -> Any:
        """Return the id of a row's prediction; None: one is made."""
        if callable(self.prediction_id):
            return self.prediction_id(row)
        return None if self.prediction_id is None else row.get(self.prediction_id)

    def segments_of(self, row: Row) -> Mapping[str, Any] | None:
        """Return a row's segments."""
        if callable(self.segments):
            return self.segments(row)
        return None if self.segments is None else {name: row[name] for name in self.segments if name in row}


def reading_of(function: Callable[..., Any], **options: Any) -> Reading:
    """Return how to read a function's calls, by its signature: `self` is no input."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # of C code that does not tell
        parameters = []
    position = 1 if parameters and parameters[0].name in _SELF else 0
    named = [each.name for each in parameters[position:] if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
    return Reading(position, tuple(named), **options)
