"""The newest reports and service levels are told, each read once; what cannot be read hides nothing else."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from driftboard.config import Settings
from driftboard.data import (
    ModelKey,
    Store,
    tables,
)
from driftboard.data.service_counts import ServiceCounts
from driftboard.exporter import Exporter
from driftboard.monitors.interval import Interval
from driftboard.monitors.report import SegmentResult
from driftboard.monitors.verdict import Verdict
from tests.exporter.world import (
    MINUTE,
    NOW,
    add_model,
    add_report,
    count,
    feature,
    feature_report,
    outcomes,
    value,
    values,
)

SETTINGS = Settings()


@pytest.fixture
def exporter(store: Store) -> Exporter:
    """An exporter of the test's log, with default settings."""
    return Exporter(store, SETTINGS)


def test_a_newer_report_replaces_the_older(store: Store, exporter: Exporter) -> None:
    """The newest batch speaks, not the report written last; nothing is read twice."""
    model = add_model(store, batches=("day-1", "day-2"))
    add_report(store, model, "feature", feature_report([feature("age", ks=0.25)]), batch="day-2")
    assert values(exporter.scrape(NOW), "driftboard_feature_drift_score", "feature") == {("age",): 0.25}
    add_report(store, model, "feature", feature_report([feature("age", ks=0.5)]), batch="day-1")
    assert values(exporter.scrape(NOW), "driftboard_feature_drift_score", "feature") == {("age",): 0.25}
    moved = feature_report([feature("age", ks=0.75, verdict=Verdict.CRITICAL, psi=0.5)], Verdict.CRITICAL)
    add_report(store, model, "feature", moved, batch="day-2")
    scraped = exporter.scrape(NOW)
    assert values(scraped, "driftboard_feature_drift_score", "feature") == {("age",): 0.75}
    assert values(scraped, "driftboard_feature_psi", "feature") == {("age",): pytest.approx(0.48)}
    assert values(scraped, "driftboard_feature_moved", "feature") == {("age",): 1}
    assert values(scraped, "driftboard_verdict", "monitor") == {("feature",): 3}
    read = exporter._reported.read
    exporter.scrape(NOW)
    assert exporter._reported.read == read == 2


def test_a_lower_id_that_is_committed_later_is_seen(store: Store, exporter: Exporter) -> None:
    """On a server a report may appear behind one that is known already: it is not missed."""
    r = tables.monitor_reports
    model = add_model(store, batches=("day-1", "day-2"))
    add_report(store, model, "feature", feature_report([feature("age", ks=0.25)]), batch="day-1")
    with store.write() as connection:
        connection.execute(update(r).values(report_id=101))
    exporter.scrape(NOW)
    exporter.scrape(NOW)
    add_report(store, model, "feature", feature_report([feature("age", ks=0.5)]), batch="day-2")
    with store.write() as connection:
        connection.execute(update(r).where(r.c.report_id != 101).values(report_id=60))
    assert values(exporter.scrape(NOW), "driftboard_feature_drift_score", "feature") == {("age",): 0.5}


def test_outcomes_wait_for_their_labels(store: Store, exporter: Exporter) -> None:
    """Accuracy is that of the newest batch whose labels had the time to arrive; each report is read once."""
    model = add_model(store, batches=("day-1", "day-2", "day-3"))
    whole = replace(outcomes(0.9), accuracy_interval=Interval(0.8, 0.95), macro_f1=0.7)
    add_report(store, model, "performance", whole, batch="day-1")
    add_report(store, model, "performance", outcomes(0.1, provisional=True), batch="day-2")
    add_report(store, model, "performance", outcomes(0.2, n_labelled=0), batch="day-3")
    scraped = exporter.scrape(NOW)
    assert value(scraped, "driftboard_accuracy_ratio") == 0.9
    assert value(scraped, "driftboard_accuracy_lower_ratio") == 0.8
    assert value(scraped, "driftboard_accuracy_upper_ratio") == 0.95
    assert value(scraped, "driftboard_macro_f1_ratio") == 0.7
    assert value(scraped, "driftboard_labels_coverage_ratio") == 0.5
    add_report(store, model, "performance", outcomes(0.6), batch="day-2")
    read = exporter._reported.read
    assert value(exporter.scrape(NOW), "driftboard_accuracy_ratio") == 0.6
    assert exporter._reported.read == read + 1


