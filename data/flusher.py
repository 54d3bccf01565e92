"""The flusher: the one thread of a logger that writes to the store, and tries again until it has."""

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from driftboard.data.entries import Entry, Origin, Refused, decode_entry, encode_entry
from driftboard.data.intake import Intake, Marker
from driftboard.data.plain import safe_repr
from driftboard.data.sink import Counts, Sink, Work
from driftboard.data.spool import SpoolFile
from driftboard.data.spool_recovery import orphans, recovered, rows_of

_TAKE = 5_000
_FIRST_DELAY, _LAST_DELAY = 0.05, 1.0
_WARN_SECONDS = 60.0
_DONE = object()

log = logging.getLogger(__name__)


class _GiveUp(BaseException):
    """The logger was closed while the store could not be written."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What the flusher has done so far; replaced as a whole, so that a reader sees a state that was."""

    counts: Counts = field(default_factory=Counts)
    recovered: Counts = field(default_factory=Counts)
    last_error: str | None = None


class Flusher:
    """Takes rows out of an intake and writes them; see `PredictionLogger` for the promises it keeps."""

    WHAT = "predictions"

    def __init__(self, where: Path | str, intake: Intake, *, interval: float) -> None:
        self.intake = intake
        self.progress = Progress()
        self.thread: threading.Thread | None = None
        self._interval = interval
        self._sink = Sink(where)
        self._begin()

    def start(self) -> None:
        """Open the spool and start the thread, once; the first `log()` of each process does."""
        with self._starting:
            if self.thread is None and not self.intake.closed:
                self.intake.open_file()
                thread = threading.Thread(target=self._run, name="driftboard-flusher", daemon=True)
                thread.start()
                self.thread = thread
                self.intake.asleep = False

    def begin_anew(self) -> None:
        """In the child of a fork: what is on its way belongs to the parent."""
        self.intake.begin_anew()
        self._sink.forget()
        if self._adopted is not None:
            self._adopted.close()  # or this process would hold its lock beyond the parent's end
        self.thread = None
        self.progress = Progress()
        self._begin()

    def mark(self) -> Marker:
        """Return a marker that is set when all that was logged before it is durable."""
        marker = Marker()
        if self.thread is None or self._all_written:
            marker.set()
        else:
            self.intake.buffer.append(marker)
            self.intake.nudge()
        return marker

    def stop(self, deadline: float) -> bool:
        """Take no more rows, write what there is until `deadline` (monotonic); return whether all is written."""
        self.intake.shut()
        self._stopping = True
        self.intake.nudge()
        if self.thread is None:
            return True
        self.thread.join(max(0.0, deadline - time.monotonic()))
        self._gave_up.set()
        self.thread.join(_LAST_DELAY)
        return self._all_written

    @property
    def buffered(self) -> int:
        """Rows in memory, those being written included."""
        return len(self.intake.buffer) + len(self._in_hand)

    @property
    def last_error(self) -> str | None:
        """Why the latest write failed; None when it did not."""
        return self.progress.last_error

    def _begin(self) -> None:
        self.writing = threading.Lock()  # see `exits.Buffered`
        self._starting = threading.Lock()
        self._gave_up = threading.Event()
        self._stopping = self._all_written = False
        self._in_hand: list[Any] = []
        self._recovery = self._recover()
        self._adopted: SpoolFile | None = None
        self._warned_at = -_WARN_SECONDS
        self._told = (0, 0)

    def _run(self) -> None:
        try:
            while not self._stopping:
                self.intake.wait(self._interval)
                try:
                    self._cycle()
                except Exception as error:  # noqa: BLE001 - a spool that cannot be read must not end the flusher
                    self._failed(error)
            self._cycle()
            self._drain_files()  # the files that the first time were still being written to
            self._all_written = True
        except _GiveUp:
            self._leave()
        finally:
            self._end()

    def _cycle(self) -> None:
        """Write what there is now, then tell those who wait for it."""
        self.intake.open_file()
        self.intake.renew_ids()  # they are in the order of time from one cycle to the next
        markers = list(self._drain_buffer())
        self._drain_files()
        for marker in markers:
            marker.set()
        if not self._stopping and next(self._recovery, _DONE) is not _DONE:
            self.intake.nudge()  # there is more to recover: come back at once
        self._warn_of_drops()

    def _drain_buffer(self) -> Iterator[Marker]:
        left = len(self.intake.buffer)
        while left:
            taken = [self.intake.buffer.popleft() for _ in range(min(left, _TAKE))]
            left -= len(taken)
            self._in_hand += [row for row in taken if not isinstance(row, Marker)]
            self._write([_row(row) for row in self._in_hand], self.intake.origin)
            self._in_hand = []
            yield from (row for row in taken if isinstance(row, Marker))

    def _drain_files(self) -> None:
        self.intake.rotate()
        for file in list(self.intake.files):
            done = file is not self.intake.file and file.retire()
            self._drain_file(file, file.size)
            if done:
                self.intake.files.remove(file)
                file.remove()

    def _drain_file(self, file: SpoolFile, size: int) -> None:
        while file.position < size and (found := file.read()).end:
            self._write(rows_of(found), self.intake.origin)
            file.mark(found)

    def _write(self, rows: list[Entry | Refused], origin: Origin, *, recovering: bool = False) -> None:
        for work in self._sink.work(rows, origin):
            done = self._insist(work)
            last = self.progress
            self.progress = Progress(
                last.counts if recovering else last.counts + done,
                last.recovered + done if recovering else last.recovered,
            )

    def _insist(self, work: Work) -> Counts:
        """Do it again until it is done, for ever, unless the logger is closed meanwhile."""
        delay = _FIRST_DELAY
        while True:
            try:
                with self.writing:
                    return work()
            except Exception as error:  # noqa: BLE001 - whatever it is, the rows must not be lost to it
                self._failed(error)
            if self._gave_up.wait(delay):
                raise _GiveUp
            delay = min(delay * 2, _LAST_DELAY)

    def _failed(self, error: Exception) -> None:
        reason = str(error) or type(error).__name__
        self.progress = Progress(self.progress.counts, self.progress.recovered, reason)
        self._warn(reason)

    def _warn_of_drops(self) -> None:
        dropped, unspooled = self.intake.dropped.value, self.intake.spool_failures.value
        if (dropped, unspooled) != self._told:
            self._told = (dropped, unspooled)
            why = self.intake.spool_error or "full"
            self._warn(f"{dropped} predictions dropped, {unspooled} not spooled so far ({why})")

    def _warn(self, reason: str) -> None:
        """Tell the service's log, once a minute at most."""
        if time.monotonic() - self._warned_at > _WARN_SECONDS:
            self._warned_at = time.monotonic()
            waiting = self.buffered, self.intake.spooled_bytes
            log.warning("%s; %d predictions wait in memory, %d bytes in the spool", reason, *waiting)

    def _recover(self) -> Iterator[None]:
        """Yield after each chunk written for a process that is gone."""
        if self.intake.folder is None:
            return
        for file in orphans(self.intake.folder):
            self._adopted = file
            yield from recovered(file, lambda rows, origin: self._write(rows, origin, recovering=True))
            yield

    def _leave(self) -> None:
        """Leave to the next start what could not be written: in a spool, if there is to be one."""
        rows = [row for row in [*self._in_hand, *self.intake.buffer] if not isinstance(row, Marker)]
        self._in_hand = []
        self.intake.buffer.clear()
        kept = self._spool_left([row if isinstance(row, bytes) else encode_entry(row) for row in rows])
        for _ in rows[kept:]:
            self.intake.dropped.add()

    def _spool_left(self, payloads: list[bytes]) -> int:
        """Return how many of the rows are in a spool now."""
        if self.intake.folder is None or not payloads:
            return 0
        kept = 0
        try:
            file = SpoolFile.create(self.intake.folder, self.intake.origin)
            self.intake.files.append(file)
            for payload in payloads:
                file.append(payload)
                kept += 1
        except OSError as error:
            log.warning("%s; what was left in memory is lost", error)
        return kept

    def _end(self) -> None:
        for file in self.intake.files:
            if file.retire():
                file.close()
        self.intake.files = []
        self._sink.close()


def _row(row: Any) -> Entry | Refused:
    try:
        return decode_entry(row if isinstance(row, bytes) else encode_entry(row))
    except Exception as error:  # noqa: BLE001 - one row must not stand in the way of all others
        return Refused(f"the row cannot be read ({type(error).__name__})", safe_repr(row))
