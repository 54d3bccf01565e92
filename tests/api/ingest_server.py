"""A server of the API as a process of its own, which can be told at which step to be killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self

import uvicorn

from driftboard.api import ingest, writer
from driftboard.config import Settings
from driftboard.data import open_store, predictions
from driftboard.api.app import create_app

STEPS = ("asked", "read", "begun", "registered", "appended", "written", "done", "committed", "told")
"""From the first line of a request to its answer; `committed` is after the commit and before the answer."""

STEP, COUNT, EARLY = "KILLED_AT", "KILLED_AFTER", "ANSWERS_EARLY"
_ROOT = Path(__file__).parents[2]


class IngestServer:
    """A server on a port of its own; started as often as it was killed."""

    def __init__(self, place: str, *, early: bool = False) -> None:
        self.port = _free_port()
        self._place = place
        self._early = early
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        assert self._process is not None
        return self._process.pid

    def start(self, *, step: str = "", count: int = 1) -> Self:
        """Start it, to be killed when it comes to `step` for the `count`th time."""
        environment = os.environ | {STEP: step, COUNT: str(count), EARLY: "1" if self._early else ""}
        command = [sys.executable, "-m", "tests.api.ingest_server", self._place, str(self.port)]
        self._process = subprocess.Popen(command, cwd=_ROOT, env=environment)
        return self

    def wait_until_ready(self, seconds: float = 20.0) -> float:
        """Return how many seconds it took until it answers."""
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            try:
                self.post(b"{}")
            except OSError:
                time.sleep(0.02)
            else:
                return time.monotonic() - start
        raise TimeoutError("the server does not answer")

    def kill(self) -> None:
        """Kill it with -9, if it is not dead yet, and wait until it is."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def wait_for_death(self, seconds: float) -> bool:
        """Return whether it was killed within that time."""
        assert self._process is not None
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def post(self, body: bytes, *, path: str = "/v1/predictions", **headers: str) -> tuple[int, bytes]:
        """Return status and body of the answer to a request on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"} | headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _main(place: str, port: int) -> None:
    _install_steps()
    with open_store(place) as store:
        app = create_app(store, Settings())
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", access_log=False)


def _install_steps() -> None:
    """Put a look at the step in front of, or behind, what the server does there."""
    if os.environ.get(EARLY):
        _answer_early()
    step, left = os.environ.get(STEP, ""), [int(os.environ.get(COUNT) or 1)]

    def at(name: str) -> None:
        if name == step:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    _around(ingest, "read_rows", before=lambda: at("asked"), after=lambda: at("read"))
    _around(ingest, "_register", before=lambda: at("begun"), after=lambda: at("registered"))
    _around(predictions, "append", after=lambda: at("appended"))
    _around(ingest, "write_predictions", after=lambda: at("written"))
    _around(writer.Writer, "_one", after=lambda: at("done"))
    _around(writer, "_tell", before=lambda: at("committed"))
    _around(writer, "_settle", after=lambda: at("told"))


def _around(
    place: Any, name: str, *, before: Callable[[], None] = lambda: None, after: Callable[[], None] = lambda: None
) -> None:
    inner = getattr(place, name)

    def outer(*args: Any, **keywords: Any) -> Any:
        before()
        result = inner(*args, **keywords)
        after()
        return result

    setattr(place, name, outer)


def _answer_early() -> None:
    """Have the writer answer before it commits: what the proof must find out."""

    def in_one(self: writer.Writer, group: list[Any]) -> list[Any]:
        with self._store.write() as connection:
            results = [self._one(connection, each.job) for each in group]
            writer._tell(group, results)
            time.sleep(0.02)
            return results

    writer.Writer._in_one = in_one  # type: ignore[method-assign]


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
