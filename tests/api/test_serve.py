"""`driftboard serve` as a process: where it listens, whom it serves, how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from driftboard.api.serve import bound, check_keys
from driftboard.data import ModelKey, get_model, list_batches, open_store
from driftboard.errors import ConfigError
from tests.api.asking import make_key

DRIFTBOARD = (sys.executable, "-m", "driftboard")
PAUSES = """
import gc, os, signal, sys
from driftboard.api.serve import serve
from driftboard.config import Settings
from driftboard.data import open_store

def tell(_):
    print(len(gc.get_objects()), gc.get_freeze_count(), sys.getswitchinterval())
    os.kill(os.getpid(), signal.SIGTERM)

serve(open_store(sys.argv[1]), Settings(), host="127.0.0.1", port=0, say=tell)
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(folder, *arguments: str, stderr: int = subprocess.PIPE) -> Iterator[tuple[subprocess.Popen, str]]:
    """A server over the log in a folder, once it answers; killed at the end if it is still there."""
    port = free_port()
    process = subprocess.Popen(
        [*DRIFTBOARD, "serve", "--port", str(port), *arguments],
        cwd=folder, env=os.environ | {"DRIFTBOARD_STORE__DATA_DIR": str(folder)},
        stdout=subprocess.PIPE, stderr=stderr, text=True,
    )  # fmt: skip
    try:
        line = process.stdout.readline()
        assert "The API is at" in line, process.communicate(timeout=10)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=10)


def ask(url, body=None, **headers: str):
    """Status and JSON of an answer."""
    content = None if body is None else json.dumps(body).encode()
    given = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, content, given), timeout=30) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def rows(start, n):
    """A request with so many predictions."""
    numbers = range(start, start + n)
    made = [{"prediction_id": f"p{each}", "features": {"age": each}, "predicted": "stays"} for each in numbers]
    return {"model": "churn", "batch_id": "b", "predictions": made}


def test_a_server_takes_predictions_and_ends_in_order(tmp_path):
    """What was answered is in the log; SIGTERM ends it with 0 within ten seconds, quietly."""
    with serving(tmp_path) as (process, url):
        assert ask(f"{url}/healthz") == (200, {"status": "ok", "message": "alive"})
        assert ask(f"{url}/v1/predictions", rows(0, 20)) == (200, {"accepted": 20, "duplicates": 0, "rejected": []})
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
        assert (process.returncode, out.strip(), err) == (0, "Stopped.", "")
        assert time.monotonic() - began < 10
    assert counted(tmp_path) == 20


def counted(folder):
    """Predictions in the log."""
    with open_store(folder / "driftboard.sqlite") as store, store.read() as connection:
        return sum(each.n_predictions for each in list_batches(connection, get_model(connection, ModelKey("churn"))))


def test_what_was_answered_under_load_survives_sigterm(tmp_path):
    """Every request that was told 200 while the server was told to stop is in the log, and it ends with 0."""
    stop_under_load(tmp_path)


@pytest.mark.slow
def test_fifty_servers_are_stopped_under_load(tmp_path, capsys):
    """Each ends within ten seconds, and nothing that was answered is lost."""
    longest = 0.0
    for cycle in range(50):
        folder = tmp_path / str(cycle)
        folder.mkdir()
        longest = max(longest, stop_under_load(folder))
    with capsys.disabled():
        print(f"\n50 servers stopped under load, the longest took {longest:.1f} s")  # noqa: T201 - the figure
    assert longest < 10


def stop_under_load(folder):
    """Tell a server to stop while four clients send; return how many seconds it took."""
    told, lock = [], threading.Lock()

    def send(client):
        for number in range(10_000):
            try:
                status, answer = ask(f"{url}/v1/predictions", rows(client * 10**6 + number * 5, 5))
            except (OSError, ValueError):
                return
            with lock:
                told.append(answer.get("accepted", 0) if status == 200 else 0)

    with serving(folder) as (process, url):
        clients = [threading.Thread(target=send, args=(each,)) for each in range(4)]
        for each in clients:
            each.start()
        while len(told) < 20:
            time.sleep(0.01)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
        took = time.monotonic() - began
        for each in clients:
            each.join(30)
        assert (process.returncode, err) == (0, "")
    assert counted(folder) >= sum(told) > 0
    return took


def test_a_port_that_is_taken_is_one_line(tmp_path):
    """Exit 2, the port, and what to do; nothing else."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(tmp_path, "serve", "--port", str(port))
    assert done.returncode == 2
    assert done.stderr == f"error: port {port} on 127.0.0.1 is in use: choose another with --port\n"


def test_other_machines_are_not_served_without_a_key(tmp_path):
    """Exit 2 and one line that says how to make one; a key that was revoked or has expired is none."""
    done = run(tmp_path, "serve", "--host", "0.0.0.0", "--port", str(free_port()))  # noqa: S104 - is refused
    assert done.returncode == 2
    assert "driftboard keys create" in done.stderr
    assert done.stderr.count("\n") == 1


def test_only_an_active_key_lets_other_machines_in(store):
    """Neither an expired nor a revoked one is enough; loopback needs none."""
    check_keys(store, "127.0.0.1")
    make_key(store, "read", name="a", expired=True)
    make_key(store, "read", name="b", revoked=True)
    for host in ("0.0.0.0", "::", "10.1.2.3"):  # noqa: S104 - is refused
        with pytest.raises(ConfigError, match="none is active"):
            check_keys(store, host)
    make_key(store, "read", name="c")
    check_keys(store, "0.0.0.0")  # noqa: S104 - nothing listens


def test_with_a_key_every_address_is_served_to_those_who_have_one(tmp_path):
    """The key that the command printed opens; without it only health does."""
    key = run(tmp_path, "keys", "create", "--name", "scorer", "--scope", "ingest", "--scope", "read").stdout.strip()
    with serving(tmp_path, "--host", "0.0.0.0") as (process, url):  # noqa: S104 - for the length of a test
        assert ask(f"{url}/v1/models")[0] == 401
        assert ask(f"{url}/v1/models", Authorization=f"Bearer {key}") == (200, {"models": []})
        assert ask(f"{url}/v1/predictions", rows(0, 1), X_API_Key=key)[0] == 200
        assert ask(f"{url}/healthz")[0] == 200
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert key not in out + err


def test_an_address_that_is_not_ours_is_one_line():
    """A name that leads nowhere, and an address of another machine."""
    for host in ("no.such.host.invalid", "203.0.113.9"):
        with pytest.raises(ConfigError):
            bound(host, free_port())


def test_no_pause_is_longer_than_it_needs_to_be(tmp_path):
    """What is loaded is out of the garbage collector's sight, and threads take turns of a millisecond."""
    command = [sys.executable, "-c", PAUSES, str(tmp_path / "log.sqlite")]
    in_sight, spared, turn = map(float, subprocess.check_output(command, text=True, timeout=60).split())
    assert spared > 100_000
    assert in_sight < spared / 20
    assert turn == pytest.approx(0.001)


def run(folder, *arguments: str):
    """A command that is over at once."""
    environment = os.environ | {"DRIFTBOARD_STORE__DATA_DIR": str(folder)}
    return subprocess.run(
        [*DRIFTBOARD, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
