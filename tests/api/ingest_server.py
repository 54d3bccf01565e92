"""Servers of the API as processes of their own, which can be told at which step to be killed.

A forge has everything imported and forks a server whenever one is asked for: hundreds of them need not start Python.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Self

from driftboard.api import ingest, writer
from driftboard.api.serve import serve
from driftboard.config import Settings
from driftboard.data import open_store, predictions

STEPS = ("asked", "read", "begun", "registered", "laid out", "appended", "recorded", "attached", "written", "done",
         "committed", "told")  # fmt: skip
"""From the first look at the rows of a request to its answer; `committed` is after the commit, before the answer."""

_ROOT = Path(__file__).parents[2]


class Forge:
    """Starts servers by forking; ends with the block."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.api.ingest_server"]
        self._process = subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def fork(self, **task: Any) -> int:
        """Return the process id of a new server."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


class IngestServer:
    """A server on a port of its own; started as often as it was killed."""

    def __init__(self, forge: Forge, place: str, *, early: bool = False) -> None:
        self.port = _free_port()
        self.pid = 0
        self._forge = forge
        self._task = {"place": place, "port": self.port, "early": early}

    def start(self, *, step: str = "", count: int = 1) -> Self:
        """Start it, to be killed when it comes to `step` for the `count`th time."""
        self.pid = self._forge.fork(**self._task, step=step, count=count)
        return self

    def wait_until_ready(self, seconds: float = 60.0) -> float:
        """Return how many seconds it took until it answers."""
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            try:
                self.post(b"{}")
            except (OSError, HTTPException):
                time.sleep(0.02)
            else:
                return time.monotonic() - start
        raise TimeoutError("the server does not answer")

    def kill(self) -> None:
        """Kill it with -9, if it is not dead yet, and wait until it is."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        assert self.wait_for_death(10)

    def wait_for_death(self, seconds: float) -> bool:
        """Return whether it was killed within that time."""
        end = time.monotonic() + seconds
        while Path(f"/proc/{self.pid}").exists():
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
        return True

    def post(self, body: bytes, *, path: str = "/v1/predictions", **headers: str) -> tuple[int, bytes]:
        """Return status and body of the answer to a request on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"} | headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def memory(self) -> int:
        """Return the bytes that it needs now."""
        return self._status("VmRSS")

    def most_memory(self) -> int:
        """Return the most bytes that it needed since it was started, or since `forget_most_memory`."""
        return self._status("VmHWM")

    def forget_most_memory(self) -> None:
        """Let `most_memory` begin anew."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def _status(self, name: str) -> int:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _forge() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are buried by the system
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _serve(**json.loads(line))
            os._exit(0)
        print(pid, flush=True)  # noqa: T201 - it is how the forge answers
    os._exit(0)  # there is nothing to be cleared up


def _serve(place: str, port: int, *, early: bool, step: str, count: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if early:
        _answer_early()
    _install_steps(step, count)
    with open_store(place) as store:
        serve(store, Settings(), host="127.0.0.1", port=port, say=lambda _: None)


def _install_steps(step: str, count: int) -> None:
    """Put a look at the step in front of, or behind, what the server does there."""
    left = [count]

    def at(name: str) -> None:
        if name == step:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    _around(ingest, "read_rows", before=lambda: at("asked"), after=lambda: at("read"))
    _around(ingest, "_register", before=lambda: at("begun"), after=lambda: at("registered"))
    _around(predictions, "lay_out", after=lambda: at("laid out"))
    _around(predictions, "append", after=lambda: at("appended"))
    _around(predictions, "record_schema", after=lambda: at("recorded"))
    _around(predictions, "attach", after=lambda: at("attached"))
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
    _forge()
