"""What a process has counted and not yet written: requests ended, requests under way. Nothing here waits for a lock."""

import contextlib
import threading
from collections import deque
from collections.abc import Callable

from driftboard.data.intake import Marker
from driftboard.data.tally import Tally

MAX_EVENTS = 200_000
"""Requests that wait to be counted: a minute's of 3,300 a second, while a write hangs."""

MAX_JOB_BYTES = 64 * 2**20
"""Of requests and answers kept for `predictions=` until they are read."""

REJECTED = "-"
"""In the place of an error: it was the caller's own fault, or the caller is gone."""

Event = tuple[float, float, int, str | None]
"""A request: its end by `perf_counter`, its duration in seconds, its predictions, its error or None."""

Job = Callable[[], None]


class Live:
    """Of one process; the child of a fork gets its own, and a request that began before it is the parent's.

    Attributes
    ----------
    events
        Requests that have ended.
    active
        One item for each request under way: appending and taking away are steps that no thread can divide.
    peak, peaks
        Of how many requests a beginning one need not tell; the new peaks since then.
    room
        How many events may wait; 0 once the meter is closed.
    asleep
        Until the meter's thread of this process was started.
    dropped, unread
        Requests that were not counted, bodies that were not read: there was no room.
    """

    __slots__ = (
        "_awaited",
        "_counting",
        "active",
        "asleep",
        "dropped",
        "events",
        "job_bytes",
        "jobs",
        "markers",
        "peak",
        "peaks",
        "room",
        "unread",
    )  # fmt: skip

    def __init__(self) -> None:
        self.events: deque[Event] = deque()
        self.active: list[None] = []
        self.peak = 0
        self.peaks: deque[int] = deque()
        self.room = MAX_EVENTS
        self.asleep = True
        self.dropped = Tally()
        self.unread = Tally()
        self.jobs: deque[tuple[Job, int]] = deque()
        self.job_bytes = 0
        self.markers: deque[Marker] = deque()
        self._counting = threading.Lock()
        self._awaited = threading.Lock()
        self._awaited.acquire()

    def keep(self, job: Job, size: int) -> bool:
        """Keep a job for the meter's thread, as long as there is room; return whether there was."""
        with self._counting:
            fits = self.room > 0 and self.job_bytes + size <= MAX_JOB_BYTES
            self.job_bytes += size if fits else 0
        if fits:
            self.jobs.append((job, size))
        else:
            self.unread.add()
        return fits

    def next_job(self) -> Job:
        """Take the oldest job."""
        job, size = self.jobs.popleft()
        with self._counting:
            self.job_bytes -= size
        return job

    def highest(self) -> int:
        """Return the most requests that were under way at once since the last time, and begin anew."""
        self.peak = 0
        peaks = [self.peaks.popleft() for _ in range(len(self.peaks))]
        now = len(self.active)
        self.peaks.append(now)  # what is under way is so in the next stretch of time, too
        return max(peaks, default=now)

    def nudge(self) -> None:
        """Wake the meter's thread; this releases a lock and never acquires one: a signal's handler may call it."""
        if self._awaited.locked():
            with contextlib.suppress(RuntimeError):  # another thread was faster
                self._awaited.release()

    def wait(self, seconds: float) -> None:
        """Wait for a nudge: the meter's side."""
        self._awaited.acquire(timeout=seconds)
