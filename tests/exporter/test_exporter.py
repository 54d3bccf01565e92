"""A scrape says what the log holds, on both engines; what cannot be read hides nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from driftboard import __version__
from driftboard.config import Settings
from driftboard.data import (
    ModelKey,
    PredictionBatch,
    Store,
    log_predictions,
    open_store_read_only,
    register_model,
    tables,
)
from driftboard.data.heartbeats import beat
from driftboard.data.incidents import insert_incident
from driftboard.data.process_samples import Gpu, ProcessSample, save_sample
from driftboard.data.service_counts import LATENCY_BOUNDS, MAX_NAMES, ServiceCounts
from driftboard.exporter import FAMILIES, Exporter
from tests.alerts.incidents import incident
from tests.dashboard.reports import evidence, reports
from tests.exporter.world import (
    KEY,
    MINUTE,
    NOW,
    add_model,
    add_report,
    count,
    outcomes,
    series,
    value,
    values,
)

SETTINGS = Settings()


@pytest.fixture
def exporter(store: Store) -> Exporter:
    """An exporter of the test's log, with default settings."""
    return Exporter(store, SETTINGS)


def test_an_empty_log_tells_of_driftboard_alone(exporter: Exporter) -> None:
    """Without a model there is the version, the queue and the size, and no trouble."""
    scraped = exporter.scrape(NOW)
    assert values(scraped, "driftboard_build_info", "version") == {(__version__,): 1}
    assert value(scraped, "driftboard_queued_notifications") == 0
    assert value(scraped, "driftboard_unjudged_batches") == 0
    assert (value(scraped, "driftboard_database_bytes") or 0) > 1_000
    assert values(scraped, "driftboard_scrape_errors_total") == {}
    assert not [name for name, labels in series(scraped) if "model" in dict(labels)]


def test_what_is_logged_is_counted(store: Store, exporter: Exporter) -> None:
    """Predictions by class and requests by status come from the log itself, with the model's labels."""
    add_model(store)
    scraped = exporter.scrape(NOW + MINUTE)
    assert values(scraped, "driftboard_predictions_total", "model", "version", "environment", "predicted_class") == {
        ("churn", "3", "staging", "stay"): 3,
        ("churn", "3", "staging", "leave"): 1,
    }
    assert values(scraped, "driftboard_requests_total", "status") == {("success",): 4, ("error",): 0, ("rejected",): 0}
    assert value(scraped, "driftboard_predictions_per_second") == pytest.approx(4 / 300)
    assert value(scraped, "driftboard_newest_prediction_timestamp_seconds") == NOW.timestamp()
    assert value(scraped, "driftboard_unjudged_batches") == 1
    assert value(exporter.scrape(NOW + 10 * MINUTE), "driftboard_predictions_per_second") == 0


def test_an_instrumented_service_is_believed(store: Store, exporter: Exporter) -> None:
    """Requests that a service tells of count instead of the rows of the log; classes stay the log's."""
    model = add_model(store)
    latency = tuple(int(bound == 0.25) for bound in (*LATENCY_BOUNDS, 99.0))
    told = ServiceCounts(success=1, errors={"Timeout": 2}, rejected=3, latency=latency, latency_sum=0.2)
    count(store, model, told)
    scraped = exporter.scrape(NOW)
    assert values(scraped, "driftboard_requests_total", "status") == {("success",): 1, ("error",): 2, ("rejected",): 3}
    assert values(scraped, "driftboard_request_errors_total", "type") == {("Timeout",): 2}
    buckets = values(scraped, "driftboard_request_duration_seconds_bucket", "le")
    assert (buckets["0.2",], buckets["0.25",], buckets["+Inf",]) == (0, 1, 1)
    assert sum(values(scraped, "driftboard_predictions_total", "predicted_class").values()) == 4


