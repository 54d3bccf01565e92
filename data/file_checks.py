"""What `driftboard doctor` looks at without opening the database: the file, its folder, the disk, the spools."""

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from driftboard.data.check import Check, critical, ok, size, warning
from driftboard.data.filesystem import filesystem_type, network_filesystem

WAL_LIMIT = 64 * 2**20
FREE_SHARE, FREE_BYTES, FREE_CRITICAL = 0.10, 500 * 10**6, 50 * 10**6


def check_file(path: Path) -> Iterator[Check]:
    """Yield what there is to say of the database file and where it lies."""
    yield check_modes(path)
    yield check_filesystem(path)
    yield check_space(path)
    yield check_wal(path)


def check_modes(path: Path) -> Check:
    """The file and its write-ahead log are for their owner only; nobody else may write to the folder."""
    files = [each for each in (path, _beside(path, "-wal"), _beside(path, "-shm")) if each.exists()]
    open_files = [each for each in files if stat.S_IMODE(each.stat().st_mode) & 0o077]
    if open_files:
        names = " ".join(str(each) for each in open_files)
        return warning("file mode", f"{open_files[0].name} is open to other users", f"chmod 600 {names}")
    mode = stat.S_IMODE(path.parent.stat().st_mode)
    if mode & 0o022 and not mode & stat.S_ISVTX:
        return warning("file mode", f"others may write to {path.parent}", f"chmod 700 {path.parent}")
    return ok("file mode", "for its owner only")


def check_filesystem(path: Path) -> Check:
    """A local disk."""
    kind = network_filesystem(path)
    if kind is not None:
        return critical("filesystem", f"a network filesystem ({kind})", "move store.data_dir to a local disk")
    return ok("filesystem", filesystem_type(path) or "not told by this system")


def check_space(path: Path) -> Check:
    """At least a tenth of the disk and 500 MB are free."""
    disk = shutil.disk_usage(path.parent)
    finding = f"{size(disk.free)} of {size(disk.total)}"
    advice = "make room, or let old rows go with `driftboard purge`"
    if disk.free < FREE_CRITICAL:
        return critical("free space", finding, advice)
    if disk.free < FREE_BYTES or disk.free < FREE_SHARE * disk.total:
        return warning("free space", finding, advice)
    return ok("free space", finding)


def check_wal(path: Path) -> Check:
    """The write-ahead log is written back in time."""
    log = _beside(path, "-wal")
    n_bytes = log.stat().st_size if log.exists() else 0
    if n_bytes > WAL_LIMIT:
        return warning("write-ahead log", size(n_bytes), "a reader keeps it from shrinking: restart long-lived readers")
    return ok("write-ahead log", size(n_bytes))


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
