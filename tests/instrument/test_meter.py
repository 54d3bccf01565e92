"""The meter: what is written, when the store is away, when minutes pass, when it ends."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from driftboard.data import ModelKey, exits, open_store
from driftboard.data.service_counts import MINUTE, ServiceCounts
from driftboard.errors import StoreError
from driftboard.instrument import Instrument, meter
from driftboard.instrument.ledger import Ledger
from driftboard.instrument.live import Live
from driftboard.instrument.meter import Meter
from driftboard.instrument.processes import ProcessWatch
from driftboard.instrument.request import Request
from tests.instrument.seen import KEY, seen

Make = Callable[..., Instrument]


def ask(watched: Instrument, times: int) -> None:
    """Make requests."""
    for _ in range(times):
        with watched.request():
            pass


def test_counts_are_written_within_a_second_or_two(make: Make, place: str) -> None:
    """Nobody flushes: what was counted is in the store soon, added to what was there."""
    watched = make(log=False)
    for times in (3, 4):
        ask(watched, times)
        deadline = time.monotonic() + 10
        while watched.stats().waiting and time.monotonic() < deadline:
            time.sleep(0.05)
    watched.flush()
    assert (seen(place).counts.success, watched.stats().counted) == (7, 7)


def test_requests_by_hand(make: Make, place: str) -> None:
    """Rejected, failed by name, and raised by class; exceptions go on."""
    watched = make(log=False)
    with watched.request(rows=30) as request:
        request.rejected()
    with watched.request(rows=30) as request:
        request.failed("Timeout")
    with pytest.raises(KeyError), watched.request():
        raise KeyError
    with watched.request(rows=12):
        pass
    watched.flush()
    counts = seen(place).counts
    assert (counts.success, counts.rejected, counts.errors) == (1, 1, {"Timeout": 1, "KeyError": 1})
    assert (counts.rows_sum, counts.measured) == (43, 3)


def test_in_progress_and_its_peak_are_exact() -> None:
    """Requests that are under way together are seen together, in this minute and the next; then none is."""
    counted = Meter(Ledger("nowhere", KEY, "classification"), None)
    counted.live.asleep = False
    together, leave = threading.Barrier(9), threading.Event()

    def serve() -> None:
        with Request(counted):
            together.wait(10)
            leave.wait(10)

    threads = [threading.Thread(target=serve) for _ in range(8)]
    for thread in threads:
        thread.start()
    together.wait(10)
    assert len(counted.live.active) == 8
    assert [counted.live.highest(), counted.live.highest()] == [8, 8]
    leave.set()
    for thread in threads:
        thread.join()
    assert (len(counted.live.active), counted.live.highest(), counted.live.highest()) == (0, 8, 0)


def test_a_store_that_is_away_loses_nothing(path: Path) -> None:
    """The store is away while requests are counted; once it is back all of them are written, once."""
    watched = Instrument(path / "not" / "there.sqlite", model="churn", version="3", log=False, handle_sigterm=False)
    path.write_text("in its way")
    ask(watched, 50)
    with pytest.raises(StoreError, match="the counts wait"):
        watched.flush(timeout=0.3)
    ask(watched, 50)
    assert (watched.stats().waiting, watched.stats().counted) == (100, 0)
    assert watched.stats().last_error is not None
    path.unlink()
    (path / "not").mkdir(parents=True)
    watched.close()
    assert seen(path / "not" / "there.sqlite").counts.success == 100
    assert (watched.stats().waiting, watched.stats().last_error) == (0, None)


def test_a_meter_that_forgets_would_be_caught(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control of the test above: what is dropped when a write fails is missed."""

    class Forgetful(Meter):
        def _write(self) -> None:
            kept, self._kept = self._kept, {}
            self._ledger.write(kept, [])

    made: list[Meter] = []
    monkeypatch.setattr(
        "driftboard.instrument.instrument.Meter", lambda *given: made.append(Forgetful(*given)) or made[-1]
    )
    with pytest.raises((AssertionError, StoreError)):
        test_a_store_that_is_away_loses_nothing(path)
    for each in made:
        each.stop(time.monotonic())
        exits.unwatch(each)


