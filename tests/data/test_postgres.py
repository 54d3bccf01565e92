"""What only a server can do: be away, refuse, be someone else's; and nothing of it shows the password."""

import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from driftboard.data import (
    ModelKey,
    PredictionBatch,
    Store,
    log_predictions,
    open_store,
    open_store_read_only,
    register_model,
)
from driftboard.data import postgres as server_engine
from driftboard.data.backend import hold_model
from driftboard.data.catalog import get_model
from driftboard.errors import StoreError
from tests.data.batches import make_batch
from tests.postgres_server import PostgresServer

CANARY = "canary-5f1c"


def test_a_server_that_is_away_is_one_line() -> None:
    """Named by host and database, without the password."""
    for openers in (open_store, open_store_read_only):
        with pytest.raises(StoreError, match=r"postgresql://me@127\.0\.0\.1:1/log cannot be reached") as error:
            openers(f"postgresql://me:{CANARY}@127.0.0.1:1/log?connect_timeout=2")
        shown = "".join(traceback.format_exception(error.value))
        assert CANARY not in shown
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (f"postgresql://me:{CANARY}@host:port/log", "is written postgresql://user@host:port/database"),
        (f"postgresql://me:{CANARY}@host", "names no database"),
        (f"mysql://me:{CANARY}@host/log", "no engine for mysql://"),
    ],
)
def test_a_connection_string_that_makes_no_sense_is_not_repeated(url: str, message: str) -> None:
    """It may hold a password."""
    with pytest.raises(StoreError, match=message) as error:
        open_store(url)
    assert CANARY not in "".join(traceback.format_exception(error.value))


def test_an_unknown_database_or_user_is_one_line(postgres: PostgresServer) -> None:
    """Each says what to do."""
    with pytest.raises(StoreError, match="does not exist") as error:
        open_store(postgres.url("nowhere"))
    assert "\n" not in str(error.value)
    with pytest.raises(StoreError, match=r'cannot be reached: .*role "nobody" does not exist'):
        open_store(postgres.url("nowhere").replace("postgres@", f"nobody:{CANARY}@"))


def test_a_wrong_password_is_one_line_without_it(postgres: PostgresServer) -> None:
    """N9: neither in the message nor in the traceback."""
    postgres.require_password("guarded")
    with pytest.raises(StoreError, match="password authentication failed") as error:
        open_store(postgres.url("postgres").replace("postgres@", f"guarded:{CANARY}@"))
    assert CANARY not in "".join(traceback.format_exception(error.value))


def test_a_missing_driver_is_one_line() -> None:
    """With the way to get it."""
    script = """
import sys
sys.modules["psycopg"] = None
from driftboard.data import open_store
open_store("postgresql://host/log")
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "StoreError: PostgreSQL needs its driver: pip install 'driftboard[postgres]'" in run.stderr


def test_the_driver_is_imported_only_for_postgresql() -> None:
    """A service that logs to a file does not pay for it."""
    script = "import sys, driftboard.data; sys.exit('psycopg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_a_database_that_cannot_hold_any_text_is_refused(postgres: PostgresServer) -> None:
    """Latin-1 would lose the first emoji."""
    postgres.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(StoreError, match="has the encoding LATIN1: create one with UTF8"):
        open_store(postgres.url("latin"))


def test_reading_an_empty_database_says_what_to_do(postgres: PostgresServer) -> None:
    """And makes no table in it."""
    with pytest.raises(StoreError, match="has no log in it yet: open it once with `driftboard init`"):
        open_store_read_only(postgres.new_database())


def test_a_new_database_is_migrated_by_one_of_several_processes(postgres: PostgresServer) -> None:
    """R14: whoever comes second finds the schema in place."""
    url = postgres.new_database()
    script = f"from driftboard.data import open_store; open_store({url!r}).close()"
    command = [sys.executable, "-c", script]
    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda _: subprocess.run(command, capture_output=True, check=False), range(4)))
    assert [run.returncode for run in runs] == [0] * 4, runs
    with open_store(url) as store, store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1


def test_commits_are_on_disk_whatever_the_servers_default(postgres: PostgresServer, place: str) -> None:
    """L3: an administrator's `synchronous_commit = off` does not take back what was acknowledged."""
    postgres.execute(f"ALTER DATABASE {place.rpartition('/')[2]} SET synchronous_commit = off")
    with open_store(place) as store, store.write() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"


@pytest.mark.usefixtures("postgres")
def test_writers_of_one_model_take_turns_and_others_do_not_wait(
    store: Store, place: str, batch: PredictionBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that waits too long says so; another model is written meanwhile."""
    monkeypatch.setattr(server_engine, "BUSY_SECONDS", 0.2)
    other = ModelKey("other")
    with open_store(place) as second:
        register_model(second, other)
        with store.write() as connection:
            hold_model(connection, get_model(connection, batch.model).model_id)
            assert log_predictions(second, make_batch(other)).accepted == 6
            with pytest.raises(StoreError, match="is held by another process: try again"):
                log_predictions(second, batch)
        assert log_predictions(second, batch).accepted == 6


def test_a_store_outlives_its_server(server: PostgresServer) -> None:
    """While it is away writing is an error of one line; when it is back the same store goes on."""
    key = ModelKey("m")
    batch, more = make_batch(key), make_batch(key, 2, prediction_ids=["x", "y"])
    with open_store(server.new_database()) as store:
        register_model(store, key)
        log_predictions(store, batch)
        server.kill()
        with pytest.raises(StoreError, match=r"the database postgresql://postgres@127\.0\.0\.1:") as error:
            log_predictions(store, more)
        assert "\n" not in str(error.value)
        server.start()
        assert log_predictions(store, batch).duplicates == 6
        assert log_predictions(store, more).accepted == 2
