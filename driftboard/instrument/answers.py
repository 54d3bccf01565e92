"""Answers: the predictions in what a model returned, whatever library they came with."""

from collections.abc import Mapping, Sequence
from typing import Any

from driftboard.instrument.inputs import Unreadable, listed
from driftboard.instrument.prediction import Prediction

_ONE = (str, bytes, bytearray, Mapping, Prediction)


def predictions_of(answer: Any, rows: int, classes: Sequence[Any] | None = None) -> list[Prediction]:
    """Return the predictions in an answer, one for each row.

    A `Prediction`, a class or a number is one; a sequence, an array, a column or a tensor holds one for each row. Where
    the instrument knows the `classes`, a row of so many numbers is their scores, and the class is that of the highest.

    >>> [each.value for each in predictions_of([[0.2, 0.8]], 1, ["no", "yes"])]
    ['yes']

    Raises
    ------
    Unreadable
        There are more or fewer than rows.
    """
    if not isinstance(answer, _ONE):
        answer = listed(answer.to_numpy() if hasattr(answer, "columns") else answer)
    many = list(answer) if isinstance(answer, Sequence) and not isinstance(answer, _ONE) else [answer]
    if rows == 1 and len(many) > 1 and classes is not None and len(many) == len(classes):
        many = [many]
    if len(many) != rows:
        raise Unreadable(f"{len(many)} predictions for {rows} rows of features: give prediction=, a function of the "
                         "answer, or return a list with one for each")  # fmt: skip
    return [_prediction(each, classes) for each in many]


def _prediction(value: Any, classes: Sequence[Any] | None) -> Prediction:
    if isinstance(value, Prediction):
        return value
    if not isinstance(value, _ONE):
        value = listed(value)
    if isinstance(value, Sequence) and not isinstance(value, _ONE):
        if classes is not None and len(value) == len(classes):
            return Prediction(classes[max(range(len(value)), key=value.__getitem__)], scores=value)
        if len(value) == 1:  # a column of an array
            return Prediction(value[0])
    return Prediction(value)