@pytest.mark.slow
def test_a_lock_held_for_five_seconds(path: Path) -> None:
    """Another writer holds the file for five seconds: no request waits for it, and no count is lost."""
    watched = Instrument(path, model="churn", version="3", spool=False, handle_sigterm=False)
    ask(watched, 1)
    watched.flush()
    predict = watched.predicts(lambda _: "yes")
    slowest, calls = 0.0, 0
    with open_store(path) as store, store.write():
        until = time.monotonic() + 5
        while time.monotonic() < until:
            start = time.perf_counter()
            predict({"a": 1})
            slowest, calls = max(slowest, time.perf_counter() - start), calls + 1
            time.sleep(0.005)
    watched.close(timeout=30)
    found = seen(path)
    assert found.counts.success == calls + 1
    assert len(found.table) == calls
    assert slowest < 0.1


def test_two_days_are_kept_and_what_is_older_counted_as_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the store is away the minutes kept have a bound; beyond it the oldest go, and are counted."""
    monkeypatch.setattr(meter, "MAX_MINUTES", 3)
    counted = Meter(Ledger("nowhere", KEY, "classification"), None)
    start = datetime(2026, 11, 21, tzinfo=UTC)
    counted._kept = {(MINUTE, start + timedelta(minutes=each)): ServiceCounts(success=each) for each in range(1, 6)}
    counted._take()
    assert ([each.success for each in counted._kept.values()], counted.lost) == ([3, 4, 5], 3)


def test_beyond_its_room_requests_are_dropped_and_counted(make: Make, place: str) -> None:
    """Requests that end while too many wait are not counted, but told; so are those after the end."""
    watched = make(log=False)
    ask(watched, 1)
    watched.live.room = 0
    ask(watched, 5)
    watched.flush()
    watched.close()
    ask(watched, 2)
    assert (seen(place).counts.success, watched.stats().dropped) == (1, 7)


def test_a_minute_is_sampled(make: Make, place: str) -> None:
    """When a minute is full, what the process used in it is stored with its model, and the requests under way."""
    watched = make(log=False)
    with watched.request():
        watched._meter._minute -= 1
        deadline = time.monotonic() + 10
        while not (samples := _samples(place)) and time.monotonic() < deadline:
            time.sleep(0.1)
    (sample,) = samples
    assert (sample.component, sample.in_progress, sample.in_progress_max) == ("service", 1, 1)
    assert sample.memory > 10_000_000
    assert timedelta() < datetime.now(UTC) - sample.at < timedelta(minutes=3)


def test_a_meter_goes_on_whatever_happens(path: Path) -> None:
    """An error that nobody foresaw ends neither the thread nor the counts."""
    counted = Meter(Ledger(path, KEY, "classification"), ProcessWatch("service"), interval=0.02)
    failing, right = 3, counted._take

    def take() -> None:
        nonlocal failing
        failing -= 1
        if failing >= 0:
            raise RuntimeError("unforeseen")
        right()

    counted._take = take  # type: ignore[method-assign]
    with Request(counted):
        pass
    assert counted.mark().wait(10)
    assert counted.stop(time.monotonic() + 10)
    assert seen(path).counts.success == 1


def test_a_child_begins_anew() -> None:
    """What the parent counted, and a request that it began, are not the child's."""
    counted = Meter(Ledger("nowhere", ModelKey("a"), "classification"), None)
    counted.live.asleep = False
    parents: Live = counted.live
    request = Request(counted).begin()
    counted.begin_anew()
    request.end()
    assert (len(counted.live.events), len(counted.live.active), len(parents.events)) == (0, 0, 1)


def _samples(place: str) -> tuple[object, ...]:
    try:
        return seen(place).samples
    except StoreError:  # the model is not there yet
        return ()
