"""The doctor: each ailment has its line, damage is named, and it never falls ill itself."""

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from driftboard.data import (
    ModelKey,
    Store,
    file_checks,
    get_model,
    label_predictions,
    list_batches,
    list_models,
    load_reference,
    log_predictions,
    open_store,
    open_store_read_only,
    read_batch,
    register_model,
    tables,
)
from driftboard.data.check import Check, State, worst
from driftboard.data.doctor import examine
from driftboard.data.heartbeats import beat
from driftboard.data.outbox import NewNotification, enqueue
from driftboard.errors import StoreError
from tests.data.batches import make_batch

NOW = datetime(2025, 11, 3, 12, tzinfo=UTC)
KEY = ModelKey("churn")
ROOT = Path(__file__).parents[2]
KILLED = """
import os, sys
from driftboard.data.client import PredictionLogger
logger = PredictionLogger(sys.argv[1], model="churn", flush_interval=3600.0)
for row in range(5):
    logger.log({"age": 1.0}, "stay")
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def log(path: Path) -> Path:
    """A healthy log, judged by nobody yet, which nobody has open."""
    with open_store(path) as store:
        fill(store)
    return path


def fill(store: Store) -> None:
    """A model with a reference and three batches, logged half an hour ago."""
    register_model(store, KEY, reference=make_batch(KEY, 50, batch_id="reference"))
    at = NOW - timedelta(minutes=30)
    for day in range(3):
        ids = [f"{day}-{row}" for row in range(40)]
        log_predictions(store, make_batch(KEY, 40, batch_id=f"day-{day}", prediction_ids=ids, predicted_at=at), now=at)


def checked(where: Path | str, **options: Any) -> dict[str, Check]:
    """Every check, by name."""
    return {check.name: check for check in examine(where, now=NOW, **options)}


def bad(where: Path | str, **options: Any) -> dict[str, str]:
    """Name to finding of what is not well, but for the free space, which is the machine's."""
    found = checked(where, **options).values()
    return {check.name: check.finding for check in found if check.state != State.OK and check.name != "free space"}


def test_a_healthy_log_is_well(log: Path) -> None:
    """Also to the deep look; whatever it looks at has a line."""
    assert bad(log, deep=True) == {}
    found = checked(log, deep=True)
    assert set(found) == {
        *("database", "file mode", "filesystem", "free space", "write-ahead log", "pages", "contents", "clock"),
        *(
            "messages",
            "channels",
            "heartbeats",
            "batches due",
            "references",
            "quarantine",
            "labels waiting",
            "features",
            "spools",
        ),
    }
    assert found["contents"].finding == "3 blocks, every reference and profile match their checksums"


def test_it_looks_at_a_server_too(place: str, store: Store) -> None:
    """What is about files is left out there."""
    fill(store)
    assert bad(place, deep=True) == {}


def test_a_log_that_cannot_be_opened_is_a_finding(path: Path) -> None:
    """Missing, foreign, or not a database: one critical line, no exception."""
    assert checked(path)["database"].state == State.CRITICAL
    path.write_text("dear diary")
    assert "is not a SQLite database" in checked(path)["database"].finding


@pytest.mark.parametrize(("table", "name"), [("blocks", "batch 'day-1' of churn:1@production, block 2"), ("", "")])
def test_damage_is_named(log: Path, table: str, name: str) -> None:
    """Which batch of which model, or which reference."""
    with sqlite3.connect(log) as connection:
        if table:
            connection.execute("UPDATE blocks SET payload = zeroblob(length(payload)) WHERE block_id = 2")
        else:
            connection.execute("UPDATE model_references SET checksum = checksum + 1")
    connection.close()
    assert "contents" not in checked(log), "the quick look does not read blocks"
    finding = bad(log, deep=True)["contents"]
    assert finding.startswith(name or "reference 1 of churn:1@production: ")
    assert "checksum does not match" in finding


