"""The worker: judges what is due, model by model, as often as it is asked to."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from driftboard.alerts import dispatch
from driftboard.bench import Bench
from driftboard.config import Settings
from driftboard.data.catalog import Model, get_model, list_models
from driftboard.data.model_key import ModelKey
from driftboard.data.references import load_reference
from driftboard.data.store import Store
from driftboard.errors import StoreError
from driftboard.one_thread import one_thread
from driftboard.round import Evaluated, Round

log = logging.getLogger(__name__)


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
    """Judges due batches, keeping each model's fitted detectors from one round to the next."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._benches: dict[int, Bench] = {}

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
        round_ = Round(self._store, model, bench, self._settings, now or datetime.now(UTC))
        with one_thread():
            results = [round_.evaluate(batch_key) for batch_key in round_.due()]
        return [result for result in results if result is not None]

    def _bench(self, model: Model) -> Bench | None:
        bench = self._benches.get(model.model_id)
        with self._store.read() as connection:
            reference = load_reference(connection, model, unless=None if bench is None else bench.reference_id)
        if reference is not None:
            self._benches[model.model_id] = Bench(reference, self._settings.monitors)
        return self._benches.get(model.model_id)


def watch(store: Store, settings: Settings, *, interval_seconds: float, stop: threading.Event) -> None:
    """Judge what is due and send what is queued, again and again until `stop` is set; a failing round is logged."""
    worker = Worker(store, settings)
    while not stop.is_set():
        try:
            for evaluated in worker.evaluate_all():
                log.info("%s batch %s: %s", evaluated.model, evaluated.batch_id, evaluated.summary)
            dispatch(store, settings, now=datetime.now(UTC))
        except StoreError as error:
            log.error("this round failed, the next one tries again: %s", error)  # noqa: TRY400 - the line says it all
        stop.wait(interval_seconds)
