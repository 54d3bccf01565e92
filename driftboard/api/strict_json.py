"""Strict JSON: what orjson refuses, and besides duplicate keys, integers beyond 64 bits, and bombs of any kind.

Before a body is parsed its structure is counted, so that what it becomes in memory is bounded; afterwards one walk over
the objects counts keys and measures depth and texts. A key that stands twice shows by comparing the keys of the objects
with those in the text: the parser keeps one of the two.
"""

import re
from itertools import chain, islice
from typing import Any

import orjson

from driftboard.api.refusal import Refusal

MAX_DEPTH = 32
MAX_KEYS = 20_000
MAX_TEXT = 65_536
MAX_PARSED = 32 * 2**20
"""Bytes of memory that a body may become."""

_MAX_TOGETHER = 34 * 2**20  # with the body itself
_SMALL = 256 * 2**10  # what cannot become more than MAX_PARSED
_BYTES = {b"{": 184, b"[": 72, b":": 40, b",": 40, b'"': 32}
"""What stands behind each sign: an object, a list, a place for a key, a value and its place, half a text."""

_WIDEST = (b"\xf0", b"\xf1", b"\xf2", b"\xf3", b"\xf4")
_WIDEST_ESCAPES = (b"\\ud", b"\\uD")
"""Of a character beyond 16 bits: it makes its whole text four bytes a character."""

_EXACT_FLOAT = 2.0**63
_AT_ONCE = 4_096  # values of a level: a copy of all of them would double what a big body needs
_PIECE = 256 * 2**10  # bytes of a body that are looked at together
_flat = chain.from_iterable
_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"[ \t\r\n]*+(:?)', re.DOTALL)
_SPACED_KEY = re.compile(rb'"[ \t\r\n]+:')
_LONG_INTEGER = rb"(?<![0-9.eE+\-])-?[0-9]{19,}+(?![.eE])"
_TEXT_OR_INTEGER = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|' + _LONG_INTEGER, re.DOTALL)
_QUOTE = ord('"')


def parse(body: bytes | bytearray) -> Any:
    """Return what the JSON text holds.

    Raises
    ------
    Refusal
        400: it is no JSON, or JSON that says two things at once; 413: it holds more than a request may.
    """
    if len(body) > _SMALL:
        _refuse_bomb(body)
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refusal(400, "bad_json", f"the body is no JSON: {error.msg} at byte {error.pos}") from None
    keys, huge = _walk(value)
    if _keys_in(body, keys) != keys:
        raise Refusal(400, "duplicate_key", "the body holds an object with the same key twice: write each key once")
    if huge and _has_long_integer(body):
        raise Refusal(400, "huge_integer", "the body holds an integer beyond 64 bits: write it as text or with a point")
    return value


def _refuse_bomb(body: bytes | bytearray) -> None:
    """Refuse a body that would need too much memory, before it does."""
    parsed = sum(_count(body, sign) * size for sign, size in _BYTES.items())
    parsed += len(body) * _bytes_a_character(body)
    if parsed > MAX_PARSED or parsed + len(body) > _MAX_TOGETHER:
        raise Refusal(413, "too_many_values", "the body holds too many values: send fewer rows in a request")


def _bytes_a_character(body: bytes | bytearray) -> int:
    escapes = b"\\" in body  # to look for two signs takes far longer than for one
    if any(sign in body for sign in _WIDEST) or (escapes and any(sign in body for sign in _WIDEST_ESCAPES)):
        return 4
    return 2 if not body.isascii() or (escapes and b"\\u" in body) else 1


def _count(body: bytes | bytearray, sign: bytes) -> int:
    """Return how often a sign stands in the body; other threads get their turn in between."""
    return sum(body.count(sign, start, start + _PIECE) for start in range(0, len(body), _PIECE))


def _walk(value: Any) -> tuple[int, bool]:
    """Return the number of keys in all objects, and whether a number may have been an integer beyond 64 bits.

    It goes level by level, through the values of all objects and lists of a level together: rows have many of each.
    """
    keys, huge = 0, False
    level: list[Any] = [[value]]
    depth = -1
    while level:
        if depth >= MAX_DEPTH:
            raise Refusal(413, "too_deep", f"the body is nested deeper than {MAX_DEPTH} levels")
        objects = [each for each in level if type(each) is dict]
        keys += _keys_of(objects)
        values = chain(_flat(map(dict.values, objects)), _flat(each for each in level if type(each) is list))
        inner: list[Any] = []
        while piece := list(islice(values, _AT_ONCE)):
            huge |= _look_at(piece, inner)
        level, depth = inner, depth + 1
    return keys, huge


def _look_at(values: list[Any], inner: list[Any]) -> bool:
    """Put the objects and lists among the values into `inner`; return whether a number is beyond 64 bits."""
    kinds = set(map(type, values))
    if dict in kinds or list in kinds:
        inner += [each for each in values if type(each) is dict or type(each) is list]
    if str in kinds and max(len(each) for each in values if type(each) is str) > MAX_TEXT:
        raise _long_text()
    if float not in kinds:
        return False
    floats = [each for each in values if type(each) is float]
    return max(floats) >= _EXACT_FLOAT or min(floats) <= -_EXACT_FLOAT


def _keys_of(objects: list[dict[str, Any]]) -> int:
    """Return how many keys the objects have; none of them may have too many, or a key that is too long."""
    if max(map(len, objects), default=0) > MAX_KEYS:
        raise Refusal(413, "too_many_keys", f"the body holds an object with more than {MAX_KEYS:,} keys")
    if max(map(len, _flat(objects)), default=0) > MAX_TEXT:
        raise _long_text()
    return sum(map(len, objects))


def _long_text() -> Refusal:
    return Refusal(413, "long_text", f"the body holds a text longer than {MAX_TEXT:,} characters")


def _keys_in(body: bytes | bytearray, expected: int) -> int:
    """Return the number of keys in the text; the quick ways can only tell that it is the expected one."""
    if _count(body, b":") == expected:
        return expected
    if body.count(b'":') == expected and not _SPACED_KEY.search(body):  # a quote inside a text only raises the count
        return expected
    return _TEXT.findall(body).count(b":")


def _has_long_integer(body: bytes | bytearray) -> bool:
    return any(_is_beyond(match[0]) for match in _TEXT_OR_INTEGER.finditer(body) if match[0][0] != _QUOTE)


def _is_beyond(digits: bytes) -> bool:
    return len(digits) > 20 or not -(2**63) <= int(digits) < 2**64  # noqa: PLR2004 - the digits of 2**64
