"""A log of models of which there is everything to tell: counts of a month, reports, processes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import insert

from driftboard.data import (
    ModelKey,
    PredictionBatch,
    Store,
    log_predictions,
    promote_reference,
    register_model,
    tables,
)
from driftboard.data.backend import hold_model
from driftboard.data.catalog import Model, get_model
from driftboard.data.process_samples import ProcessSample, save_sample
from driftboard.data.reading import list_batches
from driftboard.data.reports import save_report
from driftboard.data.service_counts import (
    CONFIDENCE_BOUNDS,
    HOUR,
    LATENCY_BOUNDS,
    MINUTE,
    ROWS_BOUNDS,
    ServiceCounts,
    add_counts,
)
from driftboard.data.times import to_micros
from driftboard.monitors.interval import Interval
from driftboard.monitors.report import (
    FeatureReport,
    FeatureResult,
    Monitor,
    PerformanceReport,
    PredictionReport,
    Report,
    SegmentResult,
    report_to_json,
)
from driftboard.monitors.two_sample import Test
from driftboard.monitors.verdict import Verdict

FEATURES = 50
CLASSES = 5
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def add_model(store: Store, name: str) -> Model:
    """Add a model of which there is everything to tell."""
    key = ModelKey(name)
    register_model(store, key)
    answers = ["stay", "leave"]
    batch = PredictionBatch(key, "day-1", {"age": [1.0, 2.0]}, answers, labels=answers, predicted_at=NOW)
    reference_id = promote_reference(store, replace(batch, batch_id="reference"))
    log_predictions(store, batch, now=NOW)
    with store.write() as connection:
        model = get_model(connection, key)
        hold_model(connection, model.model_id)
        (found,) = list_batches(connection, model)
        for monitor, report in _reports():
            told: dict[str, Any] = {"verdict": str(report.verdict), "payload": report_to_json(monitor, report)}
            save_report(connection, found, monitor=monitor, reference_id=reference_id, now=NOW, **told)
        add_counts(connection, model.model_id, "requests", {(MINUTE, NOW): counts_of(100)})
        add_counts(connection, model.model_id, "predictions", {(MINUTE, NOW): counts_of(100)})
        connection.execute(insert(tables.service_counts), _month(model))
        for number in range(2):
            save_sample(connection, ProcessSample(f"{name}:{number}", NOW, model.model_id, "service", 0.5, 10**9))
    return model


def counts_of(n: int) -> ServiceCounts:
    """Return counts in which every cell, class and kind of error occurs."""
    return ServiceCounts(
        success=n,
        errors={"Timeout": 1, "ValueError": 2},
        latency=(n, *(1,) * len(LATENCY_BOUNDS)),
        latency_sum=0.1 * n,
        rows=(n, *(0,) * len(ROWS_BOUNDS)),
        rows_sum=n,
        classes={f"class {number}": n for number in range(CLASSES)},
        confidence=(n, *(1,) * len(CONFIDENCE_BOUNDS)),
        confidence_sum=0.5 * n,
    )


def _month(model: Model) -> list[dict[str, object]]:
    """Hours of thirty days, the last two by the minute."""
    counts = counts_of(50)
    payload = {name: getattr(counts, name) for name in ServiceCounts.__slots__ if getattr(counts, name)}
    text = orjson.dumps(payload).decode()
    starts = [(MINUTE, NOW - timedelta(minutes=ago)) for ago in range(1, 48 * 60)]
    starts += [(HOUR, NOW - timedelta(hours=ago)) for ago in range(48, 30 * 24)]
    place = {"model_id": model.model_id, "source": "requests", "payload": text}
    return [place | {"seconds": seconds, "start": to_micros(start)} for seconds, start in starts]


def _reports() -> Iterator[tuple[Monitor, Report]]:
    test = Test(0.1, 0.3, 0.01)
    said = (Verdict.OK, "It is steady.")
    cells: dict[str, Any] = {"cells": tuple("abcdefghij"), "share": (0.1,) * 10, "reference_share": (0.1,) * 10}
    features = tuple(
        FeatureResult(f"feature {n}", "numeric", *said, 500, 500, 0.0, 0.0, psi=0.1, psi_noise=0.03, ks=test, **cells)
        for n in range(FEATURES)
    )
    yield "feature", FeatureReport(*said, 500, 500, features, 0.1, 0.25)
    names = tuple(f"class {n}" for n in range(CLASSES))
    numbers = (100,) * CLASSES
    mix: dict[str, Any] = {"classes": names, "counts": numbers, "reference_counts": numbers, "confidence_ks": test}
    yield "prediction", PredictionReport(*said, 500, 500, **mix)
    levels = tuple(SegmentResult("country", f"c{n}", *said, 50, value=0.9) for n in range(20))
    figures: dict[str, Any] = {
        "accuracy": 0.9,
        "accuracy_interval": Interval(0.85, 0.95),
        "macro_f1": 0.8,
        "segments": levels,
    }
    yield "performance", PerformanceReport(*said, 500, 400, 0.8, 0.05, **figures)
