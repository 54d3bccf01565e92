"""The worker's chores, and when it looks."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from driftboard.chores import Chores
from driftboard.config import load_settings
from driftboard.data import Store, get_model, log_predictions
from driftboard.data.process_samples import read_samples
from driftboard.data.review import review_counts
from driftboard.data.service_counts import HOUR, MINUTE, read_counts
from driftboard.errors import ConfigError
from driftboard.timetable import Timetable
from driftboard.worker import watch
from tests.driftboard.streams import KEY, batch, register

NOW = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def model(store: Store):
    """A model with a reference, and a batch logged now."""
    register(store)
    log_predictions(store, batch("one", at=NOW - timedelta(minutes=5)), now=NOW)
    with store.read() as connection:
        return get_model(connection, KEY)


def test_what_is_to_be_labelled_is_chosen(store, model):
    """As `[review]` says, of what is new; with none configured nobody is asked."""
    Chores(store, load_settings(), lasting=False).do(NOW)
    with store.read() as connection:
        assert review_counts(connection, model).waiting == 0
    Chores(store, load_settings(review={"fraction": 0.2}), lasting=False).do(NOW)
    with store.read() as connection:
        assert 15 < review_counts(connection, model).waiting < 70


def test_old_minutes_become_hours(store, model):
    """Once they are two days old, by the clock of the round."""
    chores = Chores(store, load_settings(), lasting=False)
    chores.do(NOW)
    chores.do(NOW + 3 * DAY)
    with store.read() as connection:
        counts = read_counts(connection, model.model_id, "predictions", since=NOW - DAY, until=NOW + DAY)
    assert [seconds for _, seconds, _ in counts] == [HOUR]
    assert MINUTE not in [seconds for _, seconds, _ in counts]


def test_a_process_that_stays_is_sampled_each_minute(store, model):
    """One that ends with the round is not: its minute would say nothing."""
    Chores(store, load_settings(), lasting=False).do(NOW)
    lasting = Chores(store, load_settings(), lasting=True)
    for seconds in (0, 20, 60, 80, 120):
        lasting.do(NOW + timedelta(seconds=seconds))
    with store.read() as connection:
        samples = read_samples(connection, since=NOW - DAY, until=NOW + DAY)
    assert [(each.component, each.model_id) for each in samples] == [("worker", None)] * 3
    assert all(each.memory > 0 for each in samples)
    assert model.key == KEY


def test_a_clock_set_back_puts_no_chore_off(store, model):
    """What was done in the future is done again now."""
    chores = Chores(store, load_settings(), lasting=True)
    chores.do(NOW + DAY)
    chores.do(NOW)
    with store.read() as connection:
        samples = read_samples(connection, since=NOW - DAY, until=NOW + 2 * DAY)
    assert len(samples) == 2
    assert model.key == KEY


def reports(store) -> int:
    """How many there are."""
    with store.read() as connection:
        return int(connection.execute(text("SELECT count(*) FROM monitor_reports")).scalar_one())


def watched(store, settings, *, until, seconds=20.0):
    """Run the worker until something holds, or for so long; return whether it held."""
    stop = threading.Event()
    thread = threading.Thread(target=watch, args=(store, settings), kwargs={"interval_seconds": 0.05, "stop": stop})
    thread.start()
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            if until():
                return True
            time.sleep(0.05)
        return False
    finally:
        stop.set()
        thread.join(30)


def test_with_a_schedule_the_monitors_look_when_it_says_so(store, model):
    """At once where nothing was ever judged; and then not before the next point, though there is something to judge."""
    settings = load_settings(schedule={"judge": "0 0 1 1 *"})
    assert watched(store, settings, until=lambda: reports(store) > 0)
    before = reports(store)
    log_predictions(store, batch("two"))
    assert not watched(store, settings, until=lambda: reports(store) > before, seconds=1.0)
    assert watched(store, load_settings(), until=lambda: reports(store) > before)
    assert model.key == KEY


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "12:00", True),
        ("11:59", "12:00", True),
        ("12:00", "12:01", False),
        ("12:00", "17:59", False),
        ("12:00", "18:00", True),
        ("12:00", "11:00", True),
    ],
)
def test_points_of_time(last, now, due):
    """Never looked: at once; a point that has passed: once; a clock set back: rather once too often."""
    at = {each: datetime.fromisoformat(f"2026-03-04T{each}+00:00") for each in (last, now) if each}
    assert Timetable("0 */6 * * *", at.get(last)).is_due(at[now]) is due


def test_missed_points_are_one():
    """A worker that was away for a day judges what has waited once."""
    timetable = Timetable("0 */6 * * *", NOW - DAY)
    assert [timetable.is_due(NOW), timetable.is_due(NOW + timedelta(minutes=1))] == [True, False]


@pytest.mark.parametrize("expression", ["every hour", "0 25 * * *", "* * *", "0 0 31 2 *"])
def test_no_schedule_is_refused_at_start(expression):
    """With an example of one; the 31st of February never comes."""
    with pytest.raises(ConfigError, match=r"is no schedule: write minute, hour, day, month, weekday as in 0 \*/6"):
        load_settings(schedule={"judge": expression})
