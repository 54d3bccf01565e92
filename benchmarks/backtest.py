"""How long a backtest takes: 10,000 batches of 50 features, read from a log and lived through under one policy.

Every fifteenth batch begins an episode of three bad batches, in which five features drift at once; every tenth report
is revised a day later. Beside it: the same reports read with all their numbers, which the backtest does without.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert, select

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.backtest import backtest
from driftboard.alerts.history import read_history
from driftboard.data import ModelKey, PredictionBatch, Store, open_store, register_model, tables
from driftboard.data.times import to_micros
from driftboard.monitors.feature_report import FeatureReport, FeatureResult
from driftboard.monitors.finding import Evidence, Finding
from driftboard.monitors.report import report_from_json, report_to_json
from driftboard.monitors.verdict import Verdict

BATCHES, FEATURES = 10_000, 50
DRIFTING, BAD_BATCHES, PERIOD = 5, 3, 15
START = datetime(2025, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = AlertSettings.model_validate(
    {
        "channels": {
            "team": {"type": "slack", "webhook_url": "env:SLACK_URL"},
            "oncall": {"type": "pagerduty", "routing_key": "env:PAGER_KEY"},
        }
    }
)
_EVIDENCE = Evidence(3, "2025-01-01", 3000, 10000, 1e-9, 1e-4, 0.3123456789, "PSI", 0.1, 0.2)
_CELLS = tuple(f"{cell}.5 to {cell + 1}.5" for cell in range(10))


def report(*, bad: bool) -> str:
    """Return a report on fifty features, five of which drift if the batch is bad."""
    shares = tuple((np.arange(10) + 95.5).round(3) / 1000)
    results = tuple(_result(f"feature_{n}", shares, drifts=bad and n < DRIFTING) for n in range(FEATURES))
    drifted = [each for each in results if each.verdict is Verdict.CRITICAL]
    findings = tuple(
        Finding(each.verdict, each.message.rstrip("."), "feature_drift", each.feature, each.evidence)
        for each in drifted
    )
    verdict = Verdict.CRITICAL if bad else Verdict.OK
    said = FeatureReport(verdict, "Five features drift.", 1000, 10000, results, 0.1, 0.2, findings=findings)
    return report_to_json("feature", said)


def _result(name: str, shares: tuple[float, ...], *, drifts: bool) -> FeatureResult:
    return FeatureResult(
        feature=name,
        kind="numeric",
        verdict=Verdict.CRITICAL if drifts else Verdict.OK,
        message=f"{name} {'drifts' if drifts else 'is steady'}: corrected PSI 0.0123.",
        n=1000,
        n_reference=10000,
        missing_rate=0.0,
        reference_missing_rate=0.0,
        psi=0.0123456789,
        psi_noise=0.0099,
        psi_limit=0.0312345,
        mean=1.23456789,
        reference_mean=1.1111,
        cells=_CELLS,
        share=shares,
        reference_share=shares,
        evidence=_EVIDENCE,
    )


def fill(store: Store, batches: int) -> None:
    """Write a log of so many judged batches; there is no prediction in it."""
    key = ModelKey("flights", "2")
    given: dict[str, Any] = {
        "features": {"x": [1.0, 2.0]},
        "predicted": ["a", "b"],
        "labels": ["a", "b"],
        "predicted_at": START,
    }
    reference = PredictionBatch(key, "reference", **given)
    register_model(store, key, reference=reference)
    with store.write() as connection:
        model_id = connection.execute(select(tables.models.c.model_id)).scalar_one()
        reference_id = connection.execute(select(tables.references.c.reference_id)).scalar_one()
        connection.execute(insert(tables.batches), [_batch(n, model_id) for n in range(batches)])
    texts = {bad: report(bad=bad) for bad in (False, True)}
    for start in range(0, batches, 500):
        with store.write() as connection:
            rows = [row for n in range(start, min(start + 500, batches)) for row in _reports(n, reference_id, texts)]
            connection.execute(insert(tables.monitor_reports), rows)


def _batch(number: int, model_id: int) -> dict[str, Any]:
    at = to_micros(START + number * HOUR)
    counts = {"n_predictions": 1000, "n_labels": 0, "changes": 1}
    return {
        "batch_key": number + 1,
        "model_id": model_id,
        "batch_id": f"hour-{number}",
        "first_at": at,
        "last_at": at,
        **counts,
    }


def _reports(number: int, reference_id: int, texts: dict[bool, str]) -> Iterator[dict[str, Any]]:
    text = texts[number % PERIOD < BAD_BATCHES]
    for revision in (1, 2) if number % 10 == 0 else (1,):
        yield {
            "batch_key": number + 1,
            "monitor": "feature",
            "revision": revision,
            "changes": revision,
            "n_predictions": 1000,
            "reference_id": reference_id,
            "verdict": "ok",
            "payload": text,
            "created_at": to_micros(START + (number + 24 * (revision - 1)) * HOUR + timedelta(minutes=5)),
            "look_again_at": None,
        }


def main(batches: int = BATCHES) -> None:
    """Print what it takes."""
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "log.sqlite") as store:
        fill(store, batches)
        until = START + (batches + 48) * HOUR
        began = time.perf_counter()
        with store.read() as connection:
            history = read_history(connection, until=until)
        read = time.perf_counter() - began
        result = backtest(history, POLICY, since=START, until=until)
        took = time.perf_counter() - began
        text = report(bad=False)
        began = time.perf_counter()
        for _ in range(200):
            report_from_json("feature", text)
        whole = (time.perf_counter() - began) / 200 * len(history.judged)
    print(f"{batches:,} batches x {FEATURES} features, {len(history.judged):,} judgements of {len(text) // 1000} kB:")
    print(f"  backtest  {took:6.1f} s, of which {read:.1f} s to read  (goal: 30 s for 10,000)")
    print(f"  baseline  {whole:6.1f} s for reading every number of the same reports alone")
    print(f"  {len(result.incidents):,} incidents, {len(result.told):,} messages, {len(result.pages):,} pages")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