def test_the_worst_are_named(store: Store) -> None:
    """Of more features and segments than are asked for, those that moved, and the lowest accuracies, are named."""
    model = add_model(store)
    quiet = [feature(f"q{number}", ks=number / 100) for number in range(9)]
    moved = feature("small", ks=0.01, verdict=Verdict.WARNING)
    add_report(store, model, "feature", feature_report([*quiet, moved], Verdict.WARNING))
    levels = [SegmentResult("origin", f"o{n}", Verdict.OK, "It is.", 9, value=n / 10) for n in range(9, 0, -1)]
    add_report(store, model, "performance", replace(outcomes(0.9), segments=tuple(levels)))
    settings = Settings.model_validate({"metrics": {"top_features": 2, "top_segments": 2}})
    scraped = Exporter(store, settings).scrape(NOW)
    assert values(scraped, "driftboard_feature_moved", "feature") == {("small",): 1, ("q8",): 0}
    assert value(scraped, "driftboard_features_moved") == 1
    segments = values(scraped, "driftboard_segment_accuracy_ratio", "segment", "level")
    assert segments == {("origin", "o1"): 0.1, ("origin", "o2"): 0.2}


def test_a_damaged_report_hides_nothing_else(store: Store, exporter: Exporter) -> None:
    """What cannot be read is absent and counted at every scrape; all other models and monitors are served."""
    model, other = add_model(store), add_model(store, ModelKey("other"))
    add_report(store, model, "feature", "{damaged")
    for each in (model, other):
        add_report(store, each, "performance", outcomes(0.9))
    for scrapes in (1, 2):
        scraped = exporter.scrape(NOW)
        assert values(scraped, "driftboard_accuracy_ratio", "model") == {("churn",): 0.9, ("other",): 0.9}
        assert values(scraped, "driftboard_verdict", "model", "monitor").keys() == {
            ("churn", "performance"),
            ("other", "performance"),
        }
        assert values(scraped, "driftboard_scrape_errors_total", "part") == {("reports",): scrapes}
    add_report(store, model, "feature", feature_report([feature("age")]))
    scraped = exporter.scrape(NOW)
    assert ("churn", "feature") in values(scraped, "driftboard_verdict", "model", "monitor")
    assert values(scraped, "driftboard_scrape_errors_total", "part") == {("reports",): 2}


def test_levels_stand_as_the_log_tells(store: Store, exporter: Exporter) -> None:
    """Half of the requests failed: the level is missed, its budget overspent; what is newer is read between scrapes."""
    model = add_model(store)
    count(store, model, ServiceCounts(success=500, errors={"Timeout": 500}))
    scraped = exporter.scrape(NOW + MINUTE)
    compliance = values(scraped, "driftboard_slo_compliance_ratio", "slo")
    assert compliance["error_rate",] == pytest.approx(0.5)
    assert values(scraped, "driftboard_slo_target_ratio", "slo")["error_rate",] == pytest.approx(0.99)
    assert values(scraped, "driftboard_slo_error_budget_remaining_ratio", "slo")["error_rate",] < 0
    assert values(scraped, "driftboard_slo_met", "slo")["error_rate",] == 0
    count(store, model, ServiceCounts(success=1000), at=NOW + MINUTE)
    later = NOW + 3 * MINUTE
    assert values(exporter.scrape(later), "driftboard_slo_compliance_ratio", "slo") == compliance
    exporter.catch_up(later)
    scraped = exporter.scrape(later)
    assert values(scraped, "driftboard_slo_compliance_ratio", "slo")["error_rate",] == pytest.approx(0.75)


def test_levels_are_refreshed_though_nobody_catches_up(store: Store, exporter: Exporter) -> None:
    """Once they are five minutes old a scrape reads them itself."""
    model = add_model(store)
    exporter.scrape(NOW)
    count(store, model, ServiceCounts(success=500, errors={"Timeout": 500}))
    scraped = exporter.scrape(NOW + 4 * MINUTE)
    assert values(scraped, "driftboard_slo_met", "slo").get(("error_rate",)) != 0
    scraped = exporter.scrape(NOW + 6 * MINUTE)
    assert values(scraped, "driftboard_slo_met", "slo")["error_rate",] == 0
