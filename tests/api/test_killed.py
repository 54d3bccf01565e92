"""The server is killed at any moment, and clients retry: what was answered 200 is in the log, and nothing is twice."""

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

import orjson
import pytest

from driftboard.data import ModelKey, open_store
from driftboard.data.catalog import find_model
from driftboard.data.reading import list_batches, read_batch
from tests.api.ingest_app import body, row
from tests.api.ingest_server import STEPS, Forge, IngestServer

ROWS = 20


@pytest.fixture(scope="module")
def forge() -> Iterator[Forge]:
    """Return what starts servers."""
    with Forge() as forge:
        yield forge


@dataclass
class Client:
    """Sends requests one after the other, each again and again until it is answered 200."""

    server: IngestServer
    name: str
    acknowledged: set[str] = field(default_factory=set)
    retries: int = 0

    def run(self, stop: threading.Event) -> None:
        """Send until told to stop; what is under way is not given up."""
        number = 0
        while not stop.is_set():
            rows = [row(each) | {"prediction_id": f"{self.name}-{number}-{each}"} for each in range(ROWS)]
            content = orjson.dumps(body(*rows, batch_id=str(number % 7)))
            while not self._sent(content):
                self.retries += 1
                time.sleep(0.01)
            self.acknowledged |= {each["prediction_id"] for each in rows}
            number += 1

    def _sent(self, content: bytes) -> bool:
        try:
            status, answer = self.server.post(content)
        except (OSError, HTTPException):
            return False
        if status in (429, 503):
            return False
        assert status == 200, answer
        found = json.loads(answer)
        assert found["accepted"] + found["duplicates"] == ROWS, found
        return True


def ids_in(path: Path) -> Counter[str]:
    """Return how often each id stands in the blocks of the log."""
    found: Counter[str] = Counter()
    with open_store(path) as store, store.read() as connection:
        model = find_model(connection, ModelKey("churn"))
        if model is not None:  # else nothing was ever committed
            for batch in list_batches(connection, model):
                found.update(read_batch(connection, model, batch).prediction_ids)
    return found


def lived_through(
    server: IngestServer, path: Path, kills: list[tuple[str, int]], *, seed: int = 7
) -> tuple[set[str], Counter[str], int]:
    """Return the ids that were answered 200, those in the log, and how often clients had to try again."""
    chance = random.Random(seed)  # noqa: S311 - the same moments each time
    clients = [Client(server, name) for name in ("a", "b")]
    stop = threading.Event()
    threads = [threading.Thread(target=each.run, args=(stop,)) for each in clients]
    server.start().wait_until_ready()
    for thread in threads:
        thread.start()
    for step, count in kills:
        server.kill()
        server.start(step=step, count=count)
        if not step:
            server.wait_until_ready()
            time.sleep(chance.uniform(0.0, 0.3))
        else:
            assert server.wait_for_death(30), step
    server.kill()
    server.start().wait_until_ready()
    stop.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    server.kill()
    acknowledged = set().union(*(each.acknowledged for each in clients))
    return acknowledged, ids_in(path), sum(each.retries for each in clients)


def test_a_few_kills_lose_nothing_and_double_nothing(forge: Forge, path: Path) -> None:
    """Before the transaction, inside, right after its commit, and whenever."""
    kills = [("begun", 2), ("appended", 3), ("committed", 2), ("told", 2), ("", 0)]
    acknowledged, stored, retries = lived_through(IngestServer(forge, str(path)), path, kills)
    assert acknowledged
    assert retries
    assert acknowledged <= stored.keys()
    assert max(stored.values()) == 1


def test_a_writer_that_answers_before_its_commit_is_found_out(forge: Forge, path: Path) -> None:
    """The same kills with such a writer lose what was answered: the proof can fail."""
    kills = [("", 0)] * 5
    acknowledged, stored, _ = lived_through(IngestServer(forge, str(path), early=True), path, kills)
    assert acknowledged - stored.keys()


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing_and_double_nothing(forge: Forge, path: Path) -> None:
    """140 at random moments and five at each of twelve steps."""
    kills = [("", 0)] * 140 + [(step, count) for step in STEPS for count in range(1, 6)]
    random.Random(1).shuffle(kills)  # noqa: S311
    acknowledged, stored, retries = lived_through(IngestServer(forge, str(path)), path, kills)
    print(f"{len(kills)} kills, {len(acknowledged):,} predictions answered 200, {retries:,} retries")  # noqa: T201
    assert acknowledged <= stored.keys()
    assert max(stored.values()) == 1


@pytest.mark.slow
def test_a_server_is_ready_again_within_three_seconds(forge: Forge, path: Path) -> None:
    """A new process over a log that a killed one left behind, from its start until it answers; Python included."""
    server = IngestServer(forge, str(path)).start()
    server.wait_until_ready()
    server.post(orjson.dumps(body(*map(row, range(1000)))))
    server.kill()
    took = []
    for _ in range(3):
        program = (
            "import sys; from tests.api.ingest_server import _serve;"
            "_serve(sys.argv[1], int(sys.argv[2]), early=False, step='', count=0)"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(path), str(server.port)], cwd=Path(__file__).parents[2]
        )
        took.append(server.wait_until_ready())
        process.kill()
        process.wait()
    print(f"ready after {sorted(took)[1]:.2f} s (median of 3)")  # noqa: T201
    assert min(took) <= 3
