"""Rows are counted as they are stored: once, in the stretch of time they were predicted in."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from driftboard.data import ModelKey, Store, log_predictions, open_store, register_model
from driftboard.data.catalog import Task
from driftboard.data.counting import confidences, count_rows
from driftboard.data.predictions import write_predictions
from driftboard.data.service_counts import HOUR, MAX_NAMES, MINUTE, ServiceCounts, Source, counts_ever, read_counts
from tests.data.batches import make_batch
from tests.data.conftest import KEY

NOW = datetime(2026, 3, 10, 12, 30, 40, tzinfo=UTC)
THIS_MINUTE = NOW.replace(second=0)
DAY = timedelta(days=1)
CLASSES = ["stay", "leave"]


def counted(
    at: list[datetime], task: Task = "classification", **columns: object
) -> dict[tuple[int, datetime], ServiceCounts]:
    """The counts of a block with these columns."""
    micros = pa.array([int(each.timestamp() * 1_000_000) for each in at], pa.int64())
    given = {"predicted": pa.array([0] * len(at), pa.int32())} | columns
    block = pa.record_batch({"predicted_at": micros} | given)
    return count_rows(block, task=task, class_name=CLASSES.__getitem__, now=NOW)


def stored(store: Store, source: Source = "predictions") -> list[tuple[datetime, int, ServiceCounts]]:
    """All stretches of the first model."""
    with store.read() as connection:
        return list(read_counts(connection, 1, source, since=datetime(2000, 1, 1, tzinfo=UTC), until=NOW + 9 * DAY))


def test_rows_of_a_minute_are_counted_in_it() -> None:
    """How they ended, how long they took, what was predicted and how surely."""
    ((place, counts),) = counted(
        [NOW, NOW, NOW, NOW],
        predicted=pa.array([0, 1, None, 0], pa.int32()),
        latency=pa.array([0.1, 0.2, None, 20.0]),
        error=pa.array([None, "", "Timeout: after 3 s", None]),
        confidence=pa.array([0.7, 0.71, None, None]),
    ).items()
    assert place == (MINUTE, THIS_MINUTE)
    assert (counts.success, counts.errors, counts.total) == (3, {"Timeout": 1}, 4)
    assert (counts.within(0.1), counts.within(0.2), counts.within(10.0), counts.measured) == (1, 2, 2, 3)
    assert counts.latency_sum == pytest.approx(20.3)
    assert counts.classes == {"stay": 2, "leave": 1}
    assert (counts.unsure(0.7), counts.unsure(0.8), sum(counts.confidence)) == (1, 2, 2)
    assert (counts.minutes, counts.down) == (0, 0)


def test_a_duration_that_is_none_is_not_measured() -> None:
    """Neither a negative one, nor NaN, nor an endless one; what took longer than a day is a day in the sum."""
    odd = pa.array([-1.0, float("nan"), float("inf"), 1e300])
    (counts,) = counted([NOW] * 4, latency=odd).values()
    assert (counts.measured, counts.latency_sum) == (1, 86_400.0)


def test_each_row_has_its_own_stretch() -> None:
    """Minutes within 48 hours, hours before, of which the minutes with traffic are known; the future is now."""
    old = NOW - 3 * DAY
    counts = counted(
        [NOW + DAY, NOW - timedelta(minutes=1), NOW - timedelta(hours=47, minutes=59), old, old - timedelta(minutes=2)],
        error=pa.array([None, None, None, "E", None]),
    )
    hour = counts.pop((HOUR, old.replace(minute=0, second=0)))
    assert (hour.success, hour.errors, hour.minutes, hour.down) == (1, {"E": 1}, 2, 1)
    assert {place: each.success for place, each in counts.items()} == {
        (MINUTE, THIS_MINUTE): 1,
        (MINUTE, THIS_MINUTE - timedelta(minutes=1)): 1,
        (MINUTE, THIS_MINUTE - timedelta(hours=47, minutes=59)): 1,
    }


def test_confidence_is_the_score_of_the_predicted_class_where_none_was_logged() -> None:
    """As `LoggedRows.confidence` reads it back."""
    block = pa.record_batch(
        {
            "predicted": pa.array([0, 1, 1, None], pa.int32()),
            "confidence": pa.array([None, None, 0.5, None], pa.float64()),
            "score:0": pa.array([0.9, 0.8, 0.7, 0.6]),
            "score:1": pa.array([0.1, 0.2, 0.3, 0.4]),
        }
    )
    assert confidences(block).tolist()[:3] == [0.9, 0.2, 0.5]
    assert confidences(block)[3] != confidences(block)[3]


def test_values_of_a_regression_are_counted_as_one_class() -> None:
    """A histogram of values is what the monitors are for."""
    (counts,) = counted([NOW] * 3, task="regression", predicted=pa.array([1.5, None, -2.0])).values()
    assert (counts.classes, counts.success, counts.confidence) == ({"value": 2}, 3, ())


def test_kinds_of_errors_do_not_grow_without_end() -> None:
    """A text without a colon is a kind of its own: the first fifty are, the rest are other."""
    (counts,) = counted([NOW] * 90, error=pa.array([f"customer {n}\n" + "x" * 100 for n in range(90)])).values()
    assert len(counts.errors) == MAX_NAMES + 1
    assert counts.errors["other"] == 90 - MAX_NAMES
    assert all(len(name) <= 80 and name.isprintable() for name in counts.errors)


def test_what_is_stored_is_counted_once(store: Store, key: ModelKey) -> None:
    """Neither a retry, nor a duplicate within the batch, nor a conflict, nor a quarantined row counts."""
    batch = make_batch(key, predicted_at=NOW)
    log_predictions(store, batch, now=NOW)
    first = stored(store)
    assert [(start, seconds, each.success) for start, seconds, each in first] == [(THIS_MINUTE, MINUTE, 6)]
    assert first[0][2].classes == {"stay": 3, "leave": 3}
    again = log_predictions(store, batch, now=NOW)
    assert (again.duplicates, again.duplicate_ids) == (6, tuple(batch.prediction_ids or ()))
    ids, ages = ["p0", "bad", "new", "new"], [20.0, b"?", 22.0, 22.0]
    classes = ["leave", "stay", "stay", "stay"]  # p0 was predicted to stay
    other = make_batch(key, 4, prediction_ids=ids, features={"age": ages}, predicted=classes, predicted_at=NOW)
    result = log_predictions(store, other, now=NOW)
    assert (result.accepted, result.conflicts, list(result.quarantined or {})) == (1, ("p0",), [1])
    assert result.duplicate_ids == ("new",)
    assert sum(each.success for _, _, each in stored(store)) == 7
    with store.read() as connection:
        assert counts_ever(connection)[1, "predictions"].success == 7


def test_counts_of_several_writes_add_up(store: Store, key: ModelKey) -> None:
    """In the minute, and in all of time."""
    for n in range(3):
        ids = [f"b{n}-{row}" for row in range(6)]
        errors = ["Timeout: x", *[None] * 5]
        log_predictions(store, make_batch(key, prediction_ids=ids, predicted_at=NOW, errors=errors), now=NOW)
    ((_, _, counts),) = stored(store)
    assert (counts.success, counts.errors) == (15, {"Timeout": 3})
    assert sum(counts.confidence) == 18


def test_nothing_is_counted_of_what_is_rolled_back(store: Store, key: ModelKey) -> None:
    """The counts are part of the transaction that stores the rows."""

    def interrupted() -> None:
        with store.write() as connection:
            write_predictions(connection, store, make_batch(key), now=NOW)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert stored(store) == []


_KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from driftboard.data import predictions
from driftboard.data import open_store
from tests.data.batches import make_batch
from tests.data.conftest import KEY
counted = predictions._count
def then_die(*given):
    counted(*given)
    os.kill(os.getpid(), signal.SIGKILL)
with open_store(sys.argv[1]) as store:
    predictions.log_predictions(store, make_batch(KEY, prediction_ids=list("abcdef")))
    predictions._count = then_die
    predictions.log_predictions(store, make_batch(KEY))
"""


def test_a_writer_killed_before_its_commit_has_counted_nothing(place: str) -> None:
    """Rows and counts come together or not at all; who retries counts them once."""
    with open_store(place) as store:
        register_model(store, KEY)
    root = Path(__file__).parents[2]
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, place], check=False, env={**os.environ, "PYTHONPATH": str(root)}, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    with open_store(place) as store:
        for accepted in (6, 0):
            assert log_predictions(store, make_batch(KEY)).accepted == accepted
        with store.read() as connection:
            assert counts_ever(connection)[1, "predictions"].success == 12
