"""Spool files: private, locked while their process lives, recovered once when it does not."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from driftboard.data import ModelKey, Store, open_store, pending_spools, recover_spools, spool_folder
from driftboard.data.entries import Origin, encode_entry
from driftboard.data.spool import SpoolFile
from driftboard.data.spool_recovery import recovered
from driftboard.errors import StoreError
from tests.data.batches import read

ORIGIN = Origin(ModelKey("churn", "3", "staging"), "classification", "1h", ("leave", "stay"))
ROOT = Path(__file__).parents[2]
_MICROS = 1_793_284_645_000_000


@pytest.fixture
def folder(path: Path) -> Path:
    """Where a logger of this log would put its spools."""
    return spool_folder(path)


def leave(folder: Path, *ids: str, torn: bool = False) -> Path:
    """A file as a process that died leaves it."""
    file = SpoolFile.create(folder, ORIGIN)
    for each in ids:
        row = (each, _MICROS, {"age": 3.5}, "stay", [0.25, 0.75], None, None, None, None, "day-1")
        file.append(encode_entry(row))
        if torn:
            os.write(file._appending, encode_entry(row)[:7])
    file.close()
    return file.path


def test_rows_of_a_dead_process_are_recovered_once(path: Path, folder: Path) -> None:
    """Done again it changes nothing, the file being gone; and the rows are as they were logged."""
    leave(folder, "a", "b")
    recovery = recover_spools(path)
    assert (recovery.files, recovery.counts.accepted, recovery.torn_bytes) == (1, 2, 0)
    assert list(folder.iterdir()) == []
    assert recover_spools(path).files == 0
    with open_store(path) as store:
        rows = read(store, ORIGIN.model)
    assert rows.prediction_ids == ["a", "b"]
    assert rows.features["age"].to_pylist() == [3.5, 3.5]
    assert rows.scores[0, rows.classes.index("stay")] == 0.75


def test_rows_that_were_committed_before_the_death_are_duplicates(path: Path, folder: Path) -> None:
    """A kill between commit and mark makes recovery write a row again: a no-op."""
    leave(folder, "a", "b")
    recover_spools(path)
    leave(folder, "a", "b", "c")
    counts = recover_spools(path).counts
    assert (counts.accepted, counts.duplicates, counts.conflicts) == (1, 2, 0)


def test_torn_records_cost_nothing_but_themselves(path: Path, folder: Path) -> None:
    """Also the one at the very end."""
    leave(folder, "a", "b", "c", torn=True)
    recovery = recover_spools(path)
    assert (recovery.counts.accepted, recovery.torn_bytes) == (3, 21)


def test_what_is_marked_is_not_read_again(path: Path, folder: Path) -> None:
    """Recovery begins behind the last commit."""
    leave(folder, "a")
    [file_path] = folder.iterdir()
    file = SpoolFile.adopt(file_path)
    assert file is not None
    file.mark(file.read())
    file.close()
    assert [(each.rows, each.bytes) for each in pending_spools(folder)] == [(0, 0)]
    assert recover_spools(path).counts.accepted == 0


def test_the_file_of_a_living_process_is_left_alone(path: Path, folder: Path) -> None:
    """Its lock says so, even to the same process."""
    file = SpoolFile.create(folder, ORIGIN)
    assert SpoolFile.adopt(file.path) is None
    assert recover_spools(path).files == 0
    assert [each.alive for each in pending_spools(folder)] == [True]
    file.close()
    assert [each.alive for each in pending_spools(folder)] == [False]


def test_a_file_is_for_this_user_only(folder: Path) -> None:
    """0600 in a folder of 0700."""
    file = leave(folder, "a")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_pending_spools_say_what_waits_and_for_whom(folder: Path) -> None:
    """Rows, bytes, age, model."""
    leave(folder, "a", "b")
    [pending] = pending_spools(folder)
    assert (pending.model, pending.rows, pending.alive) == (ORIGIN.model, 2, False)
    assert pending.bytes > 100
    assert 0 <= pending.age < 60


def test_a_damaged_beginning_leaves_the_file_for_a_human(path: Path, folder: Path) -> None:
    """One copy of the origin may be damaged; with both gone nobody knows the model, so nothing is thrown away."""
    file = leave(folder, "a")
    data = bytearray(file.read_bytes())
    first = data.index(b'"driftboard"')
    data[first] ^= 1
    file.write_bytes(data)
    assert pending_spools(folder)[0].model == ORIGIN.model
    data[data.index(b'"driftboard"')] ^= 1
    file.write_bytes(data)
    assert recover_spools(path).files == 0
    assert pending_spools(folder)[0].model is None
    assert file.exists()


@pytest.mark.parametrize("size", [0, 5, 31, 32])
def test_a_file_cut_short_at_its_birth_is_removed(path: Path, folder: Path, size: int) -> None:
    """There cannot be a row in it."""
    file = leave(folder, "a")
    os.truncate(file, size)
    assert recover_spools(path).files == 1
    assert not file.exists()


def test_recovery_that_cannot_write_leaves_the_spools(path: Path, folder: Path) -> None:
    """It says why, in one line."""
    file = leave(folder, "a")
    path.write_text("not a database")
    with pytest.raises(StoreError):
        recover_spools(path)
    assert file.exists()
    path.unlink()
    assert recover_spools(path).counts.accepted == 1


def test_a_record_may_be_longer_than_what_is_read_at_a_time(path: Path, folder: Path) -> None:
    """Three megabytes of text are one record; the row is set aside for its length, its neighbours are kept."""
    file = SpoolFile.create(folder, ORIGIN)
    for name, text in (("a", "x"), ("b", "x" * 3_000_000), ("c", "x")):
        file.append(encode_entry((name, _MICROS, {"t": text}, "stay", None, None, None, None, None, None)))
    file.close()
    counts = recover_spools(path).counts
    assert (counts.accepted, counts.quarantined) == (2, 1)


@pytest.mark.parametrize(("rows", "pauses"), [(2, 0), (12_000, 1)])
def test_the_file_goes_with_its_last_rows(folder: Path, rows: int, pauses: int) -> None:
    """Whoever stops recovering at a pause leaves no file behind in which nothing is left to be done."""
    file = SpoolFile.adopt(leave(folder, *(str(number) for number in range(rows))))
    assert file is not None
    written: list[int] = []
    left = [
        sum(each.rows for each in pending_spools(folder))
        for _ in recovered(file, lambda chunk, _: written.append(len(chunk)))
    ]
    assert (sum(written), len(left)) == (rows, pauses)
    assert 0 not in left
    assert list(folder.iterdir()) == []


def test_two_that_recover_at_once_write_each_row_once(path: Path, folder: Path, store: Store) -> None:
    """Whoever has the lock does the work."""
    for number in range(20):
        leave(folder, *(f"{number}-{row}" for row in range(50)))
    program = f"from driftboard.data import recover_spools; print(recover_spools({str(path)!r}).counts.accepted)"
    both = [subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE) for _ in range(2)]
    assert sum(int(each.communicate()[0]) for each in both) == 1_000
    assert len(read(store, ORIGIN.model)) == 1_000


def test_the_place_of_the_spool_follows_the_log(tmp_path: Path) -> None:
    """Beside the file; for a server, in the data directory."""
    assert spool_folder(tmp_path / "log.sqlite") == tmp_path / "spool"
    assert spool_folder(f"sqlite:///{tmp_path}/log.sqlite") == tmp_path / "spool"
    assert spool_folder("postgresql://me@host/db") == Path.cwd() / "driftboard-data" / "spool"


def test_a_payload_is_json(folder: Path) -> None:
    """Somebody with a broken file and a text editor can help themselves."""
    file = SpoolFile.adopt(leave(folder, "a"))
    assert file is not None
    assert orjson.loads(file.read().payloads[-1])[:3] == ["a", _MICROS, {"age": 3.5}]
    file.close()
