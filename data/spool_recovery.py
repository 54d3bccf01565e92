"""Recovering spools: what a process that died had logged and not committed is written by the next one that starts."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from driftboard.data.entries import ORIGIN, Entry, Origin, Refused, decode_entry, decode_origin
from driftboard.data.model_key import ModelKey
from driftboard.data.sink import Counts, Sink
from driftboard.data.spool import PREAMBLE, SpoolFile, lock, spool_files, spool_folder
from driftboard.data.spool_record import Scan, scan

_HEAD_BYTES = 2**20
Write = Callable[[list[Entry | Refused], Origin], None]


@dataclass(frozen=True, slots=True)
class PendingSpool:
    """A spool file with rows that are not known to be committed.

    Attributes
    ----------
    model
        Whose rows they are; None when the file's beginning is damaged: then nobody can tell, and it stays as it is.
    age
        Seconds since it was last written.
    alive
        Whether a living process holds it: then that process is about to flush it.
    """

    path: Path
    model: ModelKey | None
    rows: int
    bytes: int
    age: float
    alive: bool


@dataclass(frozen=True, slots=True)
class Recovery:
    """What `recover_spools` did: how many files are done and removed, and what became of their rows."""

    files: int
    counts: Counts
    torn_bytes: int


def recover_spools(where: Path | str, *, folder: Path | None = None) -> Recovery:
    """Write the rows that dead processes left in their spools; done again, it changes nothing.

    Parameters
    ----------
    where
        The log, as for `open_store`.
    folder
        Of the spools; by default the one `PredictionLogger` uses.

    Raises
    ------
    StoreError
        The log cannot be written; the spools stay as they are.
    """
    sink = Sink(where)
    counts, files, torn = Counts(), 0, 0

    def write(rows: list[Entry | Refused], origin: Origin) -> None:
        nonlocal counts
        for each in sink.work(rows, origin):
            counts += each()

    try:
        for file in orphans(folder or spool_folder(where)):
            for _ in recovered(file, write):
                pass
            files += not file.path.exists()
            torn += file.torn
    finally:
        sink.close()
    return Recovery(files, counts, torn)


def orphans(folder: Path) -> Iterator[SpoolFile]:
    """Yield the spool files whose processes are gone, locked for us."""
    for path in spool_files(folder):
        file = SpoolFile.adopt(path)
        if file is not None:
            yield file


def recovered(file: SpoolFile, write: Write) -> Iterator[None]:
    """Write an adopted file's rows a chunk at a time, yielding between them; with the last one the file is removed.

    In one step with it: whoever stops in between would leave a file behind in which nothing is left to be done. A file
    whose beginning cannot be read is left for somebody to look at.
    """
    try:
        origin = read_origin(file.path)
        if origin is None and file.size > PREAMBLE:
            file.close()
            return
        found = file.read()
        while origin is not None and found.end:
            write(rows_of(found), origin)
            file.mark(found)
            found = file.read()
            if found.end:
                yield
    except BaseException:
        file.close()
        raise
    file.torn += max(0, file.size - file.position)
    file.remove()


def rows_of(found: Scan) -> list[Entry | Refused]:
    """Return the records that are rows: those of the file's beginning are not."""
    return [decode_entry(payload) for payload in found.payloads if not payload.startswith(ORIGIN)]


def pending_spools(folder: Path) -> list[PendingSpool]:
    """Return the spool files in `folder`, the oldest first.

    Parameters
    ----------
    folder
        See `spool_folder`.
    """
    found = []
    for path in spool_files(folder):
        with contextlib.suppress(FileNotFoundError):
            found.append(_pending(path))
    return found


def read_origin(path: Path) -> Origin | None:
    """Return what the file's beginning says; None when both copies of it are damaged."""
    with path.open("rb") as file:
        file.seek(PREAMBLE)
        for payload in scan(file.read(_HEAD_BYTES)).payloads[:2]:
            origin = decode_origin(payload)
            if origin is not None:
                return origin
    return None


def _pending(path: Path) -> PendingSpool:
    origin = read_origin(path)
    size = path.stat().st_size
    rows, committed = _count(path)
    return PendingSpool(
        path=path,
        model=None if origin is None else origin.model,
        rows=rows,
        bytes=max(0, size - committed),
        age=max(0.0, time.time() - path.stat().st_mtime),
        alive=_held(path),
    )


def _count(path: Path) -> tuple[int, int]:
    """Return how many rows are not known to be committed, and the position where they begin."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    file = SpoolFile(path, descriptor)
    try:
        begin, rows = file.position, 0
        while (found := file.read()).end:
            rows += sum(not payload.startswith(ORIGIN) for payload in found.payloads)
            file.position += found.end
        return rows, begin
    finally:
        file.close()


def _held(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return not lock(descriptor)
    finally:
        os.close(descriptor)
