"""Service levels: each promise measured, with its status, its budget and its sentence."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from driftboard.alerts.level_evidence import LevelEvidence
from driftboard.alerts.measured_levels import measured_levels
from driftboard.alerts.service_level import ServiceLevel
from driftboard.alerts.service_levels import read_levels
from driftboard.data import ModelKey, Store, find_batch, log_predictions, register_model
from driftboard.data.catalog import Model
from driftboard.data.reports import save_report
from driftboard.data.service import Service, Stretch
from driftboard.data.service_counts import HOUR
from driftboard.monitors.service_level import Tally
from driftboard.service_settings import Objectives
from tests.alerts.services import BEGIN, CHURN, asked, by_minute, predicted, serve, service_settings
from tests.data.batches import make_batch

NOW = BEGIN + timedelta(hours=2)


def levels(counts: Any, *, outcomes: Tally | None = None, **promised: Any) -> dict[str, ServiceLevel]:
    """The levels of some minutes; nothing is promised but what is said."""
    nothing = {"latency_p95": None, "availability": None, "error_rate": None, "accuracy": None}
    evidence = LevelEvidence(
        objectives=Objectives(**(nothing | promised)),
        service=Service("requests", by_minute(counts)),
        outcomes=outcomes,
        days=30,
        min_requests=20,
        now=NOW,
    )
    return {each.name: each for each in measured_levels(evidence)}


def test_what_is_not_promised_is_not_measured():
    """An empty promise has no levels; the default has the usual four."""
    assert levels([asked(60)] * 60) == {}
    names = ["latency_p95", "availability", "error_rate", "accuracy"]
    usual = {name: Objectives.model_fields[name].default for name in names}
    assert list(levels([asked(60)] * 60, outcomes=Tally(), **usual)) == names


def test_latency_counts_what_was_in_time():
    """3 of 100 took longer than half a second, and 5 may."""
    level = levels([asked(100, slow=3)] * 100, latency_p95=0.5)["latency_p95"]
    assert (level.good, level.total, level.compliance, level.target) == (9_700, 10_000, 0.97, 0.95)
    assert level.value == pytest.approx(0.19896907)
    assert level.budget_left == pytest.approx(0.4)
    assert (level.status, level.message) == (
        "met",
        "p95 199 ms, 97 % of 10,000 requests within 500 ms in 30 days; 40 % of the error budget is left.",
    )


def test_a_latency_is_missed_when_too_many_were_late():
    """8 of 100, where 5 may: 1.6 times the budget."""
    level = levels([asked(100, slow=8)] * 100, latency_p95=0.5)["latency_p95"]
    assert level.status == "missed"
    assert level.message.endswith("; 1.6 times the error budget is spent.")


def test_each_percentile_has_a_target_of_its_own():
    """Half, 95 and 99 of a hundred."""
    found = levels([asked(100, slow=3)] * 100, latency_p50=0.2, latency_p95=0.5, latency_p99=0.5)
    assert [(each.name, each.target, each.status) for each in found.values()] == [
        ("latency_p50", 0.50, "met"),
        ("latency_p95", 0.95, "met"),
        ("latency_p99", 0.99, "missed"),
    ]


@pytest.mark.parametrize(("failed", "status"), [(1, "met"), (2, "missed")])
def test_exactly_as_many_failures_as_allowed_are_allowed(failed: int, status: str):
    """1 of 100 is 1 %."""
    level = levels([asked(100, failed=failed)] * 50, error_rate=0.01)["error_rate"]
    assert level.status == status
    assert level.value == pytest.approx(failed / 100)
    assert level.message.startswith(f"{failed} % of 5,000 requests failed in 30 days, where 1 % may; ")


def test_availability_counts_minutes_with_requests():
    """A minute counts as served when at least half of its requests were answered; a silent one does not count."""
    counts = [asked(10)] * 97 + [asked(10, failed=5)] + [asked(10, failed=6)] * 1 + [asked(0)] * 10
    level = levels(counts, availability=0.995)["availability"]
    assert (level.good, level.total, level.status) == (98, 99, "missed")


def test_folded_hours_tell_their_minutes():
    """An hour knows in how many of its minutes it was asked, and in how many it was down."""
    evidence = LevelEvidence(
        objectives=Objectives(availability=0.9),
        service=Service(
            "requests", (Stretch(BEGIN - timedelta(days=3), HOUR, replace(asked(600), minutes=60, down=3)),)
        ),
        outcomes=None,
        days=30,
        min_requests=20,
        now=NOW,
    )
    level = {each.name: each for each in measured_levels(evidence)}["availability"]
    assert (level.good, level.total, level.status) == (57, 60, "met")


def test_too_few_requests_say_nothing():
    """19 of them, all failed: unknown, and the sentence says why. The control has one more."""
    level = levels([asked(19, failed=19)], error_rate=0.01)["error_rate"]
    assert (level.status, level.message) == ("unknown", "Only 19 requests in 30 days: fewer than 20 say nothing.")
    assert levels([asked(20, failed=20)], error_rate=0.01)["error_rate"].status == "missed"
    nothing = levels([], error_rate=0.01, latency_p95=0.5, availability=0.9)
    assert {each.message for each in nothing.values()} == {"Nothing was measured in 30 days."}


@pytest.mark.parametrize(
    ("right", "labelled", "status"),
    [(90, 100, "unknown"), (900, 1000, "met"), (800, 1000, "missed"), (0, 0, "unknown"), (5, 5, "unknown")],
)
def test_accuracy_is_known_once_its_interval_is_on_one_side(right: int, labelled: int, status: str):
    """0.85 is promised; 0.90 of 100 could still be 0.83."""
    level = levels([], outcomes=Tally(right, labelled), accuracy=0.85)["accuracy"]
    assert level.status == status
    assert level.burn == ()


def test_throughput_is_missed_only_where_as_much_was_asked():
    """A quiet service breaks no promise; one that was asked for 10 a second and answered late did."""
    quiet = levels([asked(60)] * 60, throughput=10.0)["throughput"]
    assert (quiet.status, quiet.value) == ("unknown", 1.0)
    assert quiet.message == ("Up to 1 predictions a second were served well; it was never asked for the 10 promised.")
    assert levels([asked(60)] * 60 + [asked(660)], throughput=10.0)["throughput"].status == "met"
    late = levels([asked(60)] * 60 + [asked(660, slow=600)], throughput=10.0, latency_p95=0.5)["throughput"]
    assert (late.status, late.value) == ("missed", 1.0)


def test_cost_is_that_of_the_hours_with_traffic():
    """Two hours of 1.50 for 6,000 predictions are 0.50 for a thousand; silent hours are not charged."""
    counts = [asked(100)] * 30 + [asked(0)] * 40 + [asked(100)] * 30
    level = levels(counts, cost_per_thousand=0.6, cost_per_hour=1.5)["cost"]
    assert (level.status, level.value, level.target) == ("met", 0.5, None)
    assert levels(counts, cost_per_thousand=0.4, cost_per_hour=1.5)["cost"].status == "missed"


def test_a_batch_of_predictions_counts_its_rows():
    """Requests with 50 rows each: the rows are what was predicted."""
    counts = [replace(asked(10), rows_sum=500)] * 60
    assert levels(counts, throughput=8.0)["throughput"].value == pytest.approx(500 / 60)


@pytest.fixture
def judged(store: Store) -> tuple[Store, Model]:
    """Three daily batches with performance reports: mature, mature at a second look, and provisional."""
    reference = make_batch(CHURN, batch_id="reference", prediction_ids=[f"r{row}" for row in range(6)])
    model = register_model(store, CHURN, reference=reference)
    for number in range(3):
        at = NOW - timedelta(days=3 - number)
        ids = [f"{number}-{row}" for row in range(6)]
        log_predictions(store, make_batch(CHURN, batch_id=f"b{number}", predicted_at=at, prediction_ids=ids), now=at)
    for number, right, provisional in ((0, 90, False), (1, 10, True), (1, 80, False), (2, 1, True)):
        say(store, model, number, right, provisional=provisional)
    return store, model


def say(store: Store, model: Model, number: int, right: int, *, provisional: bool = False, at: datetime = NOW) -> None:
    """Store what is said of a batch: so many of 100 labelled predictions were right."""
    with store.write() as connection:
        save_report(
            connection,
            find_batch(connection, model, f"b{number}"),
            monitor="performance",
            reference_id=1,
            verdict="ok",
            payload=orjson.dumps({"accuracy": right / 100, "n_labelled": 100, "provisional": provisional}).decode(),
            now=at,
        )


def test_accuracy_rests_on_labels_that_have_arrived(judged: tuple[Store, Model]):
    """The newest report of each batch; provisional ones do not count."""
    store, model = judged
    with store.read() as connection:
        found = {each.name: each for each in read_levels(connection, model, service_settings(), now=NOW)}
    assert (found["accuracy"].good, found["accuracy"].total) == (170, 200)


def test_only_batches_of_the_time_count(judged: tuple[Store, Model]):
    """Over two days the first batch is gone."""
    store, model = judged
    with store.read() as connection:
        found = {each.name: each for each in read_levels(connection, model, service_settings(slo={"days": 2}), now=NOW)}
    assert (found["accuracy"].good, found["accuracy"].total) == (80, 100)


def test_a_regression_model_is_promised_no_accuracy(store: Store):
    """There is none."""
    model = register_model(store, ModelKey("prices"), task="regression")
    with store.read() as connection:
        names = {each.name for each in read_levels(connection, model, service_settings(), now=NOW)}
    assert names == {"latency_p95", "availability", "error_rate"}


def test_compliance_is_of_its_days_though_budgets_burn_over_more(store: Store):
    """`slo.days = 1`: what failed two days ago is not counted, but the window of three days has seen it."""
    serve(store, [asked(60)] * 120)
    serve(store, [asked(600, failed=600)] * 10, begin=BEGIN - timedelta(days=2))
    model = serve(store, [])
    with store.read() as connection:
        found = {each.name: each for each in read_levels(connection, model, service_settings(slo={"days": 1}), now=NOW)}
    level = found["error_rate"]
    assert (level.good, level.total) == (7_200, 7_200)
    assert [round(burn.long or 0) for burn in level.burn] == [0, 0, 0, 45]


def test_an_uninstrumented_service_is_judged_by_its_predictions(store: Store):
    """What the log itself has counted."""
    model = serve(store, [predicted(60)] * 60, source="predictions")
    with store.read() as connection:
        found = {each.name: each for each in read_levels(connection, model, service_settings(), now=NOW)}
    assert (found["error_rate"].total, found["error_rate"].status) == (3_600, "met")
    assert found["latency_p95"].status == "unknown"
