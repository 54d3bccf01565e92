"""Files that are there as a whole or not at all, for this user only."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from driftboard.errors import StoreError

_COMPANIONS = ("", "-wal", "-shm", "-journal")


@contextmanager
def new_file(target: Path, *, force: bool) -> Iterator[Path]:
    """Yield an empty file (mode 0600) in the target's folder, to be filled and renamed; gone at the end otherwise.

    Parameters
    ----------
    force
        The target may be there already.

    Raises
    ------
    StoreError
        It is there, or nothing can be written there.
    """
    if target.exists() and not force:
        raise StoreError(f"{target} exists: choose another name, or --force")
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(f"cannot write {target}: {error.strerror}") from None
    try:
        yield partial
    except OSError as error:
        raise StoreError(f"cannot write {target}: {error.strerror or error}") from None
    finally:
        for ending in _COMPANIONS:
            partial.with_name(partial.name + ending).unlink(missing_ok=True)


def put_in_place(partial: Path, target: Path) -> None:
    """Rename a filled file to its target, durably."""
    _sync(partial)
    partial.replace(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