def test_counters_never_go_down(store: Store, exporter: Exporter) -> None:
    """As classes come and overtake each other no series falls, and the sum is always that of all predictions."""
    model = add_model(store)
    before: dict[tuple[str, ...], float] = {}
    for number in range(2 * MAX_NAMES):
        count(store, model, ServiceCounts(success=1, classes={f"c{number}": 1 + number}), source="predictions")
        now = values(exporter.scrape(NOW), "driftboard_predictions_total", "predicted_class")
        assert all(now[name] >= before[name] for name in before)
        before = now
    assert len(before) == SETTINGS.metrics.top_classes + 1
    assert sum(before.values()) == 4 + sum(1 + number for number in range(2 * MAX_NAMES))


def test_a_damaged_count_hides_nothing_else(store: Store, exporter: Exporter) -> None:
    """Counts that are no JSON are left out and counted; reports are served."""
    model = add_model(store)
    add_report(store, model, "performance", outcomes(0.9))
    with store.write() as connection:
        connection.execute(update(tables.service_counts).values(payload="{damaged"))
    scraped = exporter.scrape(NOW)
    assert value(scraped, "driftboard_accuracy_ratio") == 0.9
    assert values(scraped, "driftboard_requests_total") == {}
    assert values(scraped, "driftboard_scrape_errors_total", "part")["counts",] >= 1


def test_processes_that_are_gone_are_not_shown(store: Store, exporter: Exporter) -> None:
    """The newest minute of each process counts, for each model it serves; who is not seen for three minutes is gone."""
    model, other = add_model(store), add_model(store, ModelKey("other"))
    minute = NOW.replace(second=0)
    card = Gpu("card", 0.5, 10**9, 2 * 10**9)
    web = ProcessSample("web:1", minute, model.model_id, "service", 1.5, 1000, in_progress=2, gpus=(card,))
    with store.write() as connection:
        save_sample(connection, replace(web, at=minute - MINUTE, cpu=9.0))
        save_sample(connection, web)
        save_sample(connection, ProcessSample("web:2", minute, model.model_id, "service", 0.5, 500, in_progress=1))
        save_sample(connection, ProcessSample("web:3", minute - 4 * MINUTE, model.model_id, "service", 7.0, 700))
        save_sample(connection, ProcessSample("db:9", minute, None, "worker", 0.25, 900))
        save_sample(connection, replace(web, model_id=other.model_id, cpu=0.75, gpus=()))
    scraped = exporter.scrape(NOW)
    assert values(scraped, "driftboard_process_cpu_cores", "model", "component", "process") == {
        ("churn", "service", "web:1"): 1.5,
        ("other", "service", "web:1"): 0.75,
        ("churn", "service", "web:2"): 0.5,
        ("", "worker", "db:9"): 0.25,
    }
    assert values(scraped, "driftboard_requests_in_progress", "model") == {("churn",): 3, ("other",): 2}
    assert values(scraped, "driftboard_process_gpu_utilization_ratio", "process", "gpu") == {("web:1", "0"): 0.5}
    assert values(exporter.scrape(NOW + timedelta(hours=1)), "driftboard_process_cpu_cores") == {}


def test_own_health(store: Store, exporter: Exporter) -> None:
    """N10: the age of the newest sign of life of each part is told, of several dispatchers the newest."""
    with store.write() as connection:
        beat(connection, "worker", interval_seconds=60, now=NOW - timedelta(seconds=90))
        beat(connection, "dispatcher:a", interval_seconds=1, now=NOW - timedelta(seconds=500))
        beat(connection, "dispatcher:b", interval_seconds=1, now=NOW - timedelta(seconds=2))
    found = values(exporter.scrape(NOW), "driftboard_heartbeat_age_seconds", "component")
    assert found == {("worker",): 90, ("dispatcher",): 2}


def test_open_incidents_are_counted(store: Store, exporter: Exporter) -> None:
    """By severity, zeros included, of each model and of driftboard itself."""
    model = add_model(store)
    with store.write() as connection:
        insert_incident(connection, replace(incident(), model_id=model.model_id, model=KEY, severity="critical"))
    found = values(exporter.scrape(NOW), "driftboard_open_incidents", "model", "severity")
    assert found == {(name, each): 0 for name in ("churn", "") for each in ("info", "warning", "critical")} | {
        ("churn", "critical"): 1
    }


