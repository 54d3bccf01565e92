"""The worker: judges what is due, model by model, as often as it is asked to."""

import logging
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from driftboard.alerts.dispatch import Dispatcher
from driftboard.alerts.own import clear_own, raise_own
from driftboard.alerts.severity import Severity
from driftboard.bench import Bench
from driftboard.chores import Chores
from driftboard.config import Settings
from driftboard.data.backend import hold_alert_queue
from driftboard.data.catalog import Model, get_model, list_models
from driftboard.data.heartbeats import WORKER, beat, take_leave
from driftboard.data.incidents import open_incidents
from driftboard.data.model_key import ModelKey
from driftboard.data.reading import get_batch
from driftboard.data.references import load_reference
from driftboard.data.reports import newest_report_at
from driftboard.data.store import Store
from driftboard.errors import SHOW_TRACEBACK, StoreError
from driftboard.one_thread import one_thread
from driftboard.round import Evaluated, Round
from driftboard.timetable import Timetable

log = logging.getLogger(__name__)


def evaluate_due(
    store: Store,
    settings: Settings,
    *,
    now: datetime | None = None,
    model: ModelKey | None = None,
    on_batch: Callable[[Evaluated], None] | None = None,
) -> tuple[Evaluated, ...]:
    """Judge every batch with new rows or labels; store each report once, with what it makes of incidents.

    Several workers may run: a batch that another one has judged meanwhile is left alone.

    Parameters
    ----------
    store
        Open for writing.
    settings
        Limits of the monitors, policy of the alerts.
    now
        The time the reports and incidents carry; the present by default.
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
            due = round_.due()
            results = [self._evaluate(round_, model, batch_key, now or datetime.now(UTC)) for batch_key in due]
        if due and None not in results:
            self._clear_failure(model, now or datetime.now(UTC))
        return [result for result in results if isinstance(result, Evaluated)]

    def _evaluate(self, round_: Round, model: Model, batch_key: int, now: datetime) -> Evaluated | bool | None:
        """Judge one batch; return False where another worker was faster, None where a monitor failed."""
        try:
            return round_.evaluate(batch_key) or False
        except StoreError:
            raise
        except Exception as error:
            if os.environ.get(SHOW_TRACEBACK):
                raise
            self._record_failure(model, batch_key, error, now)
            return None

    def _record_failure(self, model: Model, batch_key: int, error: Exception, now: datetime) -> None:
        """Open an incident, or nobody would notice. What the error says may hold data, so only its kind is kept."""
        with self._store.write() as connection:
            hold_alert_queue(connection)
            batch_id = get_batch(connection, batch_key).batch_id
            see = f"see it with {SHOW_TRACEBACK}=1 driftboard run"
            message = f"Batch {batch_id} cannot be judged: {type(error).__name__} ({see})."
            raise_own(
                connection,
                rule="monitor_error",
                subject="",
                message=message,
                severity=Severity.WARNING,
                settings=self._settings.alerts,
                now=now,
                model=model,
            )
        log.error("%s: %s", model.key, message)

    def _clear_failure(self, model: Model, now: datetime) -> None:
        with self._store.read() as connection:
            known = open_incidents(connection, model_id=model.model_id)
        if all(incident.rule != "monitor_error" for incident in known):
            return
        with self._store.write() as connection:
            hold_alert_queue(connection)
            clear_own(
                connection, rule="monitor_error", subject="", settings=self._settings.alerts, now=now, model=model
            )

    def _bench(self, model: Model) -> Bench | None:
        bench = self._benches.get(model.model_id)
        with self._store.read() as connection:
            reference = load_reference(connection, model, unless=None if bench is None else bench.reference_id)
        if reference is not None:
            self._benches[model.model_id] = Bench(reference, self._settings.monitors)
        return self._benches.get(model.model_id)


def watch(store: Store, settings: Settings, *, interval_seconds: float, stop: threading.Event) -> None:
    """Judge what is due and send what is queued until `stop` is set; a failing round is logged.

    Messages leave from a thread and a connection of their own: a round that takes long holds up no page. With a
    schedule the monitors look when it says so; the chores are done at every round.
    """
    sender = threading.Thread(target=_send, args=(store, settings, stop), name="driftboard-dispatcher")
    sender.start()
    worker, chores = Worker(store, settings), Chores(store, settings, lasting=True)
    with store.read() as connection:
        timetable = Timetable(settings.schedule.judge, newest_report_at(connection))
    try:
        while not stop.is_set():
            try:
                with store.write() as connection:
                    beat(connection, WORKER, interval_seconds=interval_seconds, now=datetime.now(UTC))
                if timetable.is_due(datetime.now(UTC)):
                    _look(worker)
                chores.do(datetime.now(UTC))
            except StoreError as error:
                log.error("this round failed, the next one tries again: %s", error)  # noqa: TRY400 - the line says it all
            stop.wait(interval_seconds)
        with store.write() as connection:
            take_leave(connection, WORKER, now=datetime.now(UTC))
    finally:
        stop.set()
        sender.join()


def _look(worker: Worker) -> None:
    for evaluated in worker.evaluate_all():
        log.info("%s batch %s: %s", evaluated.model, evaluated.batch_id, evaluated.summary)
        for line in evaluated.news:
            log.info("%s %s", evaluated.model, line)


def _send(store: Store, settings: Settings, stop: threading.Event) -> None:
    with store.again() as own:
        Dispatcher(own, settings).run(stop)
