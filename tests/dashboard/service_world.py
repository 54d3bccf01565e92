"""A log with a month of counted requests and process samples, put there directly: what the machine room shows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from driftboard.config import load_settings
from driftboard.data import ModelKey, Store, open_store, register_model
from driftboard.data.catalog import get_model
from driftboard.data.process_samples import Gpu, ProcessSample, save_sample
from driftboard.data.service_counts import (
    CONFIDENCE_BOUNDS,
    HOUR,
    KEPT_BY_THE_MINUTE,
    LATENCY_BOUNDS,
    MINUTE,
    ROWS_BOUNDS,
    ServiceCounts,
    add_counts,
)
from tests.dashboard.worlds import IMAGE, LINK, SCRIPT

SERVED = ModelKey("served")
LOGGED = ModelKey("logged")
QUIET = ModelKey("quiet")
PER_MINUTE = 120
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


def this_minute() -> datetime:
    """The present minute: pages ask for what happened up to now."""
    return datetime.now(UTC).replace(second=0, microsecond=0)


def build_service_world(folder: Path, *, days: int = 30) -> Path:
    """Build a log of an instrumented model, one that is only logged, and one of which nothing was counted."""
    path = load_settings(store={"data_dir": folder}).store.path
    with open_store(path) as store:
        add_month(store, SERVED, days=days, source="requests")
        add_month(store, LOGGED, days=days, source="predictions")
        register_model(store, QUIET)
        add_processes(store)
    return folder


def add_month(store: Store, key: ModelKey, *, days: int, source: str) -> None:
    """Count a month of a model: minutes of two days and hours before; in the last hour 5 % fail, and slowly."""
    register_model(store, key)
    with store.write() as connection:
        model_id = get_model(connection, key).model_id
        if source == "requests":
            add_counts(connection, model_id, "requests", month(days, requested))
        add_counts(connection, model_id, "predictions", month(days, predicted))


def month(days: int, counted) -> dict[tuple[int, datetime], ServiceCounts]:
    """The stretches of so many days up to now."""
    now = this_minute()
    first = int(KEPT_BY_THE_MINUTE / _MINUTE) - 1
    edge = (now - first * _MINUTE).replace(minute=0)
    found = {(MINUTE, now - n * _MINUTE): counted(1, bad=n < 60) for n in range(first)}
    hours = range(1, 24 * days - 47)
    return found | {(HOUR, edge - n * _HOUR): counted(60, bad=False) for n in hours}


def requested(minutes: int, *, bad: bool) -> ServiceCounts:
    """What an instrumented service tells of so many minutes."""
    n = PER_MINUTE * minutes
    failed = n // 20 if bad else n // 1000
    errors = {"Timeout": failed - failed // 3, f"{IMAGE}{SCRIPT}": failed // 3} if failed else {}
    return ServiceCounts(
        success=n - failed,
        errors=errors,
        rejected=minutes,
        latency=cells(LATENCY_BOUNDS, n, around=14 if bad else 7),
        latency_sum=0.08 * n,
        rows=cells(ROWS_BOUNDS, n, around=2),
        rows_sum=4 * n,
        minutes=minutes if minutes > 1 else 0,
    )


def predicted(minutes: int, *, bad: bool) -> ServiceCounts:
    """What the log tells of so many minutes."""
    n = PER_MINUTE * minutes
    return ServiceCounts(
        success=n,
        latency=cells(LATENCY_BOUNDS, n, around=7),
        latency_sum=0.08 * n,
        classes={"stay": n - n // 4, "leave": n // 4 - 1, LINK: 1},
        confidence=cells(CONFIDENCE_BOUNDS, n, around=5 if bad else 9),
        confidence_sum=0.8 * n,
    )


def cells(bounds: tuple[float, ...], n: int, *, around: int) -> tuple[int, ...]:
    """A histogram of n, most of them around a cell."""
    weight = np.exp(-((np.arange(len(bounds) + 1) - around) ** 2) / 4.0)
    counts = np.floor(n * weight / weight.sum()).astype(int)
    counts[around] += n - counts.sum()
    return tuple(counts.tolist())


def add_processes(store: Store, *, minutes: int = 180) -> None:
    """Two workers of the instrumented service, one with a card, and driftboard's own worker."""
    now = this_minute()
    with store.write() as connection:
        model_id = get_model(connection, SERVED).model_id
        for n in range(minutes):
            at = now - n * _MINUTE
            card = Gpu("Tesla T4", 0.5, 4_000_000_000, 16_000_000_000)
            for pid, gpus in ((11, (card,)), (12, ())):
                save_sample(connection, process(f"web-1:{pid}", at, model_id, "service", gpus=gpus))
            save_sample(connection, process("web-1:77", at, None, "worker"))


def process(name: str, at: datetime, model_id: int | None, component, **more: object) -> ProcessSample:
    """What one process used in one minute."""
    cpu = 0.4 + 0.2 * (at.minute % 3)
    return ProcessSample(
        name, at, model_id, component, cpu, 250_000_000, 60_000, 1_200_000, 9, 1, 4 + at.minute % 5, **more
    )
