"""Exits: what becomes of what is buffered when the process forks, ends, or is told to end (SIGTERM)."""

import atexit
import contextlib
import logging
import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import Any, Protocol

DRAIN_SECONDS = 10.0
FORK_SECONDS = 5.0
"""A fork waits so long at most for the writes under way; one that takes longer is most likely waiting for a lock."""

log = logging.getLogger(__name__)
_previous: Any = None
_terminated_at: float | None = None


class Buffered(Protocol):
    """Something with a thread that writes what it has in memory: a flusher, or a meter.

    Attributes
    ----------
    WHAT
        What it has, as a message calls it: `predictions`.
    writing
        Held while its thread speaks to the store: no child is to be born then. SQLite would tell the child for ever
        that another connection of its process holds the lock.
    """

    WHAT: str
    writing: threading.Lock

    def mark(self) -> threading.Event:
        """Return what is set when all that it has now is written; this takes no lock."""
        ...

    def stop(self, deadline: float) -> bool:
        """Write what there is until `deadline` (monotonic), and end; return whether all is written."""
        ...

    def begin_anew(self) -> None:
        """In the child of a fork: what it has belongs to the parent."""
        ...

    @property
    def buffered(self) -> int:
        """How much it has in memory."""
        ...

    @property
    def last_error(self) -> str | None:
        """Why the latest write failed."""
        ...


_watched: tuple[list[Buffered], list[Buffered]] = ([], [])
"""Those that may give something to others as they end, and the others; drained and stopped in this order."""


def watch(buffered: Buffered, *, sigterm: bool, feeds: bool = False) -> None:
    """Drain it when the process ends, and begin it anew in the child of a fork.

    SIGTERM is handled where `sigterm` is true and this is the main thread: what there is is drained, at most for ten
    seconds, and then whatever handled the signal before does. What `feeds` others is drained before them.
    """
    _install_once()
    _watched[0 if feeds else 1].append(buffered)
    if sigterm and threading.current_thread() is threading.main_thread():
        _handle_sigterm()


def unwatch(buffered: Buffered) -> None:
    """Forget what has been stopped."""
    for each in _watched:
        if buffered in each:
            each.remove(buffered)


def drain() -> None:
    """Write what there is, ten seconds at most from the first SIGTERM or from now."""
    deadline = (_terminated_at or time.monotonic()) + DRAIN_SECONDS
    for each in _watched[1]:
        each.mark()  # those that are fed are drained below, but need not wait for it
    for watched in _watched:
        waiting = [(each, each.mark()) for each in list(watched)]
        for each, marker in waiting:
            if not marker.wait(max(0.0, deadline - time.monotonic())):
                reason = each.last_error or "the store did not answer in time"
                log.error("%d %s could not be written before the end: %s", each.buffered, each.WHAT, reason)


def _drain_and_stop() -> None:
    drain()
    for watched in _watched:
        for each in list(watched):
            each.stop(time.monotonic() + 1.0)


_installed = False


def _install_once() -> None:
    global _installed  # noqa: PLW0603 - the hooks are the process's, and so is the knowledge of them
    if not _installed:
        atexit.register(_drain_and_stop)
        os.register_at_fork(before=_hold, after_in_parent=_let_go, after_in_child=_begin_anew)
        _installed = True


class _Held(threading.local):
    """What a thread that forks holds meanwhile."""

    def __init__(self) -> None:
        self.locks: list[threading.Lock] = []


_held = _Held()


def _hold() -> None:
    """Before a fork: wait until nobody writes, and let nobody begin."""
    deadline = time.monotonic() + FORK_SECONDS
    for watched in _watched:
        for each in list(watched):
            if each.writing.acquire(timeout=max(0.0, deadline - time.monotonic())):
                _held.locks.append(each.writing)


def _let_go() -> None:
    while _held.locks:
        _held.locks.pop().release()


def _begin_anew() -> None:
    global _terminated_at  # noqa: PLW0603
    _terminated_at = None
    _held.locks.clear()  # they are made anew
    for watched in _watched:
        for each in list(watched):
            each.begin_anew()
    if "multiprocessing.util" in sys.modules:  # its children end by os._exit: no atexit
        from multiprocessing import util  # noqa: PLC0415

        util.register_after_fork(_drain_and_stop, lambda end: util.Finalize(None, end, exitpriority=10))


def _handle_sigterm() -> None:
    global _previous  # noqa: PLW0603
    current = signal.getsignal(signal.SIGTERM)
    if current is not _on_sigterm and current is not None:  # None: set by C code, which we could not call
        _previous = current
        signal.signal(signal.SIGTERM, _on_sigterm)


def _on_sigterm(number: int, frame: FrameType | None) -> None:
    global _terminated_at  # noqa: PLW0603
    if _terminated_at is None:
        _terminated_at = time.monotonic()
    drain()
    if callable(_previous):
        _previous(number, frame)
    elif _previous is signal.SIG_DFL:
        with contextlib.suppress(ValueError):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    else:  # it was ignored: the process lives on, and may be told again
        _terminated_at = None
