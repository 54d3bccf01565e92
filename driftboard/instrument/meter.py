"""The meter: a thread that adds up the requests of a service once a second, and writes their counts.

What has returned, and what it survives: counts are in memory (L0) until the next write, within a second; `kill -9`
loses them. `flush()`, `close()`, SIGTERM and the end of the process write them. A store that is away loses none: they
are kept by the minute and written when it is back. Predictions are not counts: `PredictionLogger` keeps them.
"""

import logging
import threading
import time
from datetime import UTC, datetime
from typing import Protocol

from driftboard.data.intake import Marker
from driftboard.data.process_samples import ProcessSample
from driftboard.data.service_counts import NOTHING, ServiceCounts
from driftboard.instrument.ledger import Ledger
from driftboard.instrument.live import Event, Live
from driftboard.instrument.tallying import Slot, tallied

INTERVAL = 1.0
MAX_MINUTES = 2_880
"""Minutes that are kept in memory while the store is away: two days."""

_RETRY = 0.1
_WARN_SECONDS = 60.0

log = logging.getLogger(__name__)


class Sampled(Protocol):
    """What says what the process uses: `ProcessWatch`."""

    def begin_anew(self) -> None:
        """Measure from now: in the child of a fork."""
        ...

    def sample(self, now: datetime, *, in_progress: int = 0, in_progress_max: int = 0) -> ProcessSample:
        """Return what was used since the last time."""
        ...


class Meter:
    """Counts what its instrument's requests came to; see the module for what it promises.

    Attributes
    ----------
    live
        What is counted and not yet taken.
    counted, lost
        Requests that were written; that were given up because there was no room for more minutes.
    """

    WHAT = "requests"
    _thread: threading.Thread | None

    def __init__(self, ledger: Ledger, process: Sampled | None, *, interval: float = INTERVAL) -> None:
        self.live = Live()
        self._ledger = ledger
        self._process = process
        self._interval = interval
        self._begin()

    def start(self) -> None:
        """Start the thread, once; the first request of each process does. It raises nothing."""
        with self._starting:
            if self._thread is None and self.live.room:
                thread = threading.Thread(target=self._run, name="driftboard-meter", daemon=True)
                try:
                    thread.start()
                except RuntimeError as error:  # no more threads, or the interpreter ends: the next request tries again
                    self._failed(error)
                    return
                self._thread = thread
            self.live.asleep = False

    def begin_anew(self) -> None:
        """In the child of a fork: what was counted belongs to the parent."""
        self._ledger.forget()
        self.live = Live()
        self._begin()
        if self._process is not None:
            self._process.begin_anew()

    def mark(self) -> Marker:
        """Return a marker that is set when all requests that ended before it are written."""
        marker = Marker()
        if self._thread is None or self._all_written:
            marker.set()
        else:
            self.live.markers.append(marker)
            self.live.nudge()
        return marker

    def stop(self, deadline: float) -> bool:
        """Count no more, write what there is until `deadline` (monotonic); return whether all is written."""
        self.live.room = 0
        self._stopping = True
        self.live.nudge()
        if self._thread is None:
            return True
        self._thread.join(max(0.0, deadline - time.monotonic()))
        self._gave_up.set()
        self._thread.join(_RETRY)
        return self._all_written

    @property
    def buffered(self) -> int:
        """Requests that have ended and are not written."""
        kept = list(self._kept.values())
        return len(self.live.events) + len(self._in_hand) + sum(each.total + each.rejected for each in kept)

    @property
    def last_error(self) -> str | None:
        """Why the latest write failed; None when it did not."""
        return self._last_error

    def _begin(self) -> None:
        self.writing = threading.Lock()  # see `exits.Buffered`
        self._starting = threading.Lock()
        self._gave_up = threading.Event()
        self._stopping = self._all_written = False
        self._thread = None
        self._in_hand: list[Event] = []
        self._kept: dict[Slot, ServiceCounts] = {}
        self._samples: list[ProcessSample] = []
        self._unmet: list[Marker] = []
        self._last_error: str | None = None
        self._minute = time.time() // 60
        self._warned_at = -_WARN_SECONDS
        self.counted = self.lost = 0

    def _run(self) -> None:
        while not self._stopping:
            self.live.wait(self._interval)
            self._cycle()
        while not self._cycle():
            if self._gave_up.wait(_RETRY):
                break
        else:
            self._all_written = True
        self._ledger.close()

    def _cycle(self) -> bool:
        """Take what there is and write it; return whether all of it is written."""
        try:
            self._unmet += [self.live.markers.popleft() for _ in range(len(self.live.markers))]
            self._work()
            self._take()
            self._sample()
            self._write()
        except Exception as error:  # noqa: BLE001 - whatever it is, the meter goes on
            self._failed(error)
            return False
        self._last_error = None
        for marker in self._unmet:
            marker.set()
        self._unmet = []
        return True

    def _work(self) -> None:
        """Do the jobs that were kept for this thread; they raise nothing."""
        for _ in range(len(self.live.jobs)):
            self.live.next_job()()

    def _take(self) -> None:
        """Add up the requests that have ended."""
        self._in_hand += [self.live.events.popleft() for _ in range(len(self.live.events))]
        tally = tallied(self._in_hand, ahead=time.time() - time.perf_counter())
        self._in_hand = []
        for slot, counts in tally.items():
            self._kept[slot] = self._kept.get(slot, NOTHING) + counts
        while len(self._kept) > MAX_MINUTES:
            given_up = self._kept.pop(min(self._kept))
            self.lost += given_up.total + given_up.rejected

    def _sample(self) -> None:
        """Look at the process when a minute is full."""
        minute = time.time() // 60
        if minute == self._minute or self._process is None:
            return
        self._minute = minute
        most = self.live.highest()
        sample = self._process.sample(datetime.now(UTC), in_progress=len(self.live.active), in_progress_max=most)
        self._samples = [*self._samples[1 - MAX_MINUTES :], sample]

    def _write(self) -> None:
        if self._kept or self._samples:
            with self.writing:
                self._ledger.write(self._kept, self._samples)
            self.counted += sum(each.total + each.rejected for each in self._kept.values())
            self._kept, self._samples = {}, []

    def _failed(self, error: Exception) -> None:
        self._last_error = str(error) or type(error).__name__
        if time.monotonic() - self._warned_at > _WARN_SECONDS:
            self._warned_at = time.monotonic()
            log.warning("%s; the counts of %d requests wait in memory", self._last_error, self.buffered)
