"""The prediction logger, where nothing goes wrong, and where the store does."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from driftboard.data import (
    ModelKey,
    PredictionLogger,
    Store,
    get_model,
    list_batches,
    open_store,
    pending_spools,
    recover_spools,
    spool_folder,
    tables,
)
from driftboard.data.entries import Origin, encode_entry
from driftboard.data.privacy import Privacy
from driftboard.data.spool import SpoolFile
from driftboard.errors import ConfigError, StoreError
from tests.data.batches import read

ROOT = Path(__file__).parents[2]
KEY = ModelKey("churn", "3")
AT = datetime(2026, 11, 21, 14, 37, tzinfo=UTC)
HOUR = "2026-11-21T14:00Z"


@pytest.fixture(params=[True, False], ids=["spool", "memory"])
def make(path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., PredictionLogger]]:
    """Makes loggers, with a spool and without; closes them."""
    made: list[PredictionLogger] = []

    def one(**options: Any) -> PredictionLogger:
        defaults = {"model": "churn", "version": "3", "spool": request.param, "flush_interval": 0.05}
        made.append(PredictionLogger(options.pop("where", path), **(defaults | options)))
        return made[-1]

    yield one
    for logger in made:
        with_error(logger.close, timeout=0.2)


def with_error(work: Callable[..., None], **options: Any) -> StoreError | None:
    """Do it; return the error instead of raising it."""
    try:
        work(**options)
    except StoreError as error:
        return error
    return None


def quarantined(path: Path) -> list[tuple[str, str]]:
    """Reason and payload of each row that was set aside."""
    with open_store(path) as store, store.read() as connection:
        rows = connection.execute(select(tables.quarantine.c.reason, tables.quarantine.c.payload))
        return [(row.reason, row.payload) for row in rows]


def batches(store: Store) -> dict[str, int]:
    """Batch id to rows."""
    with store.read() as connection:
        return {each.batch_id: each.n_predictions for each in list_batches(connection, get_model(connection, KEY))}


def test_everything_given_comes_back(make: Callable[..., PredictionLogger], store: Store) -> None:
    """Features by name, scores by class, and the rest."""
    logger = make()
    made = logger.log(
        {"age": 34, "plan": "pro", "active": True, "ratio": float("inf")},
        "leave",
        scores={"stay": 0.25, "leave": 0.75},
        latency=0.012,
        error="late",
        segments={"country": "de"},
        predicted_at=AT,
    )
    logger.flush()
    rows = read(store, KEY, HOUR)
    assert rows.prediction_ids == [made]
    assert {name: column.to_pylist() for name, column in rows.features.items()} == {
        "age": [34],
        "plan": ["pro"],
        "active": [True],
        "ratio": [float("inf")],
    }
    assert rows.classes[int(rows.predicted[0])] == "leave"
    assert rows.confidence[0] == 0.75
    assert rows.table["latency"].to_pylist() == [0.012]
    assert rows.table["error"].to_pylist() == ["late"]
    assert rows.segments["country"].to_pylist() == ["de"]
    assert rows.predicted_at[0] == AT.timestamp() * 1_000_000


def test_it_is_the_same_on_both_engines(place: str, store: Store, tmp_path: Path) -> None:
    """Written, repeated, set aside, recovered."""
    options: dict[str, Any] = {"model": "churn", "version": "3", "spool": tmp_path / "spool", "flush_interval": 0.05}
    with PredictionLogger(place, **options) as logger:
        for text in ("x", "x", "y", "nul\0"):
            logger.log({"t": text}, "stay", scores={"stay": 1.0}, prediction_id="p", predicted_at=AT)
            logger.flush()
        logger.log({"t": b"bytes"}, "stay", predicted_at=AT)
        logger.flush()
        stats = logger.stats()
    assert (stats.accepted, stats.duplicates, stats.conflicts, stats.quarantined) == (1, 1, 2, 1)
    assert read(store, KEY, HOUR).features["t"].to_pylist() == ["x"]
    file = SpoolFile.create(tmp_path / "spool", Origin(KEY, "classification", "1h"))
    file.append(encode_entry(("q", 1, {"t": "z"}, "stay", None, None, None, None, None, HOUR)))
    file.close()
    assert recover_spools(place, folder=tmp_path / "spool").counts.accepted == 1
    assert read(store, KEY, HOUR).prediction_ids == ["p", "q"]


def test_rows_are_aligned_by_name(make: Callable[..., PredictionLogger], store: Store) -> None:
    """Whatever their order; what a row lacks is missing there."""
    logger = make(classes=["stay", "leave"])
    logger.log({"a": 1, "b": 2}, "stay", scores=[0.9, 0.1], predicted_at=AT, prediction_id="1")
    logger.log({"b": 3, "a": 4}, "stay", scores=np.array([0.8, 0.2], np.float32), predicted_at=AT, prediction_id="2")
    logger.log({"c": "x"}, None, error="timeout", predicted_at=AT, prediction_id="3")
    logger.log({}, "leave", scores={"leave": 0.6, "other": 0.4}, predicted_at=AT, prediction_id="4")
    logger.flush()
    rows = read(store, KEY, HOUR)
    assert {name: column.to_pylist() for name, column in rows.features.items()} == {
        "a": [1, 4, None, None],
        "b": [2, 3, None, None],
        "c": [None, None, "x", None],
    }
    np.testing.assert_allclose(rows.confidence, [0.9, 0.8, np.nan, 0.6], rtol=1e-6)


def test_a_row_falls_in_the_batch_that_is_given_or_in_its_window(
    make: Callable[..., PredictionLogger], store: Store
) -> None:
    """From the data, not from when it is written."""
    logger = make(window="15m")
    logger.log({"a": 1}, "stay", predicted_at=AT)
    logger.log({"a": 1}, "stay", batch_id="job-7", predicted_at=AT)
    logger.log({"a": 1}, "stay", batch_id=8, predicted_at=AT)
    logger.flush()
    assert batches(store) == {"2026-11-21T14:30Z": 1, "job-7": 1, "8": 1}


def test_regression(make: Callable[..., PredictionLogger], store: Store) -> None:
    """Real values, no probabilities; the model is registered with its task."""
    logger = make(task="regression")
    logger.log({"a": 1}, 12.5, predicted_at=AT)
    logger.flush()
    assert read(store, KEY, HOUR).predicted.tolist() == [12.5]


def test_repeated_ids_are_counted(make: Callable[..., PredictionLogger], store: Store) -> None:
    """The same again is a duplicate, other content a conflict; the first write stays."""
    logger = make()
    for value in (1, 1, 2):
        assert logger.log({"a": value}, "stay", prediction_id="p", predicted_at=AT) == "p"
        logger.flush()
    stats = logger.stats()
    assert (stats.accepted, stats.duplicates, stats.conflicts) == (1, 1, 1)
    assert read(store, KEY, HOUR).features["a"].to_pylist() == [1]


def test_what_is_logged_is_what_it_was_at_the_call(make: Callable[..., PredictionLogger], store: Store) -> None:
    """The caller may use the same dictionary and array again."""
    logger = make(classes=["stay", "leave"])
    features, scores = {"a": 1}, np.array([0.9, 0.1])
    logger.log(features, "stay", scores=scores, predicted_at=AT)
    features["a"], scores[:] = 2, 0.5
    logger.flush()
    rows = read(store, KEY, HOUR)
    assert rows.features["a"].to_pylist() == [1]
    assert rows.confidence.tolist() == [0.9]


def test_ids_are_made_in_the_order_of_time(make: Callable[..., PredictionLogger]) -> None:
    """Unique at once, ordered from one flush to the next."""
    logger = make()
    earlier = [logger.log({"a": 1}, "stay") for _ in range(2_000)]
    logger.flush()
    time.sleep(0.1)
    later = [logger.log({"a": 1}, "stay") for _ in range(2_000)]
    assert len({*earlier, *later}) == 4_000
    assert max(earlier) < min(later)


def test_rows_of_many_threads_are_written_once_each(make: Callable[..., PredictionLogger], store: Store) -> None:
    """8 threads, 10,000 rows each."""
    logger = make(flush_rows=2_000)
    ids: list[list[str]] = [[] for _ in range(8)]

    def work(mine: list[str]) -> None:
        mine.extend(logger.log({"a": number}, "stay", batch_id="all") for number in range(10_000))

    threads = [threading.Thread(target=work, args=(mine,)) for mine in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    logger.flush(60)
    written = read(store, KEY, "all").prediction_ids
    assert len(written) == 80_000
    assert set(written) == {each for mine in ids for each in mine}
    assert (logger.stats().dropped, logger.stats().spool_failures) == (0, 0)


def test_rows_are_committed_by_number_or_by_time(make: Callable[..., PredictionLogger]) -> None:
    """Whichever comes first."""
    by_number, by_time = make(flush_rows=10, flush_interval=60.0), make(flush_rows=10**6, flush_interval=0.1)
    for logger in (by_number, by_time):
        for _ in range(10):
            logger.log({"a": 1}, "stay")
    await_(lambda: by_number.stats().accepted == by_time.stats().accepted == 10)


def await_(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_nothing_is_left_behind_by_a_close(make: Callable[..., PredictionLogger], path: Path, store: Store) -> None:
    """Everything is written, the spool file is gone, the thread has ended; what comes later is counted as dropped."""
    with make(flush_interval=60.0) as logger:
        logger.log({"a": 1}, "stay", batch_id="b")
    assert batches(store) == {"b": 1}
    assert pending_spools(spool_folder(path)) == []
    assert "driftboard-flusher" not in {thread.name for thread in threading.enumerate()}
    logger.log({"a": 1}, "stay")
    assert logger.stats().dropped == 1
    logger.close()


def test_a_logger_that_logged_nothing_leaves_no_trace(make: Callable[..., PredictionLogger], tmp_path: Path) -> None:
    """No file, no thread: gunicorn's master may make one."""
    with make() as logger:
        logger.flush()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [{"window": "1 fortnight"}, {"flush_rows": 0}, {"max_rows": 0}])
