"""A real Prometheus scrapes the real API while a service is at work, and answers what dashboards and rules ask."""

import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from driftboard.api.app import create_app
from driftboard.config import Settings
from driftboard.data import PredictionBatch, Store, log_predictions, open_store, register_model
from driftboard.data.catalog import Model, get_model
from driftboard.data.service_counts import LATENCY_BOUNDS, ServiceCounts
from driftboard.exporter import Exporter
from tests.exporter.test_budget import LIMITS, crowd
from tests.exporter.world import KEY, count, values
from tests.prometheus_server import PrometheusServer, needs_prometheus, scrape_config, serving

LATENCY = 0.06
"""Seconds of every request: in the cell (0.05, 0.075]."""

ROWS = 20
EACH = 25


@contextmanager
def at_work(store: Store, model: Model) -> Iterator[None]:
    """Log predictions and count requests, some of which fail, from a thread."""
    over = threading.Event()

    def work() -> None:
        number = 0
        with store.again() as own:
            while not over.wait(0.05):
                log(own, f"b{number}")
                served(own, model)
                number += 1

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def log(store: Store, batch_id: str) -> None:
    """Log twenty predictions."""
    answers = ["stay", "leave"] * (ROWS // 2)
    ids = [f"{batch_id}-{row}" for row in range(ROWS)]
    now = datetime.now(UTC)
    log_predictions(store, PredictionBatch(KEY, batch_id, {"age": [40.0] * ROWS}, answers, prediction_ids=ids), now=now)


def served(store: Store, model: Model) -> None:
    """Count twenty requests, one of which failed."""
    cell = next(place for place, bound in enumerate(LATENCY_BOUNDS) if bound >= LATENCY)
    cells = tuple(ROWS * (place == cell) for place in range(len(LATENCY_BOUNDS) + 1))
    told = ServiceCounts(ROWS - 1, {"Timeout": 1}, latency=cells, latency_sum=ROWS * LATENCY)
    count(store, model, told, at=datetime.now(UTC))


def new_model(store: Store) -> Model:
    """Register the model."""
    register_model(store, KEY)
    with store.read() as connection:
        return get_model(connection, KEY)


@needs_prometheus
def test_a_service_at_work_is_seen(path: Path, store: Store, tmp_path: Path) -> None:
    """Rates are above zero, the quantile lies in the right bucket, the share of errors is right, the target is up."""
    del path
    model = new_model(store)
    served(store, model)
    with (
        serving(create_app(store, Settings())) as address,
        PrometheusServer(tmp_path / "prometheus", scrape_config(address)) as prometheus,
        at_work(store, model),
    ):
        prometheus.wait_for("rate(driftboard_requests_total{status='success'}[10s]) > 0")
        prometheus.wait_for("rate(driftboard_predictions_total{predicted_class='leave'}[10s]) > 0")
        buckets = "sum by (le) (rate(driftboard_request_duration_seconds_bucket[10s]))"
        prometheus.wait_for(f"histogram_quantile(0.95, {buckets}) > 0.05 <= 0.075")
        errors = "sum(rate(driftboard_request_errors_total[10s])) / sum(rate(driftboard_requests_total[10s]))"
        assert prometheus.value(errors) == pytest.approx(1 / ROWS, rel=0.01)
        assert prometheus.value("up") == 1
        assert 50 < (prometheus.value("scrape_samples_scraped") or 0) <= 550
        assert prometheus.value("driftboard_scrape_errors_total") is None
        labels = prometheus.query("driftboard_requests_total{status='error'}")[0][0]
        assert {name: labels[name] for name in ("model", "version", "environment")} == {
            "model": KEY.name,
            "version": KEY.version,
            "environment": KEY.environment,
        }


@pytest.mark.slow
@needs_prometheus
def test_a_hostile_crowd_is_taken_whole(path: Path, store: Store, tmp_path: Path) -> None:
    """T9: names made to do harm are series in Prometheus, as many as were told; the scrape is not dropped."""
    del path
    crowd(store)
    settings = Settings.model_validate({"metrics": LIMITS})
    told = Exporter(store, settings).scrape(datetime.now(UTC)).decode()
    features = told.count("\ndriftboard_feature_psi{")
    with (
        serving(create_app(store, settings)) as address,
        PrometheusServer(tmp_path / "prometheus", scrape_config(address)) as prometheus,
    ):
        prometheus.wait_for("up == 1")
        assert prometheus.value("count(driftboard_feature_psi)") == features
        assert prometheus.value("count({model!=''})") is not None
        assert (prometheus.value("count({model!=''})") or 0) <= 500
        assert prometheus.targets()[0]["lastError"] == ""


def write(place: str, name: str) -> None:
    """Be one process of a service: log and count, again and again."""
    with open_store(place) as store:
        model = new_model(store)
        for number in range(EACH):
            log(store, f"{name}-{number}")
            served(store, model)


@pytest.mark.slow
def test_several_processes_are_one_model(place: str, store: Store) -> None:
    """Two processes write to one log while a third is scraped: nothing is lost, and no counter falls on the way."""
    new_model(store)
    exporter = Exporter(store, Settings())
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=write, args=(place, name)) for name in ("a", "b")]
    for process in processes:
        process.start()
    seen = [0.0]
    while any(process.is_alive() for process in processes):
        scraped = exporter.scrape(datetime.now(UTC))
        seen.append(sum(values(scraped, "driftboard_predictions_total", "predicted_class").values()))
        processes[0].join(0.05)
    assert [process.exitcode for process in processes] == [0, 0]
    assert seen == sorted(seen)
    scraped = exporter.scrape(datetime.now(UTC))
    classes = values(scraped, "driftboard_predictions_total", "predicted_class")
    assert classes == {("stay",): EACH * ROWS, ("leave",): EACH * ROWS}
    requests = values(scraped, "driftboard_requests_total", "status")
    assert requests == {("success",): 2 * EACH * (ROWS - 1), ("error",): 2 * EACH, ("rejected",): 0}
    assert values(scraped, "driftboard_request_duration_seconds_count") == {(): 2 * EACH * ROWS}
