"""Builds the demo's database through the public API, as a service, a label script and a worker would, day by day.

Every write carries the simulated time, so that reports, their revisions and incidents read as if the year had been
lived through. The database is built aside and renamed when it is complete: an interrupted build leaves nothing half.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import merge
from itertools import islice
from pathlib import Path

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.dispatch import dispatch
from driftboard.config import Settings
from driftboard.data import (
    ModelKey,
    PredictionBatch,
    Store,
    backfill_ground_truth,
    label_predictions,
    list_models,
    log_predictions,
    open_store,
    open_store_read_only,
    promote_reference,
    register_model,
)
from driftboard.data.catalog import Model
from driftboard.demo import synthetic
from driftboard.demo.flights import MODEL, REPLAY_FROM, Day, FlightYear, predict_year
from driftboard.demo.nycflights import read_flights
from driftboard.errors import StoreError
from driftboard.worker import Worker

Report = Callable[[str, int, int], None]
"""Told what is being done, how many steps of it are done, and of how many."""

FLIGHT_DAYS = 306
SCENARIOS_FROM = datetime(2013, 12, 17, tzinfo=UTC)  # so that they end with the year, as the flights do
DAY = timedelta(days=1)
AFTER_MIDNIGHT = timedelta(hours=29)  # 05:00 UTC of the next day: past midnight in New York, in winter and summer
ALERTS = {
    "dry_run": True,
    "group_wait": "0s",  # a day is a moment here
    "repeat_interval": "7d",  # some problems here last for months, and nobody is there to acknowledge them
    "escalation": [],
    "channels": {
        "team": {"type": "slack", "webhook_url": "env:DRIFTBOARD_DEMO_SLACK"},
        "oncall": {
            "type": "email",
            "host": "mail.invalid",
            "sender": "driftboard@example.com",
            "recipients": ["you@example.com"],
        },
    },
}
"""Two channels in a dry run: what the demo would have told whom."""


def demo_settings(settings: Settings) -> Settings:
    """Return the settings with the demo's alerts in place of one's own: nothing of it may reach anybody."""
    return settings.model_copy(update={"alerts": AlertSettings.model_validate(ALERTS)})


def ensure_demo(path: Path, settings: Settings, *, report: Report, days: int | None = None) -> bool:
    """Build the demo's database at `path` unless it is there; return whether it was built now.

    Parameters
    ----------
    path
        The database file.
    settings
        From `demo_settings`.
    report
        Told of the progress.
    days
        Only so many days of flights: for tests.

    Raises
    ------
    StoreError
        There is another database at `path`, another process is building it, or the disk failed.
    """
    if path.exists():
        _check_demo(path)
        return False
    with _building(path) as unfinished:
        with open_store(unfinished) as store:
            replay_year(store, settings, report=report, days=days)
        if unfinished.with_name(f"{unfinished.name}-wal").exists():
            raise StoreError(f"{unfinished} was not closed completely: run `driftboard demo` again")
        unfinished.replace(path)
    return True


def replay_scenarios(store: Store, settings: Settings, *, report: Report) -> None:
    """Log, label and judge the four synthetic streams, one batch a day."""
    streams = [_scenario(store, name) for name in synthetic.SCENARIOS]
    _live_through(store, settings, streams, report, total=len(streams) * synthetic.N_BATCHES)


def replay_year(store: Store, settings: Settings, *, report: Report, days: int | None = None) -> None:
    """Live through the flights, and in December the four streams beside them, in order of time."""
    report("Reading 336,776 flights", 0, 1)
    flights = read_flights()
    report("Training on January and February", 0, 1)
    streams = [_flights(store, predict_year(flights), days), *(_scenario(store, name) for name in synthetic.SCENARIOS)]
    total = (days or FLIGHT_DAYS) + 1 + len(synthetic.SCENARIOS) * synthetic.N_BATCHES
    _live_through(store, settings, streams, report, total=total)


@dataclass(frozen=True, slots=True)
class _Step:
    """What one model's service and label script do at one time."""

    at: datetime
    model: Model
    act: Callable[[], object]


