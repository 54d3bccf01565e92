"""Inputs: the rows of features in what a model was asked for, whatever library they came with."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

Row = Mapping[str, Any]
_TEXT = (str, bytes, bytearray)


class Unreadable(Exception):  # noqa: N818 - a sign within the instrument, no error a user sees
    """An input or an answer is not what it is taken for; the text shows none of its values."""


def rows_of(source: Any, names: Sequence[str] | None = None) -> list[Row]:
    """Return the rows of features in an input.

    A mapping is one row, as are a dataclass and a pydantic model; a table (pandas) has one for each of its own; an
    array or a tensor of two dimensions too, with `names` for its columns (`f0`, `f1`, ... when there are none), of one
    dimension it is one row. A sequence holds any of these, or the numbers of one row.

    >>> rows_of([[1, 2.5], [3, 4.5]], ["age", "rate"])
    [{'age': 1, 'rate': 2.5}, {'age': 3, 'rate': 4.5}]

    Raises
    ------
    Unreadable
        There are no features in it.
    """
    if isinstance(source, Mapping):
        return [dict(source)]
    if hasattr(source, "columns") and hasattr(source, "to_dict"):  # a table of pandas, told by what it can do
        return list(source.to_dict("records"))
    source = listed(source)
    if not isinstance(source, Sequence) or isinstance(source, _TEXT):
        return [_row(source, names)]
    if source and _is_value(source[0]):
        return [_named(source, names)]
    return [_row(each, names) for each in source]


def count_rows(source: Any) -> int:
    """Return how many rows an input has, without looking into them; 1 where it cannot be told."""
    if isinstance(source, (Mapping, *_TEXT)):
        return 1
    shape = getattr(source, "shape", None)
    try:
        if shape is not None:
            return int(shape[0]) if len(shape) > 1 or hasattr(source, "columns") else 1
        if isinstance(source, Sequence):
            return 1 if source and _is_value(source[0]) else len(source)
    except Exception:  # noqa: BLE001 - a caller's class may raise anything, and this is on the way of a request
        return 1
    return 1


def _row(source: Any, names: Sequence[str] | None) -> Row:
    if isinstance(source, Mapping):
        return dict(source)
    if callable(dump := getattr(source, "model_dump", None)):  # pydantic
        return dict(dump())
    if is_dataclass(source) and not isinstance(source, type):
        return asdict(source)
    source = listed(source)
    if isinstance(source, Sequence) and not isinstance(source, _TEXT):
        return _named(source, names)
    raise Unreadable(f"no features in a value of type {type(source).__name__}: give features=, a function of the call")


def _named(values: Sequence[Any], names: Sequence[str] | None) -> Row:
    if names is None:
        return {f"f{number}": value for number, value in enumerate(values)}
    if len(names) != len(values):
        raise Unreadable(f"{len(values)} features for {len(names)} feature_names")
    return dict(zip(names, values, strict=True))


def listed(source: Any) -> Any:
    """Return plain lists for arrays and tensors (numpy, PyTorch, TensorFlow, sparse), else the value itself."""
    if hasattr(source, "toarray"):
        source = source.toarray()
    elif hasattr(source, "numpy") and not hasattr(source, "tolist"):
        source = source.numpy()
    return source.tolist() if hasattr(source, "tolist") else source


def _is_value(value: Any) -> bool:
    if isinstance(value, (*_TEXT, int, float)) or value is None:
        return True
    shape = getattr(value, "shape", None)
    return shape is not None and len(shape) == 0
