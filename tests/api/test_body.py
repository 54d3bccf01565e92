"""The body of a request: limits that hold while it is read, not afterwards."""

import asyncio
import gzip
import zlib
from typing import Any

import orjson
import pytest
from starlette.requests import Request

from driftboard.api import body as body_module
from driftboard.api.body import BIG, json_body, read_json
from driftboard.api.refusal import Refusal
from driftboard.api_settings import ApiSettings

API = ApiSettings(max_body=2**20, max_inflated=4 * 2**20)


PAUSE = 0.0
"""Seconds between two pieces."""


def request(*chunks: bytes, **headers: str) -> Request:
    """Return a request whose body comes in these pieces."""
    given = {"content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    left = list(chunks)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(PAUSE)
        piece = left.pop(0) if left else b""
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    scope = {
        "type": "http", "method": "POST", "path": "/", "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }  # fmt: skip
    return Request(scope, receive)


def read(*chunks: bytes, **headers: str) -> Any:
    """Return what the body holds."""
    return asyncio.run(read_json(request(*chunks, **headers), API))


def refused(*chunks: bytes, **headers: str) -> tuple[int, str]:
    """Return status and code of the refusal."""
    with pytest.raises(Refusal) as refusal:
        read(*chunks, **headers)
    return refusal.value.status, refusal.value.code


VALUE = {"rows": [{"n": each, "text": "é" * 20} for each in range(500)]}
PLAIN = orjson.dumps(VALUE)
GZIP = gzip.compress(PLAIN)


@pytest.mark.parametrize("size", [1, 7, 1000, 10**6])
@pytest.mark.parametrize(
    ("encoding", "wire"),
    [
        ("identity", PLAIN),
        ("gzip", gzip.compress(PLAIN)),
        ("X-GZIP", gzip.compress(PLAIN)),
        ("deflate", zlib.compress(PLAIN)),
    ],
)
def test_a_body_is_read_however_it_is_cut(encoding: str, wire: bytes, size: int) -> None:
    """In pieces of any size, compressed or not."""
    pieces = [wire[start : start + size] for start in range(0, len(wire), size)]
    assert read(*pieces, content_encoding=encoding, content_type='Application/JSON; charset="UTF-8"') == VALUE


def test_others_get_their_turn_while_few_bytes_become_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """One piece off the wire that becomes three megabytes is not decompressed in one go."""
    wire = gzip.compress(orjson.dumps([f"{each:05d}" * 12 for each in range(50_000)]), 1)
    turns: list[int] = []

    async def take_turns() -> None:
        while True:
            turns.append(1)
            await asyncio.sleep(0)

    async def both() -> int:
        others = asyncio.create_task(take_turns())
        taken: int = await read_json(request(wire, content_encoding="gzip"), API)
        others.cancel()
        return taken

    monkeypatch.setattr(body_module, "parse", lambda _: len(turns))  # when all is decompressed
    assert asyncio.run(both()) >= 45


@pytest.mark.parametrize("level", [1, 6, 9])
def test_output_that_zlib_holds_back_is_read_too(level: int) -> None:
    """Texts that compress well leave output behind when all input has been taken."""
    value = [f"{each * 7919:08x}" * 40 for each in range(3000)]
    wire = gzip.compress(orjson.dumps(value), level)
    assert read(wire, content_encoding="gzip") == value


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"content_type": "text/plain"}, "unknown_type"),
        ({"content_type": ""}, "unknown_type"),
        ({"content_type": "application/json; charset=latin-1"}, "unknown_charset"),
        ({"content_encoding": "br"}, "unknown_encoding"),
        ({"content_encoding": "gzip, gzip"}, "unknown_encoding"),
    ],
)
def test_other_types_and_encodings_are_refused(headers: dict[str, str], code: str) -> None:
    """415, before anything is read."""
    assert refused(b"{}", **headers) == (415, code)


def test_what_is_too_long_is_refused_by_its_length_and_by_what_comes() -> None:
    """A length that is announced is believed when it is too much; one that is not, or lies, helps nobody."""
    assert refused(b"{}", content_length=str(2**20 + 1)) == (413, "too_long")
    assert refused(*[b" " * 2**18] * 5) == (413, "too_long")
    assert refused(*[b" " * 2**18] * 5, content_length="2") == (413, "too_long")


def test_what_becomes_too_long_is_refused_on_the_way() -> None:
    """By its length after decompression, and by its ratio long before that."""
    assert refused(gzip.compress(bytes(3 * 2**20)), content_encoding="gzip") == (413, "bomb")
    assert refused(gzip.compress(bytes(50 * 2**20)), content_encoding="gzip") == (413, "too_long")


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_body_that_is_damaged_is_refused(encoding: str) -> None:
    """Cut short, followed by something, or never compressed at all."""
    wire = gzip.compress(PLAIN) if encoding == "gzip" else zlib.compress(PLAIN)
    for broken in (wire[:-1], wire[:20], wire + b"x", wire + wire, PLAIN, b""):
        assert refused(broken, content_encoding=encoding) == (400, "bad_encoding")


def test_big_bodies_come_one_at_a_time_and_small_ones_pass_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """While one is at work another big one is told to come again, and a small one is served."""
    monkeypatch.setattr(body_module, "PATIENCE", 0.05)
    big = b'"' + b" " * 10 + b'"' + b" " * BIG

    async def run() -> int:
        async with json_body(request(big), API):
            assert await read_json(request(b"[1]"), API) == [1]
            given: tuple[dict[str, str], ...] = ({}, {"content_length": str(len(big))})
            for headers in given:
                with pytest.raises(Refusal) as refusal:
                    await read_json(request(big, **headers), API)
                assert (refusal.value.status, refusal.value.retry_after) == (429, 1)
        assert await read_json(request(big), API) == " " * 10
        return 1

    assert asyncio.run(run())


def test_a_big_body_that_is_refused_leaves_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever became of it, the next one is read."""
    monkeypatch.setattr(body_module, "PATIENCE", 0.05)

    async def run() -> Any:
        for _ in range(3):
            with pytest.raises(Refusal, match="no JSON"):
                await read_json(request(b"[" + b" " * BIG), API)
        return await read_json(request(b"[1]" + b" " * BIG), API)

    assert asyncio.run(run()) == [1]


def test_a_body_that_trickles_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """408 after the time a body may take; a big one, which others wait for, has less."""
    monkeypatch.setattr(body_module, "SECONDS", 0.2)
    monkeypatch.setitem(globals(), "PAUSE", 0.03)
    monkeypatch.setattr(body_module, "BIG_SECONDS", 0.05)

    async def run(*chunks: bytes) -> int:
        with pytest.raises(Refusal) as refusal:
            await read_json(request(*chunks), API)
        return refusal.value.status

    assert asyncio.run(run(*[b" "] * 100)) == 408
    assert asyncio.run(run(b" " * (BIG + 1), *[b" "] * 4)) == 408


def test_a_client_that_goes_away_is_no_error_of_ours() -> None:
    """The body ends with the connection."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def run() -> None:
        gone = Request(request().scope, receive)
        with pytest.raises(Refusal, match="connection ended"):
            await read_json(gone, API)

    asyncio.run(run())
