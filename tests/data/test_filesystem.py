"""Where the database lies: network drives are refused, read-only ones are read."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import QueuePool, create_engine, event, text

from driftboard.data import filesystem, open_store
from driftboard.data.filesystem import (
    drop_outdated,
    filesystem_type,
    network_filesystem,
    open_reader,
    refuse_network,
    refuse_read_only,
)
from driftboard.errors import StoreError

MOUNTS = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:25 / /srv rw - nfs4 host:/export rw,vers=4.2
31 30 8:2 / /srv/local rw - xfs /dev/sdb1 rw
32 22 0:26 / /mnt/my\040share rw master:3 - cifs //host/share rw
33 22 0:27 / /home/me/remote rw - fuse.sshfs me@host: rw
34 22 0:28 / /over rw - nfs host:/x rw
35 22 0:29 / /over rw - tmpfs tmpfs rw
36 22 0:30 / /data rw - fuse.mergerfs pool rw
"""
CASES = {
    "/srv/driftboard/log.sqlite": "nfs4",
    "/srv/local/log.sqlite": None,
    "/mnt/my share/log.sqlite": "cifs",
    "/home/me/remote/deep/er/log.sqlite": "fuse.sshfs",
    "/home/me/remote2/log.sqlite": None,
    "/over/log.sqlite": None,
    "/data/log.sqlite": None,
    "/log.sqlite": None,
}


@pytest.mark.parametrize(("path", "kind"), CASES.items())
def test_network_filesystems_are_told_by_their_mount(path: str, kind: str | None) -> None:
    """The nearest mount counts, the last one where two are on one place."""
    assert network_filesystem(Path(path), MOUNTS) == kind


def test_this_machine_has_a_filesystem(tmp_path: Path) -> None:
    """The real file is understood; without one nothing is refused."""
    assert filesystem_type(tmp_path) is not None
    refuse_network(tmp_path / "log.sqlite")


def test_a_network_filesystem_is_refused_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do instead."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 0 0:1 / {tmp_path} rw - nfs4 host:/x rw\n")
    monkeypatch.setattr(filesystem, "MOUNTS", mounts)
    with pytest.raises(StoreError, match=r"network filesystem \(nfs4\).*use PostgreSQL") as error:
        refuse_network(tmp_path / "log.sqlite")
    assert "\n" not in str(error.value)
    monkeypatch.setattr(filesystem, "MOUNTS", tmp_path / "nowhere")
    refuse_network(tmp_path / "log.sqlite")


def test_a_folder_that_can_be_written_to_is_left_as_it_was(tmp_path: Path) -> None:
    """The trial leaves nothing."""
    refuse_read_only(tmp_path / "log.sqlite")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def read_only_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a log that was cleanly closed, in which root itself can write nothing."""
    folder = tmp_path / "folder"
    folder.mkdir()
    open_store(folder / "log.sqlite").close()
    if os.geteuid() != 0 or shutil.which("chattr") is None:
        pytest.skip("needs root and chattr: ordinary modes do not stop root")
    if subprocess.run(["chattr", "+i", folder / "log.sqlite", folder], check=False, capture_output=True).returncode:
        subprocess.run(["chattr", "-i", folder, folder / "log.sqlite"], check=False, capture_output=True)
        pytest.skip("this filesystem knows no immutable files")
    yield folder
    subprocess.run(["chattr", "-i", folder, folder / "log.sqlite"], check=True)


def test_a_read_only_folder_is_read_and_not_written(read_only_folder: Path) -> None:
    """R10: the dashboard reads what is there; the writer says why not, in one line."""
    path = read_only_folder / "log.sqlite"
    with pytest.raises(sqlite3.OperationalError):  # the negative control
        sqlite3.connect(f"file:{path}?mode=ro", uri=True).execute("SELECT 1 FROM models")
    connection = open_reader(path)
    assert connection.execute("SELECT count(*) FROM models").fetchone() == (0,)
    connection.close()
    with pytest.raises(StoreError, match=r"cannot write to the folder .*: Operation not permitted"):
        refuse_read_only(path)


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Path]:
    """A small ext4 filesystem of our own, writable."""
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        pytest.skip("needs root and mkfs.ext4 to mount a filesystem")
    image, point = tmp_path / "image", tmp_path / "mounted"
    point.mkdir()
    with image.open("wb") as file:
        file.truncate(8 * 2**20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True, capture_output=True)
    if subprocess.run(["mount", "-o", "loop", image, point], check=False, capture_output=True).returncode:
        pytest.skip("no loop device may be mounted here")
    yield point
    subprocess.run(["umount", point], check=True)


def test_a_filesystem_that_became_read_only(loop: Path) -> None:
    """R10: remounted, as the kernel does after an error of the disk."""
    path = loop / "log.sqlite"
    open_store(path).close()
    subprocess.run(["mount", "-o", "remount,ro", loop], check=True)
    connection = open_reader(path)
    assert connection.execute("SELECT count(*) FROM models").fetchone() == (0,)
    connection.close()
    with pytest.raises(StoreError, match="Read-only file system"):
        refuse_read_only(path)
    subprocess.run(["mount", "-o", "remount,rw", loop], check=True)


def test_rows_in_a_log_that_cannot_be_read_are_missed(path: Path) -> None:
    """Reading without them would show an older state as if it were the present one."""
    open_store(path).close()
    path.with_name("log.sqlite-wal").write_bytes(b"x" * 4096)
    with pytest.raises(StoreError, match=r"its newest rows are in log\.sqlite-wal"):
        filesystem._open_frozen(path, 1.0)


def test_a_writer_is_read_in_the_ordinary_way(path: Path) -> None:
    """The file is only taken to be unchanging where there is no other way."""
    with open_store(path) as store:
        connection = open_reader(path)
        assert connection.stamp is None
        with store.write() as writer:
            writer.execute(text("INSERT INTO models VALUES (1, 'm', '1', 'production', 'classification', 0)"))
        assert connection.execute("SELECT count(*) FROM models").fetchone() == (1,)
        connection.close()


def test_a_file_that_changed_after_all_is_opened_anew(path: Path) -> None:
    """A pooled connection that took it to be unchanging would read nonsense."""
    open_store(path).close()
    engine = create_engine("sqlite://", creator=lambda: filesystem._open_frozen(path, 1.0), poolclass=QueuePool)
    event.listen(engine, "checkout", drop_outdated)
    count = text("SELECT count(*) FROM models")
    with engine.connect() as connection:
        assert connection.execute(count).scalar() == 0
    with open_store(path) as store, store.write() as writer:
        writer.execute(text("INSERT INTO models VALUES (1, 'm', '1', 'production', 'classification', 0)"))
    with engine.connect() as connection:
        assert connection.execute(count).scalar() == 1
    engine.dispose()


def test_names_with_odd_characters_are_opened(tmp_path: Path) -> None:
    """A question mark or a hash in a path is no part of the options."""
    path = tmp_path / "what? #1 100%" / "log.sqlite"
    path.parent.mkdir()
    with sqlite3.connect(path) as writer:
        writer.execute("CREATE TABLE models (model_id INTEGER)")
    writer.close()
    connection = open_reader(path)
    assert connection.execute("SELECT count(*) FROM models").fetchone() == (0,)
    connection.close()
