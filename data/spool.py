"""The spool: an append-only file per process that holds what `log()` was given until it is committed.

File: a preamble of 32 bytes (magic, then how far it is committed, with a checksum), two copies of the origin as records
(model, task, window), then one record per call of `log()`. The process that writes it holds a lock on it (`flock`), so
that recovery never touches the file of a living one.
"""

import contextlib
import errno
import os
import secrets
import struct
import time
import zlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from driftboard.data.entries import Origin, encode_origin
from driftboard.data.spool_record import HEAD_SIZE, MAX_PAYLOAD, Scan, encode_record, scan
from driftboard.errors import StoreError

SUFFIX = ".spool"
PREAMBLE = 32
_FILE_MAGIC = b"\xffdrfspool1\n"
_MARK = struct.Struct("<QI")
_MARK_AT = len(_FILE_MAGIC)
_CHUNK = 2**20
_POSTGRES = "postgres"


class Retired(Exception):  # noqa: N818 - a sign to the writer, not an error
    """The file takes no more records: there is a newer one."""


class SpoolFile:
    """One spool file, open and locked.

    `append` may be called by any thread, without a lock: the kernel orders the writes. The other methods belong to the
    one thread that reads.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.position = _committed(descriptor)
        self.torn = 0
        self._descriptor = descriptor
        self._appending = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        self._writers: deque[None] = deque()
        self._retired = False

    @classmethod
    def create(cls, folder: Path, origin: Origin) -> Self:
        """Make a new file in `folder`, for this user only.

        Raises
        ------
        OSError
            The disk is full, or cannot be written.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{_process_name()}-{secrets.token_hex(4)}{SUFFIX}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            begin = (_FILE_MAGIC + _mark(PREAMBLE)).ljust(PREAMBLE, b"\0") + encode_record(encode_origin(origin)) * 2
            _begin(descriptor, begin)
            return cls(path, descriptor)
        except BaseException:
            path.unlink(missing_ok=True)
            os.close(descriptor)
            raise

    @classmethod
    def adopt(cls, path: Path) -> Self | None:
        """Open the file of a process that is gone; None when it lives, or another process has adopted the file."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            if lock(descriptor) and _linked(descriptor):
                return cls(path, descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        return None

    def append(self, payload: bytes) -> None:
        """Write one record: when this returns, it survives the death of the process (L1), though not of the machine.

        Raises
        ------
        OSError
            The disk is full or failing; what was written of the record will be skipped.
        Retired
            Use the newer file.
        """
        record = encode_record(payload)
        self._writers.append(None)  # before the look at `_retired`: see `retire`
        try:
            if self._retired:
                raise Retired
            if os.write(self._appending, record) != len(record):
                raise OSError(errno.ENOSPC, "the disk is full")
        finally:
            self._writers.pop()

    def retire(self) -> bool:
        """Take no more records; return whether all that were being written have been.

        A writer counts itself before it looks whether the file is retired; so once it is, and no writer is counted,
        none will write to it again.
        """
        self._retired = True
        return not self._writers

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return os.fstat(self._descriptor).st_size

    def read(self) -> Scan:
        """Return the next whole records from `position` on; none when there are none yet."""
        length = _CHUNK
        while True:
            data = os.pread(self._descriptor, length, self.position)
            found = scan(data)
            if found.payloads or len(data) < length:
                return found
            if length > 2 * (MAX_PAYLOAD + HEAD_SIZE):
                return Scan([], length - MAX_PAYLOAD - HEAD_SIZE, length - MAX_PAYLOAD - HEAD_SIZE)
            length *= 2

    def mark(self, found: Scan) -> None:
        """Remember that these records are committed, so that recovery begins behind them."""
        self.position += found.end
        self.torn += found.torn
        with contextlib.suppress(OSError):  # then recovery writes them again, which changes nothing
            os.pwrite(self._descriptor, _mark(self.position), _MARK_AT)

    def close(self) -> None:
        """Let go of the file; what is in it stays, for recovery. A second time changes nothing."""
        self._retired = True
        if self._descriptor >= 0:
            os.close(self._appending)
            os.close(self._descriptor)
            self._appending = self._descriptor = -1

    def remove(self) -> None:
        """Delete the file, all of which is committed."""
        self.path.unlink(missing_ok=True)
        self.close()


def spool_folder(where: Path | str) -> Path:
    """Return the folder of the spools of a log: `spool` beside its file; for a server, in the data directory here."""
    if isinstance(where, str):
        if where.startswith(_POSTGRES):
            return Path("driftboard-data").resolve() / "spool"
        where = where.removeprefix("sqlite:///")
    return Path(where).resolve().parent / "spool"


def spool_files(folder: Path) -> Iterator[Path]:
    """Yield the spool files there are, the oldest first."""
    found = []
    for path in folder.glob(f"*{SUFFIX}"):
        with contextlib.suppress(FileNotFoundError):
            found.append((path.stat().st_mtime, path))
    yield from (path for _, path in sorted(found))


def lock(descriptor: int) -> bool:
    """Lock the file for as long as this process lives and keeps it open; False when another process does."""
    try:
        import fcntl  # noqa: PLC0415 - Windows has none, and needs none to log without a spool
    except ImportError:
        raise StoreError("a spool needs flock, which this system lacks: PredictionLogger(..., spool=False)") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _begin(descriptor: int, begin: bytes) -> None:
    if not lock(descriptor) or os.write(descriptor, begin) != len(begin) or not _linked(descriptor):
        raise OSError(errno.ENOSPC, "the spool file cannot be begun")


def _linked(descriptor: int) -> bool:
    """Whether the file still has a name: recovery may have removed it between opening and locking."""
    return os.fstat(descriptor).st_nlink > 0


def _mark(position: int) -> bytes:
    return _MARK.pack(position, zlib.crc32(position.to_bytes(8, "little")))


def _committed(descriptor: int) -> int:
    """Return where the first record is that is not known to be committed."""
    preamble = os.pread(descriptor, PREAMBLE, 0)
    if len(preamble) == PREAMBLE:
        position, checksum = _MARK.unpack_from(preamble, _MARK_AT)
        if zlib.crc32(position.to_bytes(8, "little")) == checksum and position >= PREAMBLE:
            return int(position)
    return min(PREAMBLE, len(preamble))


def _process_name() -> str:
    """Return a name for this process that no other has, before or after: boot, pid, and when it was started."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]
        started = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError):  # not Linux
        boot, started = "boot", str(time.time_ns())
    return f"{boot}-{os.getpid()}-{started}"
