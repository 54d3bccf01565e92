"""Where the database lies: no network drive, a folder that can be written to, and reading where nothing can be."""

import os
import re
import sqlite3
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DisconnectionError

from driftboard.errors import StoreError

MOUNTS = Path("/proc/self/mountinfo")
_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|ncpfs?|afs|ceph|glusterfs|lustre|beegfs|gpfs|davfs\d?"
    r"|fuse\.(sshfs|rclone|s3fs|s3ql|gcsfuse|goofys|mount-s3|glusterfs|ceph|davfs2?|smbnetfs|nfs|curlftpfs|juicefs)"
)
_ESCAPED = re.compile(r"\\([0-7]{3})")


def network_filesystem(path: Path, mounts: str | None = None) -> str | None:
    """Return the type of the network filesystem that `path` lies on; None for a local one, or where none can be told.

    Parameters
    ----------
    path
        Need not exist yet.
    mounts
        The text of `/proc/self/mountinfo`; read by default, where there is one.
    """
    kind = filesystem_type(path, mounts)
    return kind if kind is not None and _NETWORK.fullmatch(kind) else None


def filesystem_type(path: Path, mounts: str | None = None) -> str | None:
    r"""Return the type of the filesystem that `path` lies on; None where it cannot be told.

    >>> filesystem_type(Path("/srv/a b/x"), "1 0 0:1 / / rw - ext4 d rw\n2 1 0:2 / /srv/a\\040b rw - nfs4 h:/ rw")
    'nfs4'
    """
    if mounts is None:
        try:
            mounts = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return None
    place = path.resolve()
    found = [(len(point.parts), kind) for point, kind in _mount_points(mounts.splitlines()) if _lies_in(place, point)]
    return max(enumerate(found), key=lambda each: (each[1][0], each[0]))[1][1] if found else None  # the last one wins


def refuse_network(path: Path) -> None:
    """Refuse a network drive: its locks cannot be trusted, and the write-ahead log needs shared memory.

    Raises
    ------
    StoreError
        `path` lies on one.
    """
    kind = network_filesystem(path)
    if kind is not None:
        raise StoreError(
            f"{path} lies on a network filesystem ({kind}), where SQLite loses data: "
            "put store.data_dir on a local disk, or use PostgreSQL"
        )


def refuse_read_only(path: Path) -> None:
    """Refuse a folder in which no file can be made: the write-ahead log goes beside the database.

    Raises
    ------
    StoreError
        The filesystem is read-only, or the folder may not be written to.
    """
    try:
        number, name = tempfile.mkstemp(prefix=".driftboard-", dir=path.parent)
        os.close(number)
        Path(name).unlink()
    except OSError as error:
        raise StoreError(f"cannot write to the folder {path.parent}: {error.strerror}") from None


class ReadingConnection(sqlite3.Connection):
    """A connection for reading; `stamp` is the state of a file that was taken to be unchanging, else None."""

    stamp: tuple[int, int] | None = None


def open_reader(path: Path, *, timeout: float = 60.0) -> ReadingConnection:
    """Open the database for reading only, also where the folder is read-only and no writer has left its index.

    There SQLite cannot open a database with a write-ahead log in the ordinary way; it is then read as a file that does
    not change (`immutable`), which `drop_outdated` makes true.

    Raises
    ------
    StoreError
        Rows wait in a write-ahead log that cannot be read here: reading without them would show an older state.
    """
    connection = _connect(path, "mode=ro", timeout)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
        return _open_frozen(path, timeout)
    return connection


def drop_outdated(connection: Any, _record: Any, _proxy: Any) -> None:
    """Refuse a pooled connection whose file has changed since it was opened (a `checkout` listener)."""
    stamp = getattr(connection, "stamp", None)
    if stamp is not None and stamp != _stamp(_file_of(connection)):
        raise DisconnectionError("the database file has changed")


def _open_frozen(path: Path, timeout: float) -> ReadingConnection:
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        raise StoreError(
            f"{path} cannot be read here: its newest rows are in {log.name}, in a folder that is read-only"
        )
    connection = _connect(path, "immutable=1", timeout)
    connection.stamp = _stamp(path)
    return connection


def _connect(path: Path, mode: str, timeout: float) -> ReadingConnection:
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?{mode}",
        uri=True,
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,
        factory=ReadingConnection,
    )


def _file_of(connection: sqlite3.Connection) -> Path:
    return Path(connection.execute("PRAGMA database_list").fetchone()[2])


def _stamp(path: Path) -> tuple[int, int]:
    state = path.stat()
    log = path.with_name(f"{path.name}-wal")
    return state.st_mtime_ns, state.st_size + (log.stat().st_size if log.exists() else 0)


def _mount_points(lines: Iterable[str]) -> Iterable[tuple[Path, str]]:
    """Yield mount point and type: `ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [FIELDS] - TYPE SOURCE OPTIONS`."""
    for line in lines:
        left, dash, right = line.partition(" - ")
        if dash and len(left.split()) > 4:  # noqa: PLR2004 - the fifth field
            point = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), left.split()[4])
            yield Path(point), right.split()[0]


def _lies_in(place: Path, folder: Path) -> bool:
    return place == folder or folder in place.parents