def test_every_metric_is_told_by_somebody(store: Store) -> None:
    """No name in the table is one that nobody exports; with aliases each other name is there, too."""
    model, value_model = add_model(store), add_model(store, ModelKey("value"))
    said = dict(reports(5))
    said["performance"] = replace(said["performance"], provisional=False)
    said["prediction"] = replace(said["prediction"], confidence=evidence(0.4, 0.03, "PSI"))
    for monitor, report in said.items():
        add_report(store, model, monitor, report)
    add_report(store, value_model, "performance", replace(outcomes(0.5), accuracy=None, mae=1.0, rmse=2.0))
    latency = (1,) * (len(LATENCY_BOUNDS) + 1)
    told = ServiceCounts(success=1, errors={"Timeout": 1}, latency=latency, rows=(1,) * 11, rows_sum=11)
    count(store, model, told)
    sure = ServiceCounts(success=1, classes={"stay": 1}, confidence=(1,) * 13)
    count(store, model, sure, source="predictions")
    process = ProcessSample("web:1", NOW.replace(second=0), model.model_id, "service", 1, 1, gpus=(Gpu("a", 0, 0, 0),))
    with store.write() as connection:
        save_sample(connection, process)
        beat(connection, "worker", interval_seconds=60, now=NOW)
        connection.execute(
            update(tables.monitor_reports).where(tables.monitor_reports.c.monitor == "quality").values(payload="{")
        )
    scraped = Exporter(store, Settings.model_validate({"metrics": {"aliases": True}})).scrape(NOW).decode()
    missing = {
        name
        for family in FAMILIES
        for name in (family.name, *(alias.name for alias in family.aliases))
        if f"# TYPE {name} {family.kind}\n" not in scraped
    }
    assert missing - ({"driftboard_wal_bytes"} if store.on_server else set()) == set()


def test_a_reader_is_enough(path, store: Store) -> None:
    """The exporter needs no means to change the log, and names no path, no address and no secret."""
    add_model(store)
    with open_store_read_only(path) as reader:
        scraped = Exporter(reader, SETTINGS).scrape(NOW)
    assert value(scraped, "driftboard_newest_prediction_timestamp_seconds") == NOW.timestamp()
    assert str(path.parent).encode() not in scraped


def test_a_clock_set_back_stops_nothing(store: Store, exporter: Exporter) -> None:
    """A scrape of an earlier time than the one before refreshes all the same."""
    add_model(store)
    exporter.scrape(NOW + timedelta(days=1))
    assert value(exporter.scrape(NOW), "driftboard_unjudged_batches") == 1
    again = PredictionBatch(KEY, "day-9", {"age": [1.0]}, ["stay"], prediction_ids=["n"], predicted_at=NOW)
    log_predictions(store, again, now=NOW)
    assert value(exporter.scrape(NOW + 6 * MINUTE), "driftboard_unjudged_batches") == 2


def test_a_model_without_requests_begins_at_zero(store: Store, exporter: Exporter) -> None:
    """The first failure is seen by `rate`, for the counter was there before; of predictions nothing is said."""
    register_model(store, KEY)
    scraped = exporter.scrape(NOW)
    assert values(scraped, "driftboard_requests_total", "status") == {("success",): 0, ("error",): 0, ("rejected",): 0}
    assert values(scraped, "driftboard_predictions_total") == {}
    assert value(scraped, "driftboard_newest_prediction_timestamp_seconds") is None


def test_a_log_that_is_gone_is_told(path, store: Store, exporter: Exporter) -> None:
    """N10: nothing can be read, and the scrape says so instead of failing; once the log is back all is well."""
    add_model(store)
    exporter.scrape(NOW)
    store.close()
    away = path.rename(path.with_name("away"))
    scraped = exporter.scrape(NOW)
    assert values(scraped, "driftboard_build_info", "version") == {(__version__,): 1}
    failed = {part for (part,) in values(scraped, "driftboard_scrape_errors_total", "part")}
    assert {"models", "counts", "own"} <= failed
    assert str(path.parent).encode() not in scraped
    away.rename(path)
    assert sum(values(exporter.scrape(NOW), "driftboard_predictions_total", "predicted_class").values()) == 4
