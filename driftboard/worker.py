"""The worker: reads due batches, has them judged, and stores reports and alerts in one transaction."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from driftboard.alerts import dispatch, gate, record_alerts
from driftboard.config import MonitorSettings, Settings
from driftboard.data.backend import hold_model
from driftboard.data.catalog import Model, get_model, list_models
from driftboard.data.model_key import ModelKey
from driftboard.data.reading import BatchInfo, get_batch, read_batch
from driftboard.data.references import load_reference
from driftboard.data.reports import due_batches, save_report, seen_by_monitor
from driftboard.data.store import Store
from driftboard.errors import StoreError
from driftboard.monitors import ClassicPolicy, FeatureMonitor, PerformanceMonitor, PredictionMonitor, Sample, Verdict
from driftboard.monitors.report import Monitor, Report, report_to_json
from driftboard.samples import as_sample

log = logging.getLogger(__name__)


class Judge(Protocol):
    """What every monitor does, once it was fitted on a reference."""

    def report(self, batch: Sample) -> Report:
        """Return what there is to say of a batch."""
        ...


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What the worker made of one batch: the verdict of each monitor that looked again, and the alerts it raised."""

    model: ModelKey
    batch_id: str
    verdicts: Mapping[Monitor, Verdict]
    alerts: int


@dataclass(frozen=True, slots=True)
class _Bench:
    """A model's monitors, fitted on its reference."""

    reference_id: int
    monitors: Mapping[Monitor, Judge]


def evaluate_due(
    store: Store,
    settings: Settings,
    *,
    now: datetime | None = None,
    model: ModelKey | None = None,
    on_batch: Callable[[Evaluated], None] | None = None,
) -> tuple[Evaluated, ...]:
    """Judge every batch with new rows or labels; store each report once, with the alerts it is worth.

    Several workers may run: a batch that another one has judged meanwhile is left alone.

    Parameters
    ----------
    store
        Open for writing.
    settings
        Limits of the monitors, routes of the alerts.
    now
        The time the reports and alerts carry; the present by default.
    model
        Only this model's batches.
    on_batch
        Called after each batch.

    Raises
    ------
    UnknownModel
        The named model is not registered.
    StoreError
        The database failed; what was stored before stays.
    """
    with store.read() as connection:
        models = list_models(connection) if model is None else (get_model(connection, model),)
    worker = Worker(store, settings)
    done: list[Evaluated] = []
    for each in models:
        for evaluated in worker.evaluate(each, now):
            done.append(evaluated)
            if on_batch is not None:
                on_batch(evaluated)
    return tuple(done)


class Worker:
    """Judges due batches, keeping each model's fitted monitors from one round to the next."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._benches: dict[int, _Bench] = {}

    def evaluate_all(self, now: datetime | None = None) -> tuple[Evaluated, ...]:
        """Judge the due batches of every model."""
        with self._store.read() as connection:
            models = list_models(connection)
        return tuple(evaluated for model in models for evaluated in self.evaluate(model, now))

    def evaluate(self, model: Model, now: datetime | None = None) -> list[Evaluated]:
        """Judge the due batches of one model, oldest first; a model without a reference has none to be judged."""
        bench = self._bench(model)
        if bench is None:
            return []
        with self._store.read() as connection:
            due = due_batches(connection, model)
        results = (self._evaluate_batch(model, bench, batch_key, now or datetime.now(UTC)) for batch_key in due)
        return [result for result in results if result is not None]

    def _bench(self, model: Model) -> _Bench | None:
        with self._store.read() as connection:
            reference = load_reference(connection, model, unless=self._known(model))
        if reference is not None:
            monitors = _fit(as_sample(reference.rows), self._settings.monitors)
            self._benches[model.model_id] = _Bench(reference.reference_id, monitors)
        return self._benches.get(model.model_id)

    def _known(self, model: Model) -> int | None:
        bench = self._benches.get(model.model_id)
        return None if bench is None else bench.reference_id

    def _evaluate_batch(self, model: Model, bench: _Bench, batch_key: int, now: datetime) -> Evaluated | None:
        with self._store.read() as connection:
            batch = get_batch(connection, batch_key)
            seen = seen_by_monitor(connection, batch_key)
            sample = as_sample(read_batch(connection, model, batch))
        # Rows are never edited: a batch of as many rows against the same reference gives the same inputs and outputs.
        same = {
            name
            for name, before in seen.items()
            if (before.n_predictions, before.reference_id) == (batch.n_predictions, bench.reference_id)
        }
        reports = {
            name: monitor.report(sample)
            for name, monitor in bench.monitors.items()
            if name == "performance" or name not in same
        }
        return self._store_reports(model, bench, batch, reports, now)

    def _store_reports(
        self, model: Model, bench: _Bench, batch: BatchInfo, reports: Mapping[Monitor, Report], now: datetime
    ) -> Evaluated | None:
        with self._store.write() as connection:
            hold_model(connection, model.model_id)
            seen = seen_by_monitor(connection, batch.batch_key)
            if any(each.changes >= batch.changes for each in seen.values()):
                return None  # another worker was faster
            for name, report in reports.items():
                save_report(
                    connection,
                    batch,
                    monitor=name,
                    reference_id=bench.reference_id,
                    verdict=report.verdict,
                    payload=report_to_json(name, report),
                    now=now,
                )
            alerts = record_alerts(
                connection,
                model_id=model.model_id,
                batch_key=batch.batch_key,
                model=model.key,
                alerts=gate(tuple(reports.values()), missing_points=self._settings.monitors.missing_points),
                settings=self._settings.alerts,
                now=now,
            )
        verdicts = {name: report.verdict for name, report in reports.items()}
        return Evaluated(model.key, batch.batch_id, verdicts, len(alerts))


def watch(store: Store, settings: Settings, *, interval_seconds: float, stop: threading.Event) -> None:
    """Judge what is due and send what is queued, again and again until `stop` is set; a failing round is logged."""
    worker = Worker(store, settings)
    while not stop.is_set():
        try:
            for evaluated in worker.evaluate_all():
                verdicts = ", ".join(f"{name} {verdict}" for name, verdict in evaluated.verdicts.items())
                log.info("%s batch %s: %s", evaluated.model, evaluated.batch_id, verdicts)
            dispatch(store, settings, now=datetime.now(UTC))
        except StoreError as error:
            log.error("this round failed, the next one tries again: %s", error)  # noqa: TRY400 - the line says it all
        stop.wait(interval_seconds)


def _fit(reference: Sample, settings: MonitorSettings) -> dict[Monitor, Judge]:
    policy = ClassicPolicy(**settings.model_dump(exclude={"policy"}))
    return {
        "feature": FeatureMonitor(reference, policy),
        "prediction": PredictionMonitor(reference, policy),
        "performance": PerformanceMonitor(reference, policy),
    }