def test_a_place_that_points_elsewhere_is_damage(log: Path) -> None:
    """It would label another prediction, and no page would look wrong."""
    with sqlite3.connect(log) as connection:
        connection.execute("UPDATE predictions SET block_row = 9 WHERE prediction_id = '1-3'")
    connection.close()
    assert "1 of its predictions are not found by their id" in bad(log, deep=True)["contents"]


def test_no_flipped_bit_goes_unnoticed(log: Path, tmp_path: Path) -> None:
    """R13, B25: a hundred damaged copies give the rows that were logged or an error; the doctor names the others."""
    good = dict(contents(log))
    mutant = tmp_path / "mutant.sqlite"
    rng = random.Random(7)  # noqa: S311 - damage, not secrets
    noticed = 0
    for _ in range(100):
        damaged = bytearray(log.read_bytes())
        for _ in range(20):
            damaged[rng.randrange(100, len(damaged))] ^= 1 << rng.randrange(8)
        mutant.write_bytes(damaged)
        checks = examine(mutant, now=NOW, deep=True)
        noticed += worst(checks) == State.CRITICAL
        wrong = [name for name, (columns, _) in contents(mutant) if name in good and good[name][0] != columns]
        assert not wrong, f"{wrong} differ without an error"
        if worst(checks) != State.CRITICAL:
            assert dict(contents(mutant)) == good
    assert noticed > 50


def test_pages_alone_do_not_notice_everything(log: Path) -> None:
    """The negative control: SQLite's own check is content with a flipped bit in a block."""
    with sqlite3.connect(log) as connection:
        connection.execute("UPDATE blocks SET payload = zeroblob(length(payload)) WHERE block_id = 2")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def contents(path: Path) -> Iterator[tuple[str, Any]]:
    """Every batch and reference that can be read, by name."""
    try:
        with open_store_read_only(path) as store, store.read() as connection:
            for model in list_models(connection):
                for batch in list_batches(connection, model):
                    try:
                        rows = read_batch(connection, model, batch)
                    except StoreError:
                        continue
                    yield f"{model.key} {batch.batch_id}", (rows.table.to_pydict(), rows.classes)
                reference = load_reference(connection, model)
                if reference is not None:
                    yield f"{model.key} reference", (reference.rows.table.to_pydict(), reference.rows.classes)
    except Exception:  # noqa: BLE001 - any error is fine here: only silence is not
        return


def test_modes_that_let_others_in(log: Path) -> None:
    """The file, and a folder that others may write to."""
    log.chmod(0o644)
    assert bad(log) == {"file mode": "log.sqlite is open to other users"}
    for file in log.parent.iterdir():
        file.chmod(0o600)
    log.parent.chmod(0o777)
    assert bad(log) == {"file mode": f"others may write to {log.parent}"}


