"""Strict JSON: nothing that two programs could read differently, nothing that costs more than its length."""

import json
import tracemalloc
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.api import strict_json
from driftboard.api.refusal import Refusal
from driftboard.api.strict_json import parse

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_whatever_json_can_hold_is_read_as_it_was(value: Any, indent: int | None, ascii_only: bool) -> None:
    """Colons, quotes and digits inside texts, and any spacing, are never taken for a doubled key or a huge number."""
    text = json.dumps(value, indent=indent, separators=(" ,", " : "), ensure_ascii=ascii_only)
    try:
        body = text.encode()
        orjson.loads(body)
    except (UnicodeEncodeError, orjson.JSONDecodeError):
        return  # halves of surrogate pairs
    if _depth(value) <= strict_json.MAX_DEPTH:
        assert parse(body) == value


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0) if isinstance(value, dict | list) else 0


@given(st.text(max_size=5), st.sampled_from(["", " ", "\n\t "]), st.text(max_size=8))
def test_a_key_that_stands_twice_is_refused_however_it_is_written(key: str, space: str, other: str) -> None:
    """The parser keeps one of two values; which one, the next program may see differently."""
    name, text = json.dumps(key), json.dumps(f'{other}": {other}')
    body = f'{{"rows": [{{{name}{space}: 1, "other text": {text}, {name}{space}:2}}]}}'.encode()
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return
    if key != "other text":
        with pytest.raises(Refusal, match="same key twice") as refusal:
            parse(body)
        assert refusal.value.status == 400


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nul",
        "NaN",
        "[Infinity]",
        "[-Infinity]",
        "1e999",
        "{} {}",
        "[1,]",
        "{'a': 1}",
        '"\\ud800"',
        "[01]",
        "\ufeff{}",
    ],
)
def test_what_is_no_json_is_refused(text: str) -> None:
    """Literals that JSON does not know, trailing data and lone surrogates."""
    with pytest.raises(Refusal) as refusal:
        parse(text.encode())
    assert (refusal.value.status, refusal.value.code) == (400, "bad_json")


def test_invalid_utf8_is_refused() -> None:
    """JSON is UTF-8."""
    with pytest.raises(Refusal, match="no JSON"):
        parse(b'"\xff\xfe"')


@pytest.mark.parametrize(
    "number", ["18446744073709551616", "-9223372036854775809", "1" + "0" * 40, "-" + "9" * 25, "20000000000000000000"]
)
def test_integers_beyond_64_bits_are_refused(number: str) -> None:
    """The parser would make floats of them, and another id or number than was sent would be stored."""
    with pytest.raises(Refusal, match="beyond 64 bits") as refusal:
        parse(f'{{"a": [{number}], "text": "x"}}'.encode())
    assert refusal.value.status == 400


@pytest.mark.parametrize("number", ["18446744073709551615", "-9223372036854775808", "1e300", "-12345678901234567890.5"])
def test_numbers_that_fit_are_taken(number: str) -> None:
    """Great floats are no integers, nor are digits inside a text."""
    assert parse(f'[{number}, "a \\" 99999999999999999999999"]'.encode())[0] == json.loads(number)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * 33 + b"]" * 33, "too_deep"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "too_deep"),
        (b"{" + b",".join(b'"%d":0' % each for each in range(20_001)) + b"}", "too_many_keys"),
        (b'["' + b"x" * 65_537 + b'"]', "long_text"),
        (b'{"' + b"x" * 65_537 + b'": 1}', "long_text"),
        (b"[" + b"[]," * 700_000 + b"1]", "too_many_values"),
        (b"[" + b"{}," * 500_000 + b"1]", "too_many_values"),
        (b"{" + b",".join(b'"%d":0' % each for each in range(1_000_000)) + b"}", "too_many_values"),
        (b"[" + b"1," * 3_000_000 + b"1]", "too_many_values"),
        (b"[" + b'"\xf0\x9f\x98\x80%s",' % (b"a" * 60_000) * 250 + b"1]", "too_many_values"),
    ],
)
def test_bombs_are_refused_before_they_cost(body: bytes, code: str) -> None:
    """Whatever is refused, it never took more memory than was meant to be beside the body."""
    tracemalloc.start()
    try:
        with pytest.raises(Refusal) as refusal:
            parse(body)
        assert tracemalloc.get_traced_memory()[1] <= strict_json.MAX_PARSED
    finally:
        tracemalloc.stop()
    assert (refusal.value.status, refusal.value.code) == (413, code)


@pytest.mark.parametrize(
    "piece",
    [b"[],", b"{},", b'{"a":1},', b'{"a":{"b":[]}},', b"1.5,", b'"",', b'"\xc3\xa4\xc3\xb6",', b'"\\u00e4\\u4e2d",',
     b'"%s\\ud83d\\ude00",' % (b"a" * 100)],
)  # fmt: skip
def test_what_is_let_through_needs_no_more_memory_than_was_counted(piece: bytes) -> None:
    """The count before parsing is an upper bound of what parsing takes, for as much as may pass."""
    body = b"[" + piece * 40_000 + b"1]"
    tracemalloc.start()
    try:
        value = parse(body)
        assert tracemalloc.get_traced_memory()[0] <= _counted(body)
    finally:
        tracemalloc.stop()
    assert len(value) == 40_001


def _counted(body: bytes) -> int:
    structure = sum(body.count(sign) * size for sign, size in strict_json._BYTES.items())
    return structure + len(body) * strict_json._bytes_a_character(body) + 4096
