"""Backup and restore of the embedded database: one consistent snapshot, verified before it counts."""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from driftboard.data.new_file import new_file, put_in_place
from driftboard.data.sqlite import BUSY_SECONDS, check_ours
from driftboard.data.store import open_store_read_only
from driftboard.data.verify import damaged_blocks, damaged_references
from driftboard.errors import StoreError


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A verified backup.

    Attributes
    ----------
    rows
        Table to number of rows.
    sha256
        Of the file, in hexadecimal.
    """

    path: Path
    size: int
    rows: dict[str, int]
    sha256: str


def back_up(source: Path, target: Path, *, force: bool = False) -> Snapshot:
    """Copy the database while it is written to; the copy counts once it was read back and found whole.

    Parameters
    ----------
    force
        Replace a file that is there.

    Raises
    ------
    StoreError
        There is no database, the target exists or cannot be written, or the copy is not whole; then no file is left.
    """
    check_ours(source)
    if target.exists() and target.samefile(source):
        raise StoreError(f"{target} is the database itself")
    with new_file(target, force=force) as partial:
        rows = _copy(source, partial)
        verify(partial, rows=rows)
        size, digest = partial.stat().st_size, _sha256(partial)
        put_in_place(partial, target)
    return Snapshot(target, size, rows, digest)


def restore(source: Path, path: Path, *, now: datetime) -> Path | None:
    """Put a backup in the place of the database; return where that one went, None when there was none.

    The database in place is moved aside under a name of its own, with its write-ahead log; it is never deleted.

    Raises
    ------
    StoreError
        The source is damaged, foreign, newer than this version or itself in use; or the database in place is in use.
        Nothing was changed.
    """
    log = source.with_name(f"{source.name}-wal")
    if log.exists() and log.stat().st_size:
        raise StoreError(f"{source} is in use ({log.name} is beside it), no backup: make one with `driftboard backup`")
    check_ours(source)
    with new_file(path, force=True) as partial:
        _copy_file(source, partial)
        verify(partial, named=source)
        aside = _move_aside(path, now)
        put_in_place(partial, path)
    return aside


def verify(path: Path, *, rows: dict[str, int] | None = None, named: Path | None = None) -> None:
    """Check every page, every row count that is given, and the checksum of every block and reference.

    Raises
    ------
    StoreError
        Something is not as it was written; the text names it, and the file as `named`.
    """
    name = named or path
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        try:
            problems = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
            counted = count_rows(connection)
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{name} is damaged ({error})") from None
    if problems != ["ok"]:
        raise StoreError(f"{name} is damaged ({problems[0]})")
    if rows is not None and rows != counted:
        raise StoreError(f"{name} has other rows than the database had: {_difference(rows, counted)}")
    with _renamed(path, name), open_store_read_only(path) as store, store.read() as opened:
        for damage in (*damaged_blocks(opened), *damaged_references(opened)):
            raise StoreError(f"{name} is damaged: {damage}")


def count_rows(connection: sqlite3.Connection) -> dict[str, int]:
    """Return table to number of rows."""
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
    )
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names.fetchall()}  # noqa: S608 - its own tables


def _copy(source: Path, target: Path) -> dict[str, int]:
    """Copy in one step, inside one read transaction; return the rows of that very snapshot."""
    uri = f"{source.resolve().as_uri()}?mode=rw"
    with (
        closing(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)) as connection,
        closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        try:
            connection.execute("BEGIN")
            rows = count_rows(connection)
            connection.backup(copy)
            connection.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{source} cannot be backed up ({error}): see `driftboard doctor`") from None
    return rows


def _copy_file(source: Path, target: Path) -> None:
    try:
        with source.open("rb") as stream, target.open("r+b") as copy:
            shutil.copyfileobj(stream, copy, 2**20)
    except OSError as error:
        raise StoreError(f"cannot copy {source}: {error.strerror}") from None


def _move_aside(path: Path, now: datetime) -> Path | None:
    if not path.exists():
        return None
    _refuse_in_use(path)
    aside = path.with_name(f"{path.stem}-before-restore-{now:%Y%m%dT%H%M%S%fZ}{path.suffix}")
    for ending in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    return aside


def _refuse_in_use(path: Path) -> None:
    """Only whoever is alone can leave the write-ahead log and come back to it; a damaged file cannot tell."""
    with closing(sqlite3.connect(path, timeout=0.5, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise StoreError(f"{path} is in use: stop the services and dashboards that have it open") from None
        except sqlite3.DatabaseError:
            return


@contextmanager
def _renamed(path: Path, name: Path) -> Iterator[None]:
    """Let an error speak of the file the user knows."""
    try:
        yield
    except StoreError as error:
        raise StoreError(str(error).replace(str(path.resolve()), str(name))) from None


def _difference(wanted: dict[str, int], found: dict[str, int]) -> str:
    names = [name for name in wanted if wanted[name] != found.get(name)]
    return ", ".join(f"{name} {found.get(name, 0)} instead of {wanted[name]}" for name in names)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
