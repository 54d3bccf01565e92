"""Logs to scrape: models with counts, processes, incidents and reports made by hand."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Connection

from driftboard.data import ModelKey, PredictionBatch, Store, log_predictions, promote_reference, register_model
from driftboard.data.backend import hold_model
from driftboard.data.catalog import Model, get_model
from driftboard.data.reading import find_batch
from driftboard.data.references import load_reference
from driftboard.data.reports import save_report
from driftboard.data.service_counts import ServiceCounts, Source, add_counts
from driftboard.monitors.report import FeatureReport, FeatureResult, Monitor, PerformanceReport, Report, report_to_json
from driftboard.monitors.two_sample import Test
from driftboard.monitors.verdict import Verdict

NOW = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KEY = ModelKey("churn", "3", "staging")

Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def series(exposition: bytes) -> Series:
    """Return every sample of an exposition by name and labels, as prometheus_client reads them; each comes once."""
    found: Series = {}
    for family in text_string_to_metric_families(exposition.decode()):
        for sample in family.samples:
            name = (sample.name, tuple(sorted(sample.labels.items())))
            assert name not in found
            found[name] = sample.value
    return found


def values(exposition: bytes, name: str, *labels: str) -> dict[tuple[str, ...], float]:
    """Return the samples of one metric by the values of some labels."""
    return {
        tuple(dict(pairs).get(label, "") for label in labels): value
        for (each, pairs), value in series(exposition).items()
        if each == name
    }


def value(exposition: bytes, name: str) -> float | None:
    """Return the only sample of a metric; None when there is none."""
    found = list(values(exposition, name).values())
    assert len(found) <= 1
    return found[0] if found else None


def add_model(store: Store, key: ModelKey = KEY, *, batches: Sequence[str] = ("day-1",), at: datetime = NOW) -> Model:
    """Register a model with a reference and batches of four predictions, a minute apart, none judged."""
    register_model(store, key)
    promote_reference(store, _batch(key, "reference", at))
    for number, batch_id in enumerate(batches):
        log_predictions(store, _batch(key, batch_id, at + number * MINUTE), now=at)
    with store.read() as connection:
        return get_model(connection, key)


def add_report(
    store: Store, model: Model, monitor: Monitor, report: Report | str, *, batch: str = "day-1", verdict: str = "ok"
) -> None:
    """Store a report, or any text in the place of one."""
    payload = report if isinstance(report, str) else report_to_json(monitor, report)
    with store.write() as connection:
        hold_model(connection, model.model_id)
        reference = load_reference(connection, model)
        assert reference is not None
        save_report(
            connection,
            find_batch(connection, model, batch),
            monitor=monitor,
            reference_id=reference.reference_id,
            verdict=verdict,
            payload=payload,
            now=NOW,
        )


def count(
    store: Store, model: Model, counts: ServiceCounts, *, source: Source = "requests", at: datetime = NOW
) -> None:
    """Add to a minute."""
    with store.write() as connection:
        count_in(connection, model, counts, source=source, at=at)


def count_in(connection: Connection, model: Model, counts: ServiceCounts, *, source: Source, at: datetime) -> None:
    """Add to a minute, inside a transaction."""
    hold_model(connection, model.model_id)
    add_counts(connection, model.model_id, source, {(60, at.replace(second=0, microsecond=0)): counts})


def feature(name: str, *, ks: float = 0.05, verdict: Verdict = Verdict.OK, psi: float = 0.1) -> FeatureResult:
    """One numeric feature."""
    test = Test(ks, 0.5, 0.01)
    return FeatureResult(name, "numeric", verdict, "It is.", 100, 100, 0.0, 0.0, psi=psi, psi_noise=0.02, ks=test)


def feature_report(features: Iterable[FeatureResult], verdict: Verdict = Verdict.OK) -> FeatureReport:
    """A report of these features."""
    return FeatureReport(verdict, "It is.", 100, 100, tuple(features), 0.1, 0.25)


def outcomes(accuracy: float, *, provisional: bool = False, n_labelled: int = 50) -> PerformanceReport:
    """A report of the outcomes."""
    return PerformanceReport(
        Verdict.OK, "It is.", 100, n_labelled, n_labelled / 100, 0.05, accuracy=accuracy, provisional=provisional
    )


def _batch(key: ModelKey, batch_id: str, at: datetime) -> PredictionBatch:
    answers = ["stay", "leave", "stay", "stay"]
    ids = [f"{batch_id}-{row}" for row in range(len(answers))]
    return PredictionBatch(
        key, batch_id, {"age": [40.0] * 4}, answers, prediction_ids=ids, labels=answers, predicted_at=at
    )
