"""Backup and restore: a snapshot while services write, verified; nothing in place is ever lost."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from driftboard.data import ModelKey, Store, backup, log_predictions, open_store, register_model
from driftboard.data.backup import back_up, restore
from driftboard.errors import StoreError
from tests.data.batches import make_batch, read

NOW = datetime(2025, 11, 3, 12, tzinfo=UTC)
KEY = ModelKey("churn")
ROOT = Path(__file__).parents[2]
WRITER = """
import sys
from driftboard.data import ModelKey, log_predictions, open_store
from tests.data.batches import make_batch
with open_store(sys.argv[1]) as store:
    for batch in range(100_000):
        ids = [f"w{batch}-{row}" for row in range(50)]
        log_predictions(store, make_batch(ModelKey("churn"), 50, batch_id=str(batch), prediction_ids=ids))
        if batch == 5:
            print("writing", flush=True)
"""


@pytest.fixture
def log(path: Path) -> Path:
    """A log of six predictions, which nobody has open."""
    with open_store(path) as store:
        fill(store)
    return path


def fill(store: Store) -> None:
    """A model and a batch of six."""
    register_model(store, KEY, reference=make_batch(KEY, batch_id="reference"))
    log_predictions(store, make_batch(KEY))


def digest(path: Path) -> str:
    """Of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_backup_is_a_snapshot_while_a_writer_writes(log: Path, tmp_path: Path) -> None:
    """R16: whole batches, as many rows as counted, restorable, and the writer is not disturbed."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", WRITER, str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as writer:
        try:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "writing\n"
            done = [back_up(log, tmp_path / f"backup-{n}.sqlite") for n in range(5)]
            assert writer.poll() is None, "the writer is still writing"
        finally:
            writer.kill()
    counts = [each.rows["predictions"] for each in done]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]
    for each in done:
        assert (each.rows["predictions"] - 6) % 50 == 0
        assert each.sha256 == digest(each.path)
        assert each.path.stat().st_mode & 0o777 == 0o600
        with open_store(each.path) as store:
            assert len(read(store, KEY)) == 6
    assert not list(tmp_path.glob(".*partial*"))


def test_copying_a_live_file_loses_rows(path: Path, tmp_path: Path) -> None:
    """B28, the negative control: what is in the write-ahead log is not in the file."""
    with open_store(path) as store:
        fill(store)
        copied = tmp_path / "copy.sqlite"
        copied.write_bytes(path.read_bytes())
        rows = back_up(path, tmp_path / "backup.sqlite").rows
    with sqlite3.connect(copied) as connection, pytest.raises(sqlite3.Error):
        assert connection.execute("SELECT count(*) FROM predictions").fetchone()[0] == rows["predictions"], "never"
    connection.close()


def test_a_file_in_the_way_stays_unless_forced(log: Path, tmp_path: Path) -> None:
    """And the database itself is never the target."""
    target = tmp_path / "backup.sqlite"
    target.write_text("dear diary")
    with pytest.raises(StoreError, match="exists: choose another name, or --force"):
        back_up(log, target)
    assert target.read_text() == "dear diary"
    back_up(log, target, force=True)
    with pytest.raises(StoreError, match="is the database itself"):
        back_up(log, log, force=True)


def test_a_copy_that_is_not_whole_does_not_count(log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer rows than the snapshot had, or a damaged block: no file is left to be trusted."""
    monkeypatch.setattr(backup, "count_rows", lambda _, counts=[{"predictions": 6}, {"predictions": 7}]: counts.pop())
    with pytest.raises(StoreError, match="other rows than the database had: predictions 6 instead of 7"):
        back_up(log, tmp_path / "backup.sqlite")
    monkeypatch.undo()
    with sqlite3.connect(log) as connection:
        connection.execute("UPDATE blocks SET payload = zeroblob(length(payload))")
    connection.close()
    with pytest.raises(StoreError, match=r"backup.* is damaged: batch 'day-1' of churn:1@production, block 1: "):
        back_up(log, tmp_path / "backup.sqlite")
    assert [file.name for file in tmp_path.iterdir() if "backup" in file.name] == []


