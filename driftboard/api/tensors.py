"""Tensors of the V2 inference protocol as columns of values. Pure."""

from collections.abc import Iterator
from math import prod
from typing import Any

from driftboard.errors import DriftboardError


class BadPayload(DriftboardError):  # noqa: N818 - reads as what it is
    """A request or response of an inference server that cannot be read."""


def columns_of(tensors: list[Any], *, most: int) -> dict[str, list[Any]]:
    """Return column name to values; a tensor with several values a row becomes `name_0`, `name_1`, ...

    >>> columns_of([{"name": "x", "shape": [2, 2], "datatype": "INT64", "data": [1, 2, 3, 4]}], most=10)
    {'x_0': [1, 3], 'x_1': [2, 4]}

    Raises
    ------
    BadPayload
        A tensor is not what it says, or they differ in their number of rows.
    """
    columns: dict[str, list[Any]] = {}
    rows = None
    for tensor in tensors:
        name, length, values = _tensor(tensor, most)
        if rows not in (None, length):
            raise BadPayload("the tensors differ in their number of rows")
        rows = length
        width = len(values) // length
        for place in range(width):
            column = name if width == 1 else f"{name}_{place}"
            if column in columns:
                raise BadPayload("two tensors have the same name")
            columns[column] = values[place::width]
    return columns


def flat(value: Any, *, most: int) -> list[Any]:
    """Return the values in lists within lists, in order; one that is no list is the only one.

    >>> flat([[1, 2], [3]], most=10)
    [1, 2, 3]

    Raises
    ------
    BadPayload
        They are more than `most`, or none.
    """
    values = []
    for each in _flat(value):
        values.append(each)
        if len(values) > most:
            raise BadPayload(f"there are more than {most:,} values")
    if not values:
        raise BadPayload("there is a row without values")
    return values


def _flat(value: Any) -> Iterator[Any]:
    if not isinstance(value, list):
        yield value
        return
    for each in value:
        yield from _flat(each)  # JSON was refused beyond 32 levels


def _tensor(tensor: Any, most: int) -> tuple[str, int, list[Any]]:
    """The name, number of rows and values of a tensor."""
    if not isinstance(tensor, dict) or not isinstance(tensor.get("name"), str):
        raise BadPayload("a tensor is no object with a name")
    shape, data = tensor.get("shape"), tensor.get("data")
    if not isinstance(data, list):
        raise BadPayload("a tensor has no data: binary tensors are not read")
    if not isinstance(shape, list) or not shape or not all(type(each) is int and 0 < each <= most for each in shape):
        raise BadPayload("the shape of a tensor is no list of numbers above 0")
    values = flat(data, most=most)
    if prod(shape) != len(values):
        raise BadPayload("a tensor has another number of values than its shape says")
    return tensor["name"], shape[0], values