def test_impossible_settings_are_refused_at_once(path: Path, options: Mapping[str, Any]) -> None:
    """That is the one moment where somebody is looking."""
    with pytest.raises(ConfigError):
        PredictionLogger(path, model="m", **options)


def test_privacy_comes_before_the_spool(make: Callable[..., PredictionLogger], tmp_path: Path, store: Store) -> None:
    """Dropped, hashed and cut values are in no file, whole; an allowed name is stored."""
    rules = Privacy(frozenset({"name"}), frozenset({"mail"}), {"note": 3}, "salt", frozenset({"api_token"}))
    logger = make(privacy=rules, flush_interval=60.0)
    features = {"name": "canary-1", "mail": "canary-2", "note": "abcanary-3", "password": "canary-4", "api_token": "t"}
    logger.log(features, "stay", segments={"name": "canary-5"}, predicted_at=AT)
    assert not any(b"canary" in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    logger.flush()
    columns = {name: column.to_pylist()[0] for name, column in read(store, KEY, HOUR).features.items()}
    assert (columns["note"], columns["api_token"], sorted(columns)) == ("abc", "t", ["api_token", "mail", "note"])
    logger.close()
    assert not any(b"canary" in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


class Blocked:
    """A log whose folder is a file: it cannot be opened until the file has gone."""

    def __init__(self, tmp_path: Path) -> None:
        self.obstacle = tmp_path / "folder"
        self.obstacle.write_text("in the way")
        self.path = self.obstacle / "log.sqlite"

    def clear(self) -> None:
        """Let it be opened."""
        self.obstacle.unlink()


@pytest.fixture
def blocked(tmp_path: Path) -> Blocked:
    """A log that cannot be opened yet."""
    return Blocked(tmp_path)


def test_a_flush_that_cannot_write_raises_and_keeps_the_rows(blocked: Blocked, tmp_path: Path) -> None:
    """It says why; they are written once the store can be."""
    for number, spool in enumerate((False, tmp_path / "spool")):
        logger = PredictionLogger(blocked.path, model="churn", version="3", spool=spool, flush_interval=0.05)
        logger.log({"a": 1}, "stay", batch_id="b", prediction_id=f"p{number}")
        with pytest.raises(StoreError, match=r"not flushed within 0.3 s.*cannot open the database"):
            logger.flush(timeout=0.3)
        assert "cannot open the database" in (logger.stats().last_error or "")
        blocked.clear()
        logger.flush(timeout=10)
        assert (logger.stats().accepted, logger.stats().last_error) == (1, None)
        logger.close()
        if number == 0:
            for file in sorted(blocked.obstacle.iterdir()):
                file.unlink()
            blocked.obstacle.rmdir()
            blocked.obstacle.write_text("in the way again")


def test_the_newest_rows_are_dropped_and_counted(blocked: Blocked, caplog: pytest.LogCaptureFixture) -> None:
    """Exactly: those in hand, then `max_rows`, and not one more; one warning a minute; the next flush says so once."""
    logger = PredictionLogger(blocked.path, model="churn", version="3", spool=False, max_rows=100, flush_interval=0.02)
    kept = [logger.log({"a": 0}, "stay", batch_id="b")]
    await_(lambda: logger.stats().last_error is not None)
    with caplog.at_level(logging.WARNING):
        made = [logger.log({"a": 1}, "stay", batch_id="b") for _ in range(150)]
    stats = logger.stats()
    assert (stats.buffered, stats.dropped) == (101, 50)
    blocked.clear()
    with pytest.raises(StoreError, match="50 predictions were dropped"):
        logger.flush()
    logger.flush()
    with open_store(blocked.path) as store:
        assert read(store, KEY, "b").prediction_ids == kept + made[:100]
    assert len([each for each in caplog.records if each.name.startswith("driftboard")]) <= 1
    logger.close()


def test_with_a_spool_memory_bounds_nothing(blocked: Blocked, tmp_path: Path) -> None:
    """Rows beyond `max_rows` wait in the file."""
    logger = PredictionLogger(blocked.path, model="m", spool=tmp_path / "spool", max_rows=10, flush_interval=0.02)
    for number in range(5_000):
        logger.log({"a": number}, "stay")
    stats = logger.stats()
    assert (stats.dropped, stats.buffered, stats.spooled_bytes > 100_000) == (0, 0, True)
    blocked.clear()
    logger.flush()
    assert (logger.stats().accepted, logger.stats().spooled_bytes) == (5_000, 0)
    logger.close()


def test_the_spool_is_bounded_too(blocked: Blocked, tmp_path: Path) -> None:
    """Beyond `max_spool_bytes` rows go to memory, beyond `max_rows` they are dropped; every one is counted."""
    spool = tmp_path / "spool"
    logger = PredictionLogger(
        blocked.path, model="m", spool=spool, max_rows=10, max_spool_bytes=20_000, flush_interval=0.02
    )
    for number in range(2_000):
        logger.log({"a": number}, "stay")
    stats = logger.stats()
    assert stats.spooled_bytes < 40_000
    assert stats.dropped > 1_000
    assert stats.spool_failures == stats.dropped + stats.buffered
    blocked.clear()
    with pytest.raises(StoreError, match="dropped"):
        logger.flush()
    assert logger.stats().accepted + stats.dropped == 2_000
    logger.close()


def test_what_a_close_could_not_write_is_recovered_by_the_next_logger(blocked: Blocked, tmp_path: Path) -> None:
    """It raises, and the rows are in the spool."""
    spool = tmp_path / "spool"
    logger = PredictionLogger(blocked.path, model="churn", version="3", spool=spool, flush_interval=0.02)
    made = [logger.log({"a": number}, "stay", batch_id="b") for number in range(100)]
    with pytest.raises(StoreError, match="the next start recovers them"):
        logger.close(timeout=0.3)
    assert sum(each.rows for each in pending_spools(spool)) == 100
    blocked.clear()
    with PredictionLogger(blocked.path, model="other", spool=spool, flush_interval=0.02) as after:
        after.log({"a": 1}, "stay")
        await_(lambda: after.stats().recovered == 100)
    assert pending_spools(spool) == []
    with open_store(blocked.path) as store:
        assert read(store, KEY, "b").prediction_ids == made


def test_a_long_file_gives_way_to_a_new_one(path: Path) -> None:
    """What is committed does not stay on the disk; a writer in between loses nothing."""
    with PredictionLogger(path, model="m", flush_interval=0.01) as logger:
        seen: set[str] = set()
        logged = 0
        while len(seen) < 3 and logged < 400_000:  # on a busy machine the writer changes files later
            for number in range(1_000):
                logger.log({"a": number}, "stay")
            logged += 1_000
            time.sleep(0.01)
            seen |= {each.name for each in spool_folder(path).iterdir()}
        logger.flush()
        assert len(seen) >= 3
        stats = logger.stats()
        assert (stats.accepted, stats.spool_failures) == (logged, 0)
        await_(lambda: sum(each.stat().st_size for each in spool_folder(path).iterdir()) < 2 * 2**20)


def test_a_folder_that_cannot_be_written_is_no_reason_to_fail(path: Path, tmp_path: Path) -> None:
    """Rows are kept in memory, and the failures are counted."""
    (tmp_path / "spool").write_text("in the way")
    with PredictionLogger(path, model="m") as logger:
        logger.log({"a": 1}, "stay")
        logger.flush()
        stats = logger.stats()
        assert (stats.accepted, stats.spool_failures) == (1, 1)


def test_an_idle_logger_costs_nothing(make: Callable[..., PredictionLogger]) -> None:
    """An idle second costs less than 30 ms of processor time."""
    logger = make(flush_interval=1.0)
    logger.log({"a": 1}, "stay")
    logger.flush()
    before = time.process_time()
    time.sleep(1.0)
    assert time.process_time() - before < 0.03


@pytest.mark.parametrize("spool", [True, False])
def test_rows_are_written_at_the_end_of_a_process(path: Path, spool: bool) -> None:
    """Without a flush or close: when the interpreter ends, it drains."""
    program = (
        "from driftboard.data import PredictionLogger\n"
        f"logger = PredictionLogger({str(path)!r}, model='churn', version='3', spool={spool}, flush_interval=60)\n"
        "for _ in range(300): logger.log({'a': 1}, 'stay', batch_id='b')\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)
    with open_store(path) as store:
        assert batches(store) == {"b": 300}
    assert pending_spools(spool_folder(path)) == []


def test_importing_it_is_light() -> None:
    """No Streamlit, pandas or SciPy; less than 0.3 s more than Arrow and SQLAlchemy themselves."""
    program = (
        "import time; start = time.perf_counter(); import pyarrow, pyarrow.compute, numpy, sqlalchemy\n"
        "middle = time.perf_counter(); import driftboard.data, sys\n"
        "heavy = {'streamlit', 'pandas', 'scipy', 'pydantic'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "print(time.perf_counter() - middle)"
    )
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    run = lambda: float(  # noqa: E731
        subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env=environment, check=True, capture_output=True
        ).stdout
    )
    assert min(run() for _ in range(3)) < 0.3
