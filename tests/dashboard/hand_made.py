"""A log whose reports are made by hand: every page can be looked at whatever the monitors make of data."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from driftboard.config import load_settings
from driftboard.data import (
    ModelKey,
    PredictionBatch,
    Store,
    log_predictions,
    open_store,
    promote_reference,
    register_model,
)
from driftboard.data.catalog import get_model
from driftboard.data.reading import BatchInfo, list_batches
from driftboard.data.references import load_reference
from driftboard.data.reports import save_report
from driftboard.monitors.report import Monitor, PerformanceReport, Report, report_to_json
from tests.dashboard.incident_world import add_incident, add_message
from tests.dashboard.reports import reports, value_report
from tests.dashboard.worlds import FORMULA, IMAGE, LINK

DAY_0 = datetime(2013, 3, 1, tzinfo=UTC)
BATCHES = 6
ROWS = 4
CALIBRATED = ModelKey("calibrated")
CLASSIC = ModelKey("classic")
VALUE = ModelKey("value")
OLD = ModelKey("old")
UNLABELLED = ModelKey("unlabelled")
ATTACKED = ModelKey("attacked")
ATTACK = f"{IMAGE}{LINK}{FORMULA}"

_NEW = {
    "feature": {"findings", "consequence", "psi_limit", "evidence"},
    "prediction": {"findings", "mix", "confidence", "value"},
    "performance": {
        *("findings", "weighted_f1", "roc_auc", "log_loss", "brier", "calibration", "error", "by_class", "segments"),
        *("estimates", "provisional", "maturity", "label_bias"),
    },
}
"""What the reports of the first release did not have."""


def build_hand_made(folder: Path) -> Path:
    """Build a log of six models, judged now; return its folder."""
    with open_store(load_settings(store={"data_dir": folder}).store.path) as store:
        _add(store, CALIBRATED, lambda number: _as_json(reports(number)))
        _add(store, CLASSIC, lambda number: _as_json(reports(number, policy="classic")))
        _add(store, VALUE, lambda number: _as_json([("performance", value_report(decayed=number > 2))]))
        _add(store, UNLABELLED, lambda number: _as_json(_without_labels(reports(number))))
        _add(store, ATTACKED, lambda number: _as_json(reports(number, attack=ATTACK)))
        _add(store, OLD, _as_first_released)
        with store.write() as connection:
            _page(connection)
    return folder


def _add(store: Store, key: ModelKey, judge: Callable[[int], Iterable[tuple[str, str, str]]]) -> None:
    register_model(store, key, task="regression" if key == VALUE else "classification")
    answers: list[object] = [1.0] * ROWS if key == VALUE else ["stay"] * ROWS
    for number in range(-1, BATCHES):
        at = DAY_0 + timedelta(days=number)
        batch = PredictionBatch(key, number, {"age": [40.0] * ROWS}, answers, labels=answers, predicted_at=at)
        promote_reference(store, batch) if number < 0 else log_predictions(store, batch)
    with store.write() as connection:
        model = get_model(connection, key)
        reference = load_reference(connection, model)
        assert reference is not None
        for number, batch in enumerate(list_batches(connection, model)):
            for monitor, verdict, payload in judge(number):
                _save(connection, batch, monitor, verdict, payload, reference.reference_id)


def _save(connection: Connection, batch: BatchInfo, monitor: str, verdict: str, payload: str, reference: int) -> None:
    now = datetime.now(UTC)
    save_report(connection, batch, monitor=monitor, reference_id=reference, verdict=verdict, payload=payload, now=now)


def _as_json(said: Iterable[tuple[Monitor, Report]]) -> list[tuple[str, str, str]]:
    return [(monitor, str(report.verdict), report_to_json(monitor, report)) for monitor, report in said]


def _as_first_released(number: int) -> list[tuple[str, str, str]]:
    """The reports of a classic policy as the first release stored them: fields missing, and one too many."""
    stored = []
    for monitor, verdict, payload in _as_json(reports(number, policy="classic")):
        if monitor in _NEW:
            old = _stripped(json.loads(payload), _NEW[monitor])
            stored.append((monitor, verdict, json.dumps(old | {"unexpected": ["extra"]})))
    return stored


def _stripped(value: object, names: set[str]) -> object:
    if isinstance(value, list):
        return [_stripped(each, names) for each in value]
    if isinstance(value, dict):
        return {name: _stripped(each, names) for name, each in value.items() if name not in names}
    return value


def _without_labels(said: Iterable[tuple[Monitor, Report]]) -> Iterable[tuple[Monitor, Report]]:
    """The outcomes are estimated only."""
    for monitor, report in said:
        if isinstance(report, PerformanceReport):
            bare = PerformanceReport(report.verdict, "no labels yet.", report.n, 0, 0.0, report.decay_limit)
            yield monitor, replace(bare, estimates=report.estimates, reference_accuracy=0.9)
        else:
            yield monitor, report


def _page(connection: Connection) -> None:
    """One incident that somebody was called for on two channels, and one whose message was held back."""
    model = get_model(connection, CALIBRATED)
    now = datetime.now(UTC)
    told, quiet = (add_incident(connection, model, opened_at=now, subject=name) for name in ("age", "plan"))
    add_message(connection, told, channel="slack", state="delivered")
    add_message(connection, told, channel="mail", state="dry_run")
    add_message(connection, quiet, channel="slack", state="suppressed")
