"""The programs that are killed: one judges windows, the others dispatch. Everything in them but the steps is real."""

import logging
import os
import random
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import insert, select

from driftboard.alerts.channels import webhook
from driftboard.alerts.channels.wire import Wire
from driftboard.alerts.desk import record_reports
from driftboard.alerts.dispatch import Dispatcher
from driftboard.config import Settings
from driftboard.data import (
    BatchInfo,
    ModelKey,
    Store,
    get_model,
    list_batches,
    open_store,
    outbox,
    register_model,
    tables,
)
from driftboard.data.backend import hold_alert_queue, hold_model
from driftboard.data.catalog import Model
from driftboard.data.outbox import NewNotification
from driftboard.data.reports import judged_meanwhile, save_report
from driftboard.monitors.finding import Finding
from driftboard.monitors.report import FeatureReport, report_to_json
from driftboard.monitors.verdict import Verdict
from tests.alerts.chaos.script import Script
from tests.alerts.chaos.steps import Fate, wrap

MODEL = ModelKey("flights")
REFERENCE = 1
EVERY = 0.02


@dataclass(frozen=True, slots=True)
class Orders:
    """What a program is to do.

    Attributes
    ----------
    place
        The log.
    environment
        Secrets, and whom to trust.
    alerts
        The section of the configuration.
    lease, deadline
        Seconds, as of `Dispatcher`.
    control
        What is wrong with it, if anything.
    one_by_one
        A dispatcher sends one message at a time: when it stands still, nothing else of it is on its way.
    """

    place: str
    environment: dict[str, str]
    alerts: dict[str, Any]
    script: Script
    lease: float = 60.0
    deadline: float = 10.0
    control: str = ""
    one_by_one: bool = False
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "settings", Settings.model_validate({"alerts": self.alerts}))


def prepare(place: str, script: Script) -> None:
    """Make a log with a batch for every window of the script, and none of them judged."""
    at = datetime.now(UTC) - timedelta(hours=len(script.windows))
    times = [int((at + timedelta(hours=number)).timestamp() * 1e6) for number in range(len(script.windows))]
    with open_store(place) as store:
        model = register_model(store, MODEL)
        with store.write() as connection:
            mine = {"model_id": model.model_id}
            connection.execute(insert(tables.feature_schemas).values(**mine, schema_id=1, digest="none", payload=b""))
            made = {"promoted_at": 0, "n_rows": 0, "labels": b"", "checksum": 0, "payload": b""}
            connection.execute(insert(tables.references).values(**mine, **made, reference_id=REFERENCE, schema_id=1))
            rows = {"n_predictions": 1000, "n_labels": 0, "changes": 1}
            connection.execute(
                insert(tables.batches),
                [
                    mine | rows | {"batch_id": f"w{number:05}", "first_at": time, "last_at": time}
                    for number, time in enumerate(times)
                ],
            )


def evaluate(orders: Orders, fate: Fate) -> None:
    """Judge every window that has no report yet, oldest first; each is one transaction."""
    _begin(orders, fate)
    with open_store(orders.place) as store:
        with store.read() as connection:
            model = get_model(connection, MODEL)
            batches = list_batches(connection, model)
            done = set(connection.execute(select(tables.monitor_reports.c.batch_key)).scalars())
        for number, batch in enumerate(batches):
            if batch.batch_key not in done:
                fate.visited("eval0")
                _judge(store, orders, model, batch, orders.script.windows[number], fate)
                fate.visited("eval3")


def dispatch(orders: Orders, fate: Fate) -> None:
    """Send what is queued until told to stop."""
    _begin(orders, fate)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    lease = timedelta(seconds=orders.lease)
    with open_store(orders.place) as store:
        kind = _OneByOne if orders.one_by_one else Dispatcher
        kind(store, orders.settings, lease=lease, deadline=orders.deadline).run(stop, EVERY)


class _OneByOne(Dispatcher):
    """Sends by one channel at a time."""

    def _due(self, now: datetime) -> tuple[str, ...]:
        if any(thread.is_alive() for thread in self._under_way.values()):
            return ()
        due = super()._due(now)
        return (random.choice(due),) if due else ()  # noqa: S311 - any will do


@contextmanager
def _set_aside(later: list[NewNotification], *, apart: bool) -> Iterator[None]:
    """Keep what is queued meanwhile for a transaction of its own: what is wrong with one of the controls."""
    real = outbox.enqueue
    if apart:
        outbox.enqueue = lambda _, rows: later.extend(rows)
    try:
        yield
    finally:
        outbox.enqueue = real


def _begin(orders: Orders, fate: Fate) -> None:
    logging.disable()
    webhook.Wire = partial(Wire, deadline=orders.deadline)
    os.environ.update(orders.environment)
    wrap(fate, orders.control)


def _judge(store: Store, orders: Orders, model: Model, batch: BatchInfo, bad: frozenset[str], fate: Fate) -> None:
    now = datetime.now(UTC)
    findings = tuple(
        Finding(Verdict.CRITICAL, f"{name} moved: PSI 0.3.", "feature_drift", name) for name in sorted(bad)
    )
    report = FeatureReport(
        verdict=Verdict.CRITICAL if bad else Verdict.OK,
        message="",
        n=1000,
        n_reference=5000,
        features=(),
        psi_warning=0.1,
        psi_critical=0.2,
        findings=findings,
    )
    later: list[NewNotification] = []
    with store.write() as connection:
        hold_model(connection, model.model_id)
        if judged_meanwhile(connection, batch, now):
            return
        save_report(
            connection,
            batch,
            monitor="feature",
            reference_id=REFERENCE,
            verdict=report.verdict,
            payload=report_to_json("feature", report),
            now=now,
        )
        with _set_aside(later, apart=orders.control == "second transaction"):
            record_reports(connection, model, batch, [report], orders.settings.alerts, now=now)
        fate.visited("eval2")
    if later:
        fate.visited("between")
        with store.write() as connection:
            hold_alert_queue(connection)
            outbox.enqueue(connection, later)
