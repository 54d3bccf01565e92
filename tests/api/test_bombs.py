"""Sixty bodies made to hurt: each is refused at once, the server grows little, and others are served meanwhile."""

import gzip
import json
import statistics
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from driftboard.data import open_store
from tests.api.ingest_app import body, client_of, row
from tests.api.ingest_server import Forge, IngestServer

MIB = 2**20
Bomb = tuple[str, bytes, dict[str, str]]
"""Name, body, headers."""


def nested(depth: int, opening: bytes, closing: bytes) -> bytes:
    """Return so many levels around nothing."""
    return opening * depth + b"0" + closing * depth


def bombs() -> list[Bomb]:
    """Return sixty different ones."""
    keys = b",".join(b'"k%d":0' % each for each in range(500_000))
    text = b'"' + b"x" * (7 * MIB) + b'"'
    plain = {
        "lists": b"[" + b"[]," * (2 * MIB) + b"0]",
        "objects": b"[" + b"{}," * (2 * MIB) + b"0]",
        "small objects": b"[" + b'{"a":0},' * 900_000 + b"0]",
        "numbers": b"[" + b"1," * (4 * MIB - 8) + b"0]",
        "keys": b"{" + keys + b"}",
        "keys in a row": b'{"model":"m","prediction":{"prediction_id":"1","predicted":1,"features":{' + keys + b"}}}",
        "few too many keys": b"{" + b",".join(b'"%d":0' % each for each in range(20_001)) + b"}",
        "a text": text,
        "wide texts": b"[" + b",".join([b'"\xf0\x9f\x98\x80' + b"a" * 60_000 + b'"'] * 130) + b"]",
        "a long key": b"{" + text + b":0}",
        "spaces": b" " * (8 * MIB - 1),
        "digits": b"1" * (8 * MIB - 1),
        "a digit more": b"[" + b"1" * 400 + b"]",
        "deep lists": nested(500_000, b"[", b"]"),
        "deep objects": nested(500_000, b'{"a":', b"}"),
        "a level too deep": nested(33, b"[", b"]"),
        "rows": orjson.dumps(body(*[{}] * 10_001)),
        "many rows": b'{"model":"m","predictions":[' + b"0," * 300_000 + b"0]}",
        "sparse rows": orjson.dumps(body(*[row(each, features={f"f{each}": 0}) for each in range(9000)])),
        "batches": orjson.dumps(body(*[row(each, batch_id=each) for each in range(10_000)])),
        "escapes": b'["' + b"\\u4e2d" * MIB + b'"]',
        "doubled keys": b"{" + b'"a":0,' * MIB + b'"a":0}',
        "big numbers": b"[" + b"123456789012345678901234567890," * 200_000 + b"0]",
        "open": b'{"a":[' * MIB,
        "quotes": b'"\\"' * MIB,
    }  # fmt: skip
    found: list[Bomb] = [(name, wire, {}) for name, wire in plain.items()]
    found += [(f"{name}, gzip", gzip.compress(wire, 1), {"Content-Encoding": "gzip"}) for name, wire in plain.items()]
    zeros = gzip.compress(bytes(32 * MIB), 9)
    found += [
        ("zeros", zeros, {"Content-Encoding": "gzip"}),
        ("zeros, deflate", zlib.compress(bytes(200 * MIB)), {"Content-Encoding": "deflate"}),
        ("zeros twice", gzip.compress(zeros), {"Content-Encoding": "gzip"}),
        ("members", zeros * 40, {"Content-Encoding": "gzip"}),
        ("32 MiB of spaces and noise", _loosely(32 * MIB), {"Content-Encoding": "gzip"}),
        ("33 MiB of spaces and noise", _loosely(33 * MIB), {"Content-Encoding": "gzip"}),
        ("too long", b" " * (8 * MIB + 1), {}),
        ("not gzip", b"x" * MIB, {"Content-Encoding": "gzip"}),
        ("other encoding", b"x" * MIB, {"Content-Encoding": "br"}),
        ("other type", b"x" * MIB, {"Content-Type": "application/xml"}),
    ]
    return found


