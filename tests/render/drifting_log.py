"""A log with everything that a rule or a panel asks for: two models, of which one drifts, and a service at work."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import numpy as np

from driftboard.config import Settings
from driftboard.data import ModelKey, PredictionBatch, Store, log_predictions, promote_reference, register_model
from driftboard.data.backend import hold_model
from driftboard.data.catalog import get_model
from driftboard.data.heartbeats import beat
from driftboard.data.process_samples import Gpu, ProcessSample, save_sample
from driftboard.data.service_counts import LATENCY_BOUNDS, ROWS_BOUNDS, ServiceCounts, add_counts
from driftboard.worker import evaluate_due

CHURN, PRICES = ModelKey("churn", "3"), ModelKey("prices", "1")
_ROWS, _BATCHES = 600, 5
_HOUR = timedelta(hours=1)


def fill(store: Store, settings: Settings) -> None:
    """Log references and batches with labels, the newest of which drifted; judge them; add the signs of processes."""
    now = datetime.now(UTC)
    register_model(store, CHURN, task="classification")
    register_model(store, PRICES, task="regression")
    for place, key in enumerate((CHURN, PRICES)):
        random = np.random.default_rng(place)
        promote_reference(store, _batch(key, "reference", random, 4 * _ROWS, shift=0, at=now - 30 * _HOUR))
        for number in range(_BATCHES):
            last = number == _BATCHES - 1
            at = now - (_BATCHES - number) * _HOUR
            shift = 2.0 if last and key == CHURN else 0.0
            log_predictions(store, _batch(key, f"hour-{number}", random, _ROWS, shift=shift, at=at), now=at)
    evaluate_due(store, settings)
    _live(store, now)


def _batch(
    key: ModelKey, name: str, random: np.random.Generator, rows: int, *, shift: float, at: datetime
) -> PredictionBatch:
    age = random.normal(shift, 1, rows)
    truth = age + random.normal(0, 1, rows)
    features = {"age": age, "income": random.normal(0, 1, rows), "plan": random.choice(["a", "b", "c"], rows)}
    ids = [f"{key.name}-{name}-{row}" for row in range(rows)]
    place = {"region": random.choice(["north", "south"], rows)}
    if key == PRICES:
        return PredictionBatch(
            key, name, features, age, labels=truth, prediction_ids=ids, predicted_at=at, segments=place
        )
    certain = 1 / (1 + np.exp(-np.abs(age) * 2))
    return PredictionBatch(
        key,
        name,
        features,
        np.where(age > 0, "leave", "stay"),
        confidence=certain,
        labels=np.where(truth > 0, "leave", "stay"),
        prediction_ids=ids,
        predicted_at=at,
        segments=place,
    )


def _live(store: Store, now: datetime) -> None:
    with store.read() as connection:
        model_id = get_model(connection, CHURN).model_id
    minute = now.replace(second=0, microsecond=0)
    cards = (Gpu("card 0", 0.5, 2**30, 2**34),)
    with store.write() as connection:
        for back in range(3):
            sample = ProcessSample("web-1:4711", minute - back * timedelta(minutes=1), model_id, "service", 0.5, 2**28,
                                   gpus=cards, in_progress=2)  # fmt: skip
            save_sample(connection, sample)
        for component in ("worker", "dispatcher:one"):
            beat(connection, component, interval_seconds=60, now=now)


@contextmanager
def at_work(store: Store) -> Iterator[None]:
    """Requests and predictions from a thread, a fifth of which fail."""
    over, random = threading.Event(), np.random.default_rng(7)
    failures: list[BaseException] = []

    def work() -> None:
        number = 0
        try:
            with store.again() as own:
                while not over.wait(0.2):
                    _served(own, random, number)
                    number += 1
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        assert not failures, failures


def _served(store: Store, random: np.random.Generator, number: int) -> None:
    now = datetime.now(UTC)
    latency, rows = [0] * (len(LATENCY_BOUNDS) + 1), [0] * (len(ROWS_BOUNDS) + 1)
    latency[LATENCY_BOUNDS.index(0.05)], latency[LATENCY_BOUNDS.index(1.5)], rows[1] = 60, 40, 100
    told = ServiceCounts(
        80, {"Timeout": 20}, 3, latency=tuple(latency), latency_sum=63.0, rows=tuple(rows), rows_sum=200
    )
    with store.read() as connection:
        model_id = get_model(connection, CHURN).model_id
    with store.write() as connection:
        hold_model(connection, model_id)
        add_counts(connection, model_id, "requests", {(60, now.replace(second=0, microsecond=0)): told})
    for key in (CHURN, PRICES):
        live = _batch(key, f"live-{number}", random, 20, shift=0.0, at=now)
        log_predictions(store, live, now=now)