def test_a_full_disk(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is full: a tenth, 500 MB, 50 MB."""
    states = []
    for free in (20 * 10**9, 9 * 10**9, 400 * 10**6, 40 * 10**6):
        total = 100 * 10**9 if free > 10**9 else 10**9
        monkeypatch.setattr(
            shutil, "disk_usage", lambda _, free=free, total=total: shutil._ntuple_diskusage(total, 0, free)
        )  # type: ignore[attr-defined]
        states.append(checked(log)["free space"].state)
    assert states == [State.OK, State.WARNING, State.WARNING, State.CRITICAL]


def test_a_write_ahead_log_that_grew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that never lets go keeps it."""
    monkeypatch.setattr(file_checks, "WAL_LIMIT", 10_000)
    with open_store(path) as store:
        fill(store)
        assert "write-ahead log" in bad(path)


def test_a_clock_that_was_set_back(path: Path) -> None:
    """What is stored is dated after now."""
    with open_store(path) as store:
        fill(store)
        ids = [f"f{row}" for row in range(6)]
        log_predictions(store, make_batch(KEY, prediction_ids=ids), now=NOW + timedelta(days=1))
    assert bad(path)["clock"] == "a write is dated 1 day, 0:00:00 after now"


@pytest.mark.parametrize("state", ["queued", "dead"])
def test_messages_that_do_not_go_out(path: Path, state: str) -> None:
    """Queued for more than five minutes, or given up."""
    with open_store(path) as store:
        fill(store)
        with store.write() as connection:
            enqueue(connection, [queued(NOW - timedelta(minutes=6))])
            connection.execute(update(tables.notifications).values(state=state))
    assert ("1 queued" if state == "queued" else "1 given up") in bad(path)["messages"]


def test_a_message_that_waits_for_its_time_is_not_late(path: Path) -> None:
    """A retry in an hour is nothing to worry about."""
    with open_store(path) as store:
        fill(store)
        with store.write() as connection:
            enqueue(connection, [queued(NOW + timedelta(hours=1))])
    assert bad(path) == {}


def queued(at: datetime) -> NewNotification:
    """A test message that may leave then."""
    return NewNotification(
        incident_id=None,
        fingerprint="f",
        model="",
        kind="test",
        step=0,
        channel="team",
        severity="info",
        payload="{}",
        not_before=at,
        created_at=at,
    )


def test_a_channel_that_does_not_work(path: Path) -> None:
    """Named, with its reason."""
    with open_store(path) as store:
        fill(store)
        with store.write() as connection:
            values = {"blocked_until": 0, "next_at": 0, "failures": 1, "reason": "Slack answered 410", "changed_at": 0}
            connection.execute(insert(tables.channel_states).values(channel="team", status="broken", **values))
    assert bad(path)["channels"] == "1 of 1 do not work: team (Slack answered 410)"


def test_a_watcher_that_stopped(path: Path) -> None:
    """Three intervals without a sign of life; one who never watched is not missed."""
    with open_store(path) as store:
        fill(store)
        with store.write() as connection:
            beat(connection, "worker", interval_seconds=60.0, now=NOW - timedelta(minutes=4))
    assert bad(path)["heartbeats"] == f"none of the worker since {NOW - timedelta(minutes=4):%Y-%m-%d %H:%M}"


def test_batches_that_nobody_judges(path: Path) -> None:
    """After an hour."""
    with open_store(path) as store:
        fill(store)
        with store.write() as connection:
            connection.execute(update(tables.blocks).values(received_at=0))
    assert bad(path) == {"batches due": "3, some for more than an hour"}


def test_a_model_without_a_reference(path: Path) -> None:
    """With the command that gives it one."""
    with open_store(path) as store:
        fill(store)
        register_model(store, ModelKey("flights"))
    check = checked(path)["references"]
    assert check.finding == "1 of 2 models have none: flights:1@production"
    assert check.advice == "driftboard init --model flights:1@production --reference FILE"


def test_rows_labels_and_features_that_do_not_fit(path: Path) -> None:
    """By reason; labels only once they have waited for a month."""
    with open_store(path) as store:
        fill(store)
        at = NOW - timedelta(hours=1)
        features = {"age": [1, b""], "plan": ["a", "b"], "visits": [1, 2], "active": [True, False], "tier": [1, 2]}
        batch = make_batch(KEY, 2, features=features, prediction_ids=["x", "y"], predicted_at=at)
        log_predictions(store, batch, now=at)
        label_predictions(store, {"nobody": "stay"}, model=KEY, now=NOW - timedelta(days=31))
    found = bad(path)
    assert found == {
        "quarantine": "1 rows: feature 'age': a bytes is neither number, boolean nor text (1)",
        "labels waiting": "1 for their predictions, since 2025-10-03",
        "features": "1 changed: tier new in churn:1@production since batch day-1",
    }
    with open_store(path) as store, store.read() as connection:
        assert get_model(connection, KEY)


def test_rows_in_spools_of_the_dead(log: Path) -> None:
    """A process that was killed left them; the next one that starts will write them."""
    run = subprocess.run([sys.executable, "-c", KILLED, log], cwd=ROOT, check=False, capture_output=True, text=True)
    assert run.returncode == -signal.SIGKILL, run.stderr
    assert bad(log)["spools"].startswith("5 rows in 1 files (")