def _loosely(size: int) -> bytes:
    """Return so many bytes that compress well, but not so well that their ratio gives them away."""
    return gzip.compress((b" " * 100 + b"%06d" % (size % 999_983)) * (size // 106), 1)


@pytest.fixture
def server(path: Any) -> Iterator[IngestServer]:
    """Return a server that has served something already."""
    with Forge() as forge:
        server = IngestServer(forge, str(path)).start()
        server.wait_until_ready()
        for number in range(20):
            assert server.post(orjson.dumps(body(*[row(number * 200 + each) for each in range(200)])))[0] == 200
        yield server
        server.kill()


def chunked(server: IngestServer, content: bytes, headers: dict[str, str]) -> int:
    """Return the status of a request without a length, sent in pieces."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
    pieces = (content[start : start + 100_000] for start in range(0, len(content), 100_000))
    try:
        connection.request("POST", "/v1/predictions", pieces, headers, encode_chunked=True)
        return connection.getresponse().status
    except (BrokenPipeError, ConnectionResetError):
        return 413  # it answered and hung up before the end
    finally:
        connection.close()


@pytest.mark.slow
def test_sixty_bombs_one_by_one_and_at_once_are_refused_at_once(server: IngestServer) -> None:
    """4xx within a second each, and at most 64 MiB more than before, however they are sent; figures are printed."""
    all_of_them = bombs()
    assert len(all_of_them) >= 60
    before, quiet = server.memory(), _latencies(server, lambda: time.sleep(3))
    server.forget_most_memory()
    slow = {}
    for name, content, headers in all_of_them:
        start = time.monotonic()
        status = server.post(content, **headers)[0]
        slow[name] = time.monotonic() - start
        assert 400 <= status < 500, (name, status)
    alone = server.most_memory() - before
    server.forget_most_memory()
    loud = _latencies(server, lambda: _at_once(server, all_of_them))
    together = server.most_memory() - before
    slowest = max(slow, key=lambda name: slow[name])
    print(  # noqa: T201
        f"slowest {slowest} {slow[slowest]:.2f} s; growth {alone / MIB:.0f} MiB one by one, "
        f"{together / MIB:.0f} MiB at once; p50/p99 of another client {_text(quiet)} quiet, {_text(loud)} meanwhile"
    )
    assert max(slow.values()) <= 1
    assert max(alone, together) <= 64 * MIB


def _at_once(server: IngestServer, all_of_them: list[Bomb]) -> None:
    def send(bomb: Bomb) -> int:
        _, content, headers = bomb
        return chunked(server, content, {"Content-Type": "application/json"} | headers)

    with ThreadPoolExecutor(len(all_of_them)) as pool:
        statuses = list(pool.map(send, all_of_them))
    assert all(400 <= each < 500 for each in statuses), statuses


def _latencies(server: IngestServer, meanwhile: Callable[[], None]) -> list[float]:
    """Return how long the requests of a good client take while something else happens."""
    took: list[float] = []
    stop = threading.Event()

    def send() -> None:
        number = 0
        while not stop.wait(0.01):
            number += 1
            content = orjson.dumps(body(row(number, prediction_id=f"{time.monotonic_ns()}")))
            start = time.monotonic()
            status = server.post(content)[0]
            seconds = time.monotonic() - start
            assert status == 200
            took.append(seconds)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        meanwhile()
    finally:
        stop.set()
        thread.join()
    return took


def _text(took: list[float]) -> str:
    ordered = sorted(took)
    return f"{statistics.median(ordered) * 1e3:.0f}/{ordered[int(len(ordered) * 0.99)] * 1e3:.0f} ms (n = {len(took)})"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of an app over a log of its own."""
    with open_store(tmp_path_factory.mktemp("log") / "log.sqlite") as store, client_of(store) as client:
        yield client


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    SCALARS,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
    max_leaves=6,
)
FIELDS = ("prediction_id", "features", "predicted", "scores", "confidence", "latency", "error", "segments",
          "predicted_at", "batch_id", "label", "other")  # fmt: skip
ROWS = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=8) | JSON
LIKELY = st.fixed_dictionaries(
    {"model": st.sampled_from(["a", "b"]), "predictions": st.lists(ROWS, max_size=4)},
    optional={"task": st.sampled_from(["regression", "classification"]), "classes": JSON, "batch_id": JSON},
)


@pytest.mark.parametrize("path", ["/v1/predictions", "/v1/labels"])
@settings(max_examples=150)
@given(content=st.one_of(LIKELY, JSON, st.fixed_dictionaries({"model": st.just("a"), "labels": JSON})))
def test_whatever_is_sent_is_answered_and_never_with_an_error_of_ours(
    client: TestClient, path: str, content: Any
) -> None:
    """300 bodies of any shape: 200 with each row told of, or 4xx with one line."""
    text = json.dumps(content).encode()
    answer = client.post(path, content=text, headers={"Content-Type": "application/json", "Idempotency-Key": "k"})
    assert answer.status_code == 200 or 400 <= answer.status_code < 500, answer.text
    if answer.status_code != 200:
        assert "\n" not in answer.json()["error"]["message"]


@settings(max_examples=200)
@given(content=st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_bytes_that_are_no_json_are_no_error_of_ours(client: TestClient, content: bytes) -> None:
    """200 bodies of any bytes: 4xx."""
    answer = client.post("/v1/predictions", content=content, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500