def test_restore_puts_the_backup_in_place_and_the_database_aside(log: Path, tmp_path: Path) -> None:
    """Nothing is deleted: what was there is there under another name."""
    done = back_up(log, tmp_path / "backup.sqlite")
    with open_store(log) as store:
        log_predictions(store, make_batch(KEY, batch_id="later", prediction_ids=[f"later-{n}" for n in range(6)]))
    aside = restore(done.path, log, now=NOW)
    assert aside is not None
    assert aside.name == "log-before-restore-20251103T120000000000Z.sqlite"
    with open_store(aside) as store:
        assert len(read(store, KEY, "later")) == 6
    with open_store(log) as store:
        assert len(read(store, KEY)) == 6
        log_predictions(store, make_batch(KEY, batch_id="next", prediction_ids=[f"next-{n}" for n in range(6)]))
    assert digest(done.path) == done.sha256
    assert log.stat().st_mode & 0o777 == 0o600


def test_restore_where_nothing_is(log: Path, tmp_path: Path) -> None:
    """On a new machine, in a folder that is not there yet."""
    done = back_up(log, tmp_path / "backup.sqlite")
    new = tmp_path / "new" / "log.sqlite"
    assert restore(done.path, new, now=NOW) is None
    with open_store(new) as store:
        assert len(read(store, KEY)) == 6


def test_a_damaged_database_is_moved_aside_as_it_is(log: Path, tmp_path: Path) -> None:
    """R13: the case that backups are for."""
    done = back_up(log, tmp_path / "backup.sqlite")
    log.write_bytes(log.read_bytes()[:100] + b"\xff" * 8192)
    before = digest(log)
    aside = restore(done.path, log, now=NOW)
    assert aside is not None
    assert digest(aside) == before
    with open_store(log) as store:
        assert len(read(store, KEY)) == 6


def test_a_database_in_use_stays(log: Path, tmp_path: Path) -> None:
    """Its users would go on writing to the file that was moved aside."""
    done = back_up(log, tmp_path / "backup.sqlite")
    with open_store(log) as store:
        read(store, KEY)
        with pytest.raises(StoreError, match="is in use: stop the services and dashboards"):
            restore(done.path, log, now=NOW)
        assert len(read(store, KEY)) == 6
    with open_store(log) as store, store.write() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("foreign", "is a SQLite database of another application"),
        ("text", "is not a SQLite database"),
        ("newer", r"backup.sqlite was written by a newer driftboard \(schema 9999\)"),
        ("torn", "backup.sqlite is damaged"),
        ("block", r"backup.sqlite is damaged: batch 'day-1' .*checksum"),
        ("reference", r"backup.sqlite is damaged: reference 1 of churn:1@production"),
        ("live", "is in use"),
    ],
)
def test_a_source_that_is_no_backup_is_refused(log: Path, tmp_path: Path, spoil: str, reason: str) -> None:
    """Foreign, newer, damaged, or a copy of a live database: what is in place stays, byte by byte."""
    source = back_up(log, tmp_path / "backup.sqlite").path
    if spoil == "text":
        source.write_text("dear diary")
    elif spoil == "torn":
        source.write_bytes(source.read_bytes()[:-8192])
    elif spoil == "live":
        source.with_name("backup.sqlite-wal").write_bytes(b"x")
    else:
        statement = {
            "foreign": "PRAGMA application_id = 7",
            "newer": "UPDATE alembic_version SET version_num = '9999'",
            "block": "UPDATE blocks SET payload = zeroblob(length(payload))",
            "reference": "UPDATE model_references SET labels = x'00'",
        }[spoil]
        with sqlite3.connect(source) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute(statement)
        connection.close()
    before = digest(log)
    with pytest.raises(StoreError, match=reason):
        restore(source, log, now=NOW)
    assert digest(log) == before
    assert not list(tmp_path.glob("*before-restore*"))
    assert not list(tmp_path.glob(".*partial*"))
