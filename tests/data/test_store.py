"""Opening the database: ours, only ours, of a version we know, one writer at a time."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from driftboard.data import PredictionBatch, Store, log_predictions, open_store, open_store_read_only, sqlite
from driftboard.data.tables import metadata
from driftboard.errors import StoreError


def test_the_migrations_make_the_tables_that_the_code_describes(store: Store) -> None:
    """Otherwise a fresh database and an upgraded one would differ."""
    with store.write() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_foreign_sqlite_file_is_refused_untouched(path: Path) -> None:
    """E1: a browser's cookies do not get our tables."""
    with sqlite3.connect(path) as foreign:
        foreign.execute("CREATE TABLE cookies (name TEXT)")
    foreign.close()
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    for opened in (open_store, open_store_read_only):
        with pytest.raises(StoreError, match="is a SQLite database of another application"):
            opened(path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_file_that_is_no_database_is_refused_untouched(path: Path) -> None:
    """A mistyped path must not cost anybody a file."""
    path.write_text("dear diary")
    with pytest.raises(StoreError, match="is not a SQLite database"):
        open_store(path)
    assert path.read_text() == "dear diary"


def test_a_newer_database_is_refused(place: str) -> None:
    """Rather than misread."""
    with open_store(place) as store, store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for opened in (open_store, open_store_read_only):
        with pytest.raises(StoreError, match=r"written by a newer driftboard \(schema 9999\): upgrade driftboard"):
            opened(place)


def test_reading_needs_a_database(path: Path) -> None:
    """The dashboard creates nothing: it says what to do."""
    with pytest.raises(StoreError, match=r"no database at .*: run `driftboard init`"):
        open_store_read_only(path)
    assert not path.exists()


def test_a_reader_cannot_write(place: str) -> None:
    """Neither through the store nor by a statement."""
    open_store(place).close()
    with open_store_read_only(place) as store:
        with pytest.raises(StoreError, match="open for reading only"), store.write():
            pass
        with pytest.raises(StoreError, match=r"readonly|read-only|reading only"), store.read() as connection:
            connection.execute(text("DELETE FROM models"))


def test_every_commit_is_synchronised(path: Path) -> None:
    """L3: WAL and synchronous=FULL (2) on the writer's connection."""
    with open_store(path) as store:
        _check_synchronised(store)


def _check_synchronised(store: Store) -> None:
    with store.write() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2


def test_a_writer_waits_for_another_and_says_so_when_it_gives_up(
    path: Path, batch: PredictionBatch, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B13: the lock is taken at BEGIN (B15), so there is no upgrade that fails at once."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.2)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="is held by another process: try again"), open_store(path):
        pass
    holder.execute("ROLLBACK")
    holder.close()
    assert log_predictions(store, batch).accepted == 6


def test_two_processes_may_create_the_same_database(place: str) -> None:
    """R14: whoever comes second finds the schema in place."""
    script = f"from driftboard.data import open_store; open_store({place!r}).close()"
    command = [sys.executable, "-c", script]
    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda _: subprocess.run(command, capture_output=True, check=False), range(4)))
    assert [run.returncode for run in runs] == [0] * 4, runs
    with open_store(place) as store, store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1


def test_a_killed_writer_leaves_whole_batches(place: str) -> None:
    """Kill -9 in the middle of logging: every acknowledged batch is there, none by half."""
    script = f"""
import sys
from driftboard.data import ModelKey, PredictionBatch, log_predictions, open_store, register_model
store = open_store({place!r}); key = ModelKey("m"); register_model(store, key)
for n in range(10_000):
    ids = [f"{{n}}-{{row}}" for row in range(50)]
    batch = PredictionBatch(model=key, batch_id=n, features={{"x": ids}}, predicted=[1] * 50, prediction_ids=ids)
    log_predictions(store, batch)
    print(n, flush=True)
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    acknowledged = [int(process.stdout.readline()) for _ in range(20)]
    process.kill()
    acknowledged += [int(line) for line in process.stdout.read().splitlines()]
    process.wait()
    process.stdout.close()
    with open_store(place) as store, store.read() as connection:
        sizes = dict(connection.execute(text("SELECT batch_id, n_predictions FROM batches")).all())
        stored = connection.execute(text("SELECT count(*) FROM predictions")).scalar()
    assert {str(n) for n in acknowledged} <= set(sizes)
    assert set(sizes.values()) == {50}
    assert stored == 50 * len(sizes)


def test_logging_imports_neither_streamlit_nor_pandas_nor_scipy() -> None:
    """An inference service pays for what it uses."""
    script = "import sys, driftboard.data; print(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"streamlit", "pandas", "scipy", "sklearn", "alembic", "pydantic"} & set(run.stdout.split())


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    """Here because its parent is a file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot open the database"):
        open_store(tmp_path / "file" / "log.sqlite")
    assert os.listdir(tmp_path) == ["file"]  # noqa: PTH208
