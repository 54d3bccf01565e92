"""A small model and its batches, for tests of what the worker makes of several of them."""

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import text

from driftboard.config import Settings
from driftboard.data import ModelKey, PredictionBatch, Store, find_batch, get_model, register_model
from driftboard.data.reports import find_report
from driftboard.monitors import report_from_json
from driftboard.monitors.report import Monitor, Report

KEY = ModelKey("churn")
START = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday."""
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def batch(
    batch_id: str,
    n: int = 200,
    *,
    shift: float = 0.0,
    at: datetime | Sequence[datetime] = START,
    labels: Sequence[int | None] | None = None,
) -> PredictionBatch:
    """A batch of two features whose truth is the sign of x; `shift` moves x. The same name gives the same rows."""
    rng = np.random.default_rng(zlib.crc32(batch_id.encode()))
    x = rng.normal(size=n) + shift
    confidence = np.where(x > 0, 0.9, 0.1)
    return PredictionBatch(
        model=KEY,
        batch_id=batch_id,
        features={"x": x, "plan": rng.choice(["free", "pro"], n)},
        predicted=(x > 0).astype(int),
        scores=np.column_stack([1 - confidence, confidence]),
        classes=[0, 1],
        labels=labels,
        prediction_ids=[f"{batch_id}-{row}" for row in range(n)],
        predicted_at=at,
    )


def truth(given: PredictionBatch, *, wrong: int = 10) -> list[int]:
    """Labels of which every so many-th says that the prediction was wrong."""
    return [int(each) if row % wrong else 1 - int(each) for row, each in enumerate(given.predicted)]


def register(store: Store, n: int = 2000) -> None:
    """The model, with a reference of which nine in ten rows are right."""
    reference = batch("reference", n)
    register_model(store, KEY, reference=batch("reference", n, labels=truth(reference)))


def with_monitors(**given: object) -> Settings:
    """Settings with these of the monitors; the slow ones, which are information only, are off."""
    return Settings.model_validate({"monitors": {"multivariate": False, "sequential": False} | given})


def said(store: Store, batch_id: str) -> dict[str, str]:
    """Monitor to the JSON of its newest report on a batch."""
    with store.read() as connection:
        found = find_batch(connection, get_model(connection, KEY), batch_id)
        names = connection.execute(
            text("SELECT DISTINCT monitor FROM monitor_reports WHERE batch_key = :key"), {"key": found.batch_key}
        ).scalars()
        reports = {name: find_report(connection, found, name) for name in names}
    return {name: report.payload for name, report in reports.items() if report is not None}


def report_on(store: Store, batch_id: str, monitor: Monitor) -> Report:
    """The newest report of one monitor on a batch."""
    return report_from_json(monitor, said(store, batch_id)[monitor])


def rules(store: Store) -> list[str]:
    """The rules of all incidents, in the order they opened."""
    with store.read() as connection:
        return list(connection.execute(text("SELECT rule FROM incidents ORDER BY incident_id")).scalars())
