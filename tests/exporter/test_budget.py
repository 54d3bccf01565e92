"""T9: however much is logged, a model has at most 500 series, and Prometheus takes them all."""

from dataclasses import replace

import pytest

from driftboard.api_settings import MetricsSettings
from driftboard.config import Settings
from driftboard.data import ModelKey, Store
from driftboard.data.process_samples import Gpu, ProcessSample, save_sample
from driftboard.data.service_counts import CONFIDENCE_BOUNDS, LATENCY_BOUNDS, ROWS_BOUNDS, ServiceCounts
from driftboard.exporter import Exporter
from driftboard.exporter.budget import MOST_SERIES, limits_of
from driftboard.monitors.interval import Interval
from driftboard.monitors.report import SegmentResult
from driftboard.monitors.verdict import Verdict
from tests.alerts.names import HOSTILE
from tests.dashboard.reports import reports
from tests.exporter.world import NOW, add_model, add_report, count, feature, feature_report, outcomes, series
from tests.prometheus_server import needs_prometheus, promtool

LIMITS = {"top_features": 100, "top_classes": 50, "top_segments": 50}
NAMES = [f"{name} {number}" for number in range(50) for name in HOSTILE]


def crowd(store: Store) -> None:
    """Build a model of ten thousand hostile features, levels, classes and types of error, and forty processes."""
    model = add_model(store, ModelKey(HOSTILE[0], HOSTILE[1].replace("\0", ""), "production"))
    for monitor, report in reports(5):
        add_report(store, model, monitor, report)
    moved = [feature(name, verdict=Verdict.WARNING) for name in NAMES]
    add_report(store, model, "feature", feature_report(moved, Verdict.WARNING))
    worst = tuple(SegmentResult("origin", name, Verdict.OK, "It is.", 9, value=0.5) for name in NAMES)
    whole = outcomes(0.9)
    interval = Interval(0.8, 0.95)
    add_report(
        store,
        model,
        "performance",
        replace(whole, segments=worst, accuracy_interval=interval, macro_f1=0.5, mae=1.0, rmse=1.0),
    )
    many = ServiceCounts(
        success=9,
        errors=dict.fromkeys(NAMES, 1),
        rejected=1,
        latency=(1,) * (len(LATENCY_BOUNDS) + 1),
        rows=(1,) * (len(ROWS_BOUNDS) + 1),
        classes=dict.fromkeys(NAMES * 10, 1),
        confidence=(1,) * (len(CONFIDENCE_BOUNDS) + 1),
    )
    count(store, model, many)
    count(store, model, many, source="predictions")
    cards = tuple(Gpu("card", 0.5, 1, 2) for _ in range(8))
    minute = NOW.replace(second=0)
    with store.write() as connection:
        for number in range(40):
            save_sample(
                connection, ProcessSample(f"web-{number}:1", minute, model.model_id, "service", 1.0, 100, gpus=cards)
            )


@pytest.mark.parametrize(("aliases", "most"), [(False, MOST_SERIES), (True, 2 * MOST_SERIES)])
@needs_prometheus
def test_a_crowd_stays_within_the_budget(store: Store, aliases: bool, most: int) -> None:
    """T9: 1e4 features, levels and classes with hostile names are at most 500 series, valid to promtool."""
    crowd(store)
    settings = Settings.model_validate({"metrics": {**LIMITS, "aliases": aliases}})
    text = Exporter(store, settings).scrape(NOW)
    found = [name for name, labels in series(text) if {"model", "model_name"} & set(dict(labels))]
    assert most * 0.7 < len(found) <= most
    checked = promtool("check", "metrics", given=text)
    complaints = [line for line in (checked.stdout + checked.stderr).decode().splitlines() if line]
    assert [line for line in complaints if line.startswith("driftboard")] == []
    assert checked.returncode == (3 if aliases else 0), complaints


def test_the_largest_settings_leave_room() -> None:
    """Whatever is configured, the series that may come of it are counted before: features get what is left."""
    for features in (0, 50, 100):
        for classes in (1, 50):
            for segments in (0, 50):
                given = MetricsSettings(top_features=features, top_classes=classes, top_segments=segments)
                limits = limits_of(given)
                assert limits.features <= features
                assert (limits.classes, limits.segments) == (classes, segments)
                assert features <= 50 or limits.features >= 70
    assert limits_of(MetricsSettings()).features == 50
