"""The intake: where `log()` puts a row, in memory or in the spool, without a lock and without waiting for anybody."""

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from driftboard.data.entries import Origin
from driftboard.data.ids import new_ids
from driftboard.data.spool import Retired, SpoolFile
from driftboard.data.spool_record import MAX_PAYLOAD
from driftboard.data.tally import Tally

_LOOK_EVERY = 64
_RESERVE = 64 * 2**20
_RESERVE_SHARE = 10
_PAUSE = 0.05
_IDS_AT_ONCE = 512
_ROTATE_BYTES = 2**20


class Marker(threading.Event):
    """Put between rows by `flush()`: set when all that was logged before it is durable."""


class Intake:
    """Rows on their way from the callers' threads to the flusher's.

    Attributes
    ----------
    buffer
        Rows in memory (tuples, or the bytes of rows the spool had no room for), and markers.
    files
        Spool files, the oldest first; the last one takes the new records while `file` is it. The flusher's alone.
    ids
        Fresh prediction ids; `more_ids` when there are none left.
    taken
        Counts a row, and returns how many there were before.
    asleep
        True until the flusher of this process was started.
    dropped, spool_failures
        Rows for which there was no room anywhere; rows that the spool had no room for.
    """

    def __init__(self, folder: Path | None, origin: Origin, *, max_rows: int, max_spool_bytes: int) -> None:
        self.folder = folder
        self.origin = origin
        self.max_rows = max_rows
        self.max_spool_bytes = max_spool_bytes
        self.buffer: deque[Any] = deque()
        self.files: list[SpoolFile] = []
        self.file: SpoolFile | None = None
        self.closed = False
        self.spool_error: str | None = None
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget everything, without touching what is on disk: the start, and the child of a fork."""
        for file in self.files:
            file.close()
        self.buffer.clear()
        self.files = []
        self.file = None
        self.dropped = Tally()
        self.spool_failures = Tally()
        self.taken = Tally().add
        self.ids: Iterator[str] = iter(())
        self.asleep = True
        self._looks = Tally()
        self._room = True
        self._failed_at = -_PAUSE
        self._awaited = threading.Lock()
        self._awaited.acquire()

    def keep(self, row: Any) -> None:
        """Keep the row in memory (L0); when there are `max_rows` already, drop it, and count it."""
        if len(self.buffer) < self.max_rows:
            self.buffer.append(row)
        else:
            self.dropped.add()

    def spool(self, payload: bytes) -> bool:
        """Write the row to the spool (L1); False when that is not possible now."""
        file = self.file
        while file is not None and len(payload) <= MAX_PAYLOAD:
            try:
                if self._has_room():
                    file.append(payload)
                    return True
            except Retired:
                file = self.file  # there is a newer file, or none
                continue
            except OSError as error:
                self.spool_error = f"the spool {file.path} answered: {error.strerror}"
                self._failed_at = time.monotonic()
            break
        self.spool_failures.add()
        return False

    def more_ids(self) -> str:
        """Make more ids, and return the first; each thread that comes here at the same time makes its own."""
        ids = iter(new_ids(_IDS_AT_ONCE))
        first = next(ids)
        self.ids = ids
        return first

    def renew_ids(self) -> None:
        """Make new ids, so that those used from now on are ordered behind those used before."""
        self.ids = iter(new_ids(_IDS_AT_ONCE))

    def nudge(self) -> None:
        """Wake the flusher; this releases a lock and never acquires one."""
        if self._awaited.locked():
            with contextlib.suppress(RuntimeError):  # another thread was faster
                self._awaited.release()

    def wait(self, seconds: float) -> None:
        """Wait for a nudge: the flusher's side."""
        self._awaited.acquire(timeout=seconds)

    def open_file(self) -> None:
        """Make sure that there is a file to append to, if there is to be one and room for it."""
        if self.file is None:
            self._open_next()

    def rotate(self) -> None:
        """Retire a file that has become long, or that had no room: it is deleted once all of it is committed.

        The next file is there before the last one goes, so that no row falls between them; but where there is no room,
        the last one has to go first.
        """
        if self.file is None:
            return
        if time.monotonic() - self._failed_at < _PAUSE or not self._room:
            self.file = None
        elif self.file.size > _ROTATE_BYTES:
            self._open_next()

    def _open_next(self) -> None:
        if self.folder is None or self.closed:
            return
        try:
            file = SpoolFile.create(self.folder, self.origin)
        except OSError as error:
            self.spool_error = f"no spool in {self.folder}: {error.strerror}"
            return
        self.files.append(file)
        self.file = file
        if self.closed:  # meanwhile, by another thread
            self.file = None

    def shut(self) -> None:
        """Take no more rows."""
        self.closed = True
        self.max_rows = 0
        self.file = None

    @property
    def spooled_bytes(self) -> int:
        """Bytes in the spool that are not known to be committed."""
        return sum(max(0, file.size - file.position) for file in list(self.files))

    def _has_room(self) -> bool:
        """Whether the spool may grow: the database needs room of its own to take over what is in the spool."""
        if self._looks.add() % _LOOK_EVERY == 0:
            self._room = self._look()
        return self._room and time.monotonic() - self._failed_at > _PAUSE

    def _look(self) -> bool:
        if self.folder is None or self.spooled_bytes > self.max_spool_bytes:
            return False
        disk = os.statvfs(self.folder)
        free, total = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
        return free > min(_RESERVE, total // _RESERVE_SHARE)
