"""Any Python value as plain JSON and back: what is kept as it is, what is kept as a sign of what it was."""

import math
import numbers
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np

_MAX_REPR = 1_000
_INT64 = range(-(2**63), 2**63)


class Odd:
    """Stands for a value that no column can keep; its type's name and its text are those of the value it was."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


class NotPlain(TypeError):  # noqa: N818 - a sign between two functions, no error a user sees
    """The value has no plain form that is worth its name."""


def as_scalar(value: Any) -> Any:
    """Return the plain scalar that a foreign number or missing value stands for.

    Raises
    ------
    NotPlain
        It stands for none.
    """
    if isinstance(value, np.generic) and value.dtype.kind in "biufU":
        return float(value) if value.dtype.kind == "f" else value.item()
    if isinstance(value, Decimal):
        return None if value.is_nan() else float(value)
    if type(value).__name__ in ("NAType", "NaTType"):  # pandas' own, told by name: pandas is not needed here
        return None
    if isinstance(value, numbers.Real) and not isinstance(value, int | float | np.generic):
        return int(value) if isinstance(value, numbers.Integral) else float(value)
    raise NotPlain


def plain(value: Any) -> Any:
    """Return JSON for any value: infinities and odd values are tagged, so that `restored` knows them again."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, int):
        return int(value) if value in _INT64 else {"$": ["integer beyond 64 bits", safe_repr(value)]}
    if isinstance(value, float):
        return _plain_float(float(value))
    try:
        return plain(as_scalar(value))
    except Exception:  # noqa: BLE001 - a caller's class may raise anything when asked for its value
        return {"$": [plain_text(type(value).__name__), safe_repr(value)]}


def restored(value: Any) -> Any:
    """Return the value that `plain` made JSON of, or an `Odd` in its place.

    >>> restored(plain(float("-inf"))), restored(plain({1})), restored(plain("text"))
    (-inf, {1}, 'text')
    """
    if not isinstance(value, Mapping):
        return value
    if "$f" in value:
        return float(value["$f"])
    name, text = value["$"]
    return _odd_type(name)(text)


def plain_text(text: str) -> str:
    """Return text that UTF-8 can hold."""
    return str.encode(text, "utf-8", "backslashreplace").decode()


def safe_repr(value: Any) -> str:
    """Return what can be shown of a value, whatever its class does when asked."""
    try:
        return plain_text(repr(value)[:_MAX_REPR])
    except Exception as error:  # noqa: BLE001 - see `plain`
        return f"<its repr raised {type(error).__name__}>"


def _plain_float(value: float) -> Any:
    if math.isnan(value):
        return None
    return {"$f": repr(value)} if math.isinf(value) else value


@cache
def _odd_type(name: str) -> type[Odd]:
    return type(name, (Odd,), {"__slots__": ()})
