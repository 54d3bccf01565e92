"""Runs the parts of driftboard together: API, dashboard, worker with dispatcher, each a process of its own.

One that dies is started again, after a pause that grows while it keeps dying; so a page that hangs or a request that
takes all memory costs no judgement and no message. One that refuses to start ends all: somebody has to read why.
"""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from driftboard.config import Settings
from driftboard.errors import DriftboardError
from driftboard.serve_dashboard import environment
from driftboard.web_address import address_of

REFUSED = 2
"""The exit code of a part that cannot work as it is configured."""

STOP_SECONDS = 15.0
START_SECONDS = 60.0
_POLL = 0.2
_FIRST_PAUSE, _LAST_PAUSE = 1.0, 60.0
_STEADY_SECONDS = 60.0
_REFUSAL_SECONDS = 10.0


@dataclass
class Part:
    """One part and the process it runs in.

    Attributes
    ----------
    name
        What people call it.
    arguments
        Of the command line, after `driftboard`.
    ready
        The address that answers once it works; empty: nobody can ask it.
    """

    name: str
    arguments: Sequence[str]
    ready: str = ""
    process: "subprocess.Popen[bytes] | None" = None
    first_at: float = 0.0
    started_at: float = 0.0
    pause: float = _FIRST_PAUSE
    again_at: float = field(default=0.0)

    def start(self, variables: dict[str, str]) -> None:
        """Start it, in a session of its own: Ctrl-C comes to the supervisor, which passes it on."""
        command = [sys.executable, "-m", "driftboard", *self.arguments]
        self.process = subprocess.Popen(  # noqa: S603 - our own command line
            command, env=variables, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.started_at = time.monotonic()
        self.first_at = self.first_at or self.started_at

    @property
    def refused(self) -> bool:
        """Whether it ended at once, and as what it is configured to do cannot be done."""
        return self.code == REFUSED and time.monotonic() - self.first_at < _REFUSAL_SECONDS

    @property
    def code(self) -> int | None:
        """How it ended; None while it runs, or was not started."""
        return None if self.process is None else self.process.poll()

    def rest(self) -> float:
        """Return how many seconds to wait before it is started again; longer each time, unless it ran well."""
        if time.monotonic() - self.started_at > _STEADY_SECONDS:
            self.pause = _FIRST_PAUSE
        pause, self.pause = self.pause, min(self.pause * 2, _LAST_PAUSE)
        return pause


def parts_of(settings: Settings, *, interval: float) -> tuple[Part, ...]:
    """Return the parts that `driftboard up` runs."""
    api, page = settings.api, settings.dashboard
    return (
        Part("worker", ("run", "--watch", "--interval", f"{interval:g}")),
        Part("API", ("serve",), f"{address_of(api.host, api.port)}/healthz"),
        Part("dashboard", ("dashboard", "--no-browser"), f"{address_of(page.host, page.port)}/_stcore/health"),
    )


class Supervisor:
    """Runs parts until it is told to stop.

    Parameters
    ----------
    parts
        What to run.
    settings
        What they are to use, handed over in the environment; secrets stay references.
    say
        Told when all of them answer, and of what dies.
    """

    def __init__(self, parts: Sequence[Part], settings: Settings, say: Callable[[str], None]) -> None:
        self._parts = parts
        self._variables = environment(settings, settings.dashboard.base_url)
        self._say = say

    def run(self, stop: threading.Event) -> None:
        """Start everything, and keep it running until `stop` is set.

        Raises
        ------
        DriftboardError
            A part refused to start: it has said why.
        """
        try:
            for part in self._parts:
                part.start(self._variables)
            waiting = [part for part in self._parts if part.ready]
            deadline = time.monotonic() + START_SECONDS
            while not stop.wait(_POLL):
                self._revive()
                if waiting:
                    waiting = [part for part in waiting if not _answers(part.ready)]
                    self._tell(waiting, deadline)
        finally:
            self._end()

    def _tell(self, waiting: Sequence[Part], deadline: float) -> None:
        if not waiting:
            self._say(
                "All of it answers: "
                + ", ".join(f"{each.name} {_root(each.ready)}" for each in self._parts if each.ready)
            )
        elif time.monotonic() > deadline:
            names = " and ".join(part.name for part in waiting)
            raise DriftboardError(f"no answer from {names} within {START_SECONDS:.0f} s")

    def _revive(self) -> None:
        """Start again what died; one that refuses from the beginning is the end of all."""
        for part in self._parts:
            if part.code is None:
                continue
            if part.refused:
                raise DriftboardError(f"the {part.name} refused to start (see the line above)")
            if not part.again_at:
                pause = part.rest()
                part.again_at = time.monotonic() + pause
                self._say(f"The {part.name} ended (exit code {part.code}); it is started again in {pause:g} s.")
            elif time.monotonic() >= part.again_at:
                part.again_at = 0.0
                part.start(self._variables)

    def _end(self) -> None:
        """Ask every part to end in order, and end those that do not."""
        running = [part.process for part in self._parts if part.process is not None and part.process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own parts, on this machine
            return True
    except urllib.error.HTTPError:
        return True  # it answers, if only to say that it is not well
    except (urllib.error.URLError, OSError):
        return False


def _root(address: str) -> str:
    return address.rpartition("/_stcore")[0] or address.rpartition("/")[0]
