"""Sixty bodies made to hurt: each is refused at once, the server grows little, and others are served meanwhile."""

import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from driftboard.data import open_store
from tests.api.bombing import HUNG_UP, MIB, ROUNDS, bombs
from tests.api.ingest_app import body, client_of, row
from tests.api.ingest_server import Forge, IngestServer

ROOT = Path(__file__).parents[2]


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


@pytest.fixture
def bombing(server: IngestServer) -> Iterator[subprocess.Popen[str]]:
    """Return a process that has all bombs ready and waits for a line."""
    command = [sys.executable, "-m", "tests.api.bombing", str(server.port)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


@pytest.mark.slow
def test_sixty_bombs_one_by_one_and_at_once_are_refused_at_once(
    server: IngestServer, bombing: subprocess.Popen[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """4xx within a second each, and at most 64 MiB more than before, however they are sent; figures are printed."""
    all_of_them = bombs()
    assert len(all_of_them) >= 60
    before, quiet = server.memory(), _latencies(server, lambda: time.sleep(5))
    server.forget_most_memory()
    slow = {}
    for name, content, headers in all_of_them:
        start = time.monotonic()
        status = server.post(content, **headers)[0]
        slow[name] = time.monotonic() - start
        assert 400 <= status < 500, (name, status)
    alone = server.most_memory() - before
    server.forget_most_memory()
    told: dict[str, int] = {}
    loud = _latencies(server, lambda: told.update(json.loads(bombing.communicate("go\n", timeout=60)[0])))
    together = server.most_memory() - before
    slowest = max(slow, key=lambda name: slow[name])
    with capsys.disabled():
        print(  # noqa: T201
            f"\nslowest {slowest} {slow[slowest]:.2f} s; growth {alone / MIB:.0f} MiB one by one, "
            f"{together / MIB:.0f} MiB at once; p50/p99 of another client {_text(quiet)} quiet, {_text(loud)} "
            f"meanwhile; answered at once: {told}"
        )
    assert max(slow.values()) <= 1
    assert max(alone, together) <= 64 * MIB
    assert all(int(status) == HUNG_UP or 400 <= int(status) < 500 for status in told), told
    assert sum(told.values()) == ROUNDS * len(all_of_them)


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
