"""What inference servers send and answer, as rows: KServe's V1 and V2 protocols, and Seldon's. Pure.

V1 `{"instances": [...]}` / `{"predictions": [...]}`; V2 `{"inputs": [tensor, ...]}` / `{"outputs": [tensor, ...]}` with
`tensor = {"name", "shape", "datatype", "data"}`; Seldon `{"data": {"names": [...], "ndarray": [[...]]}}`, or with
`{"tensor": {"shape", "values"}}` in place of ndarray, on both sides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isclose, prod
from typing import Any

from driftboard.api.tensors import BadPayload, columns_of, flat

MOST_CELLS = 1_000_000
"""Values in a payload."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was answered for one row: a class or value, how sure it was where that was told; or why there is none."""

    predicted: Any = None
    scores: Mapping[str, float] | None = None
    confidence: float | None = None
    error: str | None = None


def request_rows(payload: Any) -> list[dict[str, Any]]:
    """Return the features of each row of a request; what has no name is called f0, f1, ...

    >>> request_rows({"data": {"names": ["age"], "ndarray": [[41], [7]]}})
    [{'age': 41}, {'age': 7}]

    Raises
    ------
    BadPayload
        It is of none of the protocols.
    """
    if not isinstance(payload, dict):
        raise BadPayload("the request is no JSON object")
    if "instances" in payload:
        return [_named(each, None) for each in _list(payload["instances"], "instances")]
    if "inputs" in payload:
        return _tensor_rows(payload["inputs"], "inputs")
    if isinstance(payload.get("data"), dict):
        names, rows = _seldon(payload["data"])
        return [_named(each, names) for each in rows]
    raise BadPayload("the request has neither instances, inputs nor data: it is of no protocol known here")


def outcomes(payload: Any) -> list[Outcome]:
    """Return what was answered for each row of a request; for an error one outcome, which is that of every row.

    A number, text or boolean is what was predicted. Several numbers are the scores of classes, named by the payload or
    numbered from 0, if they are probabilities: then the most probable one was predicted.

    >>> outcomes({"predictions": [[0.2, 0.8]]})[0].predicted
    1

    Raises
    ------
    BadPayload
        It is of none of the protocols.
    """
    if not isinstance(payload, dict):
        raise BadPayload("the response is no JSON object")
    if (error := _error(payload)) is not None:
        return [Outcome(error=error)]
    if "predictions" in payload:
        return [_outcome(each, None) for each in _list(payload["predictions"], "predictions")]
    if "outputs" in payload:
        return _of_tensors(_list(payload["outputs"], "outputs"))
    if isinstance(payload.get("data"), dict):
        names, answered = _seldon(payload["data"])
        return [_outcome(each, names) for each in answered]
    raise BadPayload("the response has neither predictions, outputs, data nor error: it is of no protocol known here")


def _of_tensors(tensors: list[Any]) -> list[Outcome]:
    """The outcomes in the outputs of V2: a tensor with one value a row is what was predicted, a wide one its scores."""
    read = [list(zip(*columns_of([each], most=MOST_CELLS).values(), strict=True)) for each in tensors]
    narrow = next((rows for rows in read if len(rows[0]) == 1), None)
    wide = next((rows for rows in read if len(rows[0]) > 1), None)
    if narrow is None or wide is None:
        return [_outcome(list(row), None) for row in narrow or wide or ()]
    if len(narrow) != len(wide):
        raise BadPayload("the tensors differ in their number of rows")
    return [_scored(row[0], list(scores)) for row, scores in zip(narrow, wide, strict=True)]


def _scored(predicted: Any, scores: list[Any]) -> Outcome:
    """What was predicted, with its scores where it says which class each is of, else with the highest."""
    if not _are_probabilities(scores):
        return Outcome(predicted)
    if type(predicted) is int and 0 <= predicted < len(scores):
        return Outcome(predicted, _of_scores(scores, None).scores)
    return Outcome(predicted, confidence=float(max(scores)))


def _error(payload: dict[str, Any]) -> str | None:
    """What kind of error was answered; its text may hold what was asked, and is left out."""
    status = payload.get("status")
    if isinstance(status, dict) and status.get("status") == "FAILURE":  # Seldon's
        reason = status.get("reason")
        return reason if isinstance(reason, str) and reason.isidentifier() else "FAILURE"
    return "error_response" if "error" in payload else None


def _seldon(data: dict[str, Any]) -> tuple[list[str] | None, list[Any]]:
    given = data.get("names")
    names = [str(each) for each in given] if isinstance(given, list) and given else None
    if "tensor" in data:
        tensor = data["tensor"] if isinstance(data["tensor"], dict) else {}
        shape, values = tensor.get("shape"), tensor.get("values")
        return names, _split(_list(values, "tensor values"), shape)
    rows = _list(data.get("ndarray"), "ndarray")
    alone = bool(rows) and not any(isinstance(each, list) for each in rows)
    return names, [rows] if alone and (names is None or len(names) == len(rows)) else rows


def _split(values: list[Any], shape: Any) -> list[Any]:
    if not isinstance(shape, list) or not shape or not all(isinstance(each, int) and each > 0 for each in shape):
        raise BadPayload("the shape of the tensor is no list of numbers above 0")
    width = prod(shape[1:])
    if shape[0] * width != len(values):
        raise BadPayload("the tensor has another number of values than its shape says")
    return [values[start : start + width] for start in range(0, len(values), width)]


def _tensor_rows(tensors: Any, name: str) -> list[dict[str, Any]]:
    columns = columns_of(_list(tensors, name), most=MOST_CELLS)
    if not columns:
        raise BadPayload(f"{name} has no tensor")
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _named(instance: Any, names: list[str] | None) -> dict[str, Any]:
    """The features of one row."""
    if isinstance(instance, dict):
        return {str(name): value for name, value in instance.items()}
    values = flat(instance, most=MOST_CELLS)
    if names is not None and len(names) == len(values) == len(set(names)):
        return dict(zip(names, values, strict=True))
    return {f"f{place}": value for place, value in enumerate(values)}


def _outcome(answered: Any, names: list[str] | None) -> Outcome:
    if isinstance(answered, dict):
        return _of_scores(list(answered.values()), [str(name) for name in answered])
    values = flat(answered, most=MOST_CELLS)
    if len(values) == 1:
        return Outcome(values[0])
    return _of_scores(values, names)


def _of_scores(values: list[Any], names: list[str] | None) -> Outcome:
    """The most probable class, and all of them; classes without names are numbers."""
    if not _are_probabilities(values):
        raise BadPayload("an answer of several values is read as scores, but these are no probabilities")
    best = max(range(len(values)), key=lambda place: values[place])
    named = names is not None and len(names) == len(values) == len(set(names))
    classes = names if named and names is not None else [str(place) for place in range(len(values))]
    return Outcome(classes[best] if named else best, dict(zip(classes, map(float, values), strict=True)))


def _are_probabilities(values: list[Any]) -> bool:
    numbers = [each for each in values if isinstance(each, int | float) and not isinstance(each, bool)]
    within = len(numbers) == len(values) > 1 and all(0.0 <= each <= 1.0 for each in numbers)
    return within and isclose(sum(numbers), 1.0, abs_tol=0.01)


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise BadPayload(f"{name} is no list, or an empty one")
    return value