def _live_through(
    store: Store, settings: Settings, streams: Iterable[Iterator[_Step]], report: Report, *, total: int
) -> None:
    """Take the steps of all models in order of time; after each the worker judges, and messages would leave."""
    worker = Worker(store, settings)
    for number, step in enumerate(merge(*streams, key=lambda step: step.at), start=1):
        step.act()
        worker.evaluate(step.model, step.at)
        dispatch(store, settings, now=step.at)
        report("Replaying March to December", number, total)


def _scenario(store: Store, name: synthetic.Scenario) -> Iterator[_Step]:
    key = ModelKey(name)
    model = register_model(store, key)
    reference, batches = synthetic.draw_stream(name)
    promote_reference(store, _batch(key, "reference", reference, SCENARIOS_FROM, labels=True), now=SCENARIOS_FROM)
    for number, draw in enumerate(batches):
        now = SCENARIOS_FROM + (number + 1) * DAY
        yield _Step(now, model, partial(_log_and_label, store, key, number, draw, now))


def _log_and_label(store: Store, key: ModelKey, number: int, draw: synthetic.Draw, now: datetime) -> None:
    log_predictions(store, _batch(key, number, draw, now - DAY), now=now)
    backfill_ground_truth(store, number, draw.labels, model=key, now=now)


def _flights(store: Store, year: FlightYear, days: int | None) -> Iterator[_Step]:
    """Each day is logged when it is over, and labelled a day later."""
    model = register_model(store, MODEL)
    promote_reference(store, year.reference(), now=datetime.fromisoformat(REPLAY_FROM).replace(tzinfo=UTC))
    yesterday: Day | None = None
    for day in islice(year.days(), days):
        now = _end_of(day)
        yield _Step(now, model, partial(_log_day, store, day, yesterday, now))
        yesterday = day
    if yesterday is not None:  # the labels of the last day
        now = _end_of(yesterday) + DAY
        yield _Step(now, model, partial(_label, store, yesterday, now))


def _log_day(store: Store, day: Day, yesterday: Day | None, now: datetime) -> None:
    log_predictions(store, day.batch, now=now)
    _label(store, yesterday, now)


def _label(store: Store, day: Day | None, now: datetime) -> None:
    if day is not None:
        label_predictions(store, day.labels, model=MODEL, source="arrivals", now=now)


def _end_of(day: Day) -> datetime:
    return datetime.fromisoformat(day.date).replace(tzinfo=UTC) + AFTER_MIDNIGHT


def _batch(
    key: ModelKey, batch_id: str | int, draw: synthetic.Draw, at: datetime, *, labels: bool = False
) -> PredictionBatch:
    return PredictionBatch(
        key,
        batch_id,
        features=draw.columns(),
        predicted=draw.predicted,
        scores=draw.scores,
        classes=synthetic.CLASSES,
        labels=draw.labels if labels else None,
        predicted_at=at,
    )


def _check_demo(path: Path) -> None:
    with open_store_read_only(path) as store, store.read() as connection:
        known = {model.key for model in list_models(connection)}
    if not known >= {MODEL, *map(ModelKey, synthetic.SCENARIOS)}:
        raise StoreError(f"{path} is a log of your own, not the demo's: choose another --data-dir")


@contextmanager
def _building(path: Path) -> Iterator[Path]:
    """Yield a path in an empty folder beside `path` that only this process uses, and remove the folder afterwards."""
    folder = path.parent / "building"
    with _locked(path.parent, f"another `driftboard demo` is building {path}: wait for it"):
        shutil.rmtree(folder, ignore_errors=True)
        try:
            yield folder / path.name
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path, otherwise: str) -> Iterator[None]:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise StoreError(f"cannot use the folder {folder}: {error.strerror}") from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(otherwise) from None
        yield
    finally:
        os.close(lock)
