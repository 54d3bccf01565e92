"""Canonical values: whatever a caller hands in becomes an Arrow array of one of four types, or a reason why not.

Missing (None, NaN, pandas.NA) is null; infinities are values; numpy scalars are what they hold. A value that no type
can keep (bytes, a date, 2**70) makes its row bad, never its neighbours.
"""

import numbers
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import isnan
from typing import Any

import numpy as np
import pyarrow as pa

Reasons = dict[int, str]
"""Row number to the reason why that row cannot be stored."""

MAX_TEXT = 65_536
MAX_NAME = 800
"""Bytes of an id, a class, or a model's or batch's name: an index entry of either engine must fit in a page."""

_INT64 = range(-(2**63), 2**63)


def canonical(values: Any, *, name: str, known: pa.DataType | None = None) -> tuple[pa.Array, Reasons]:
    """Return the values as int64, double, bool or string (null type when all are missing), and the bad rows.

    Parameters
    ----------
    values
        A sequence or numpy array of length n.
    name
        What the values are, for the reasons.
    known
        The type this column had before: in a column of mixed types its values are the good ones; without it the
        most frequent type is.
    """
    try:
        array = pa.array(_listed(values), from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return _value_by_value(values, name, known)
    simple = _simplified(array)
    if simple is None or (pa.types.is_string(simple.type) and _has_long_text(simple)):
        return _value_by_value(values, name, known)
    return simple, {}


def storable(text: str) -> str:
    r"""Return the text as both engines hold it: NUL and halves of surrogate pairs are written as escapes.

    >>> storable("a\0b\ud800")
    'a\\x00b\\ud800'
    """
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _listed(values: Any) -> Any:
    """Arrow reads numpy arrays of numbers as they are; other containers are read value by value."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiub":
        return (
            values.astype(np.float64)
            if values.dtype.kind == "f" and values.dtype.itemsize < np.float64().itemsize
            else values
        )
    return values if isinstance(values, list) else list(values)


def _simplified(array: pa.Array) -> pa.Array | None:
    """The array in one of our types, or None when it is of a kind we do not keep."""
    kind = array.type
    if pa.types.is_null(kind) or kind in (pa.int64(), pa.float64(), pa.bool_(), pa.string()):
        return array
    if pa.types.is_signed_integer(kind) or kind in (pa.uint8(), pa.uint16(), pa.uint32()):
        return array.cast(pa.int64())
    if pa.types.is_floating(kind):
        return array.cast(pa.float64())
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return array.cast(pa.string())
    return None


def _has_long_text(array: pa.Array) -> bool:
    return array.nbytes > MAX_TEXT and (pa.compute.max(pa.compute.binary_length(array)).as_py() or 0) > MAX_TEXT


def _value_by_value(values: Any, name: str, known: pa.DataType | None) -> tuple[pa.Array, Reasons]:
    kinds: list[str | None] = []
    plain: list[Any] = []
    reasons: Reasons = {}
    for row, value in enumerate(values):
        kind, scalar = _plain(value)
        if kind == "bad":
            reasons[row] = f"{name}: {scalar}"
            kind, scalar = None, None
        kinds.append(kind)
        plain.append(scalar)
    chosen = _chosen_kind(kinds, known)
    for row, found in enumerate(kinds):
        if found is not None and found != chosen:
            reasons[row] = f"{name}: a {found} where {_article(chosen)} was expected"
            plain[row] = None
    kind = _arrow_type(chosen, plain)
    if kind == pa.float64():  # Arrow itself refuses integers that a float cannot hold exactly
        plain = [None if value is None else float(value) for value in plain]
    return pa.array(plain, type=kind), reasons


def _plain(value: Any) -> tuple[str | None, Any]:
    """(kind, Python scalar): kind is None for missing, `bad` with a reason for what cannot be kept."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Decimal):
        value = float("nan") if value.is_nan() else float(value)
    if value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and isnan(value)):
        return None, None  # pandas' own missing values are told by name: pandas itself is not needed here
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, numbers.Integral):
        return ("number", int(value)) if int(value) in _INT64 else ("bad", "an integer beyond 64 bits")
    if isinstance(value, numbers.Real):
        return "number", float(value)
    if isinstance(value, str):
        text = value.encode("utf-8", "backslashreplace").decode()
        return ("bad", f"a text longer than {MAX_TEXT} bytes") if len(text.encode()) > MAX_TEXT else ("text", text)
    return "bad", f"a {type(value).__name__} is neither number, boolean nor text"


def _chosen_kind(kinds: Sequence[str | None], known: pa.DataType | None) -> str | None:
    counts = Counter(kind for kind in kinds if kind is not None)
    if not counts:
        return None
    expected = None if known is None else _kind_of(known)
    return expected if expected in counts else counts.most_common(1)[0][0]


def _kind_of(kind: pa.DataType) -> str | None:
    names: Mapping[pa.DataType, str] = {
        pa.int64(): "number",
        pa.float64(): "number",
        pa.bool_(): "boolean",
        pa.string(): "text",
    }
    return names.get(kind)


def _arrow_type(kind: str | None, values: Sequence[Any]) -> pa.DataType:
    if kind == "number":
        return pa.int64() if all(value is None or isinstance(value, int) for value in values) else pa.float64()
    return {"boolean": pa.bool_(), "text": pa.string(), None: pa.null()}[kind]


def _article(kind: str | None) -> str:
    return f"a {kind}" if kind else "nothing"
