"""Exits: what becomes of buffered rows when the process forks, ends, or is told to end (SIGTERM)."""

import atexit
import contextlib
import logging
import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import Any

from driftboard.data.flusher import Flusher

DRAIN_SECONDS = 10.0

log = logging.getLogger(__name__)
_flushers: set[Flusher] = set()
_previous: Any = None
_terminated_at: float | None = None


def watch(flusher: Flusher, *, sigterm: bool) -> None:
    """Drain the flusher when the process ends, and begin it anew in the child of a fork.

    SIGTERM is handled where `sigterm` is true and this is the main thread: the rows are drained, at most for ten
    seconds, and then whatever handled the signal before does.
    """
    if not _flushers:
        _install_once()
    _flushers.add(flusher)
    if sigterm and threading.current_thread() is threading.main_thread():
        _handle_sigterm()


def unwatch(flusher: Flusher) -> None:
    """Forget a flusher that has been stopped."""
    _flushers.discard(flusher)


def drain() -> None:
    """Write what every flusher has, ten seconds at most from the first SIGTERM or from now."""
    deadline = (_terminated_at or time.monotonic()) + DRAIN_SECONDS
    waiting = [(flusher, flusher.mark()) for flusher in list(_flushers)]
    for flusher, marker in waiting:
        if not marker.wait(max(0.0, deadline - time.monotonic())):
            reason = flusher.progress.last_error or "the store did not answer in time"
            log.error("%d predictions could not be written before the end: %s", flusher.buffered, reason)


def _drain_and_stop() -> None:
    drain()
    for flusher in list(_flushers):
        flusher.stop(time.monotonic() + 1.0)


_installed = False


def _install_once() -> None:
    global _installed  # noqa: PLW0603 - the hooks are the process's, and so is the knowledge of them
    if not _installed:
        atexit.register(_drain_and_stop)
        os.register_at_fork(after_in_child=_begin_anew)
        _installed = True


def _begin_anew() -> None:
    global _terminated_at  # noqa: PLW0603
    _terminated_at = None
    for flusher in list(_flushers):
        flusher.begin_anew()
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
