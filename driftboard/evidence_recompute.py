"""Judging the windows of an evidence record again, from the log, with the reference and settings it was judged with."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection

from driftboard.alerts.evidence_windows import findings_of, reach_of
from driftboard.alerts.rules import rule_named
from driftboard.bench import Bench
from driftboard.case import Case, read_case
from driftboard.data.catalog import Model, get_model
from driftboard.data.check import Check, critical, ok, warning
from driftboard.data.evidence_source import quoted_report, read_reference, stored_rows
from driftboard.data.model_key import ModelKey
from driftboard.data.profiles import has_profile
from driftboard.data.reading import BatchInfo, get_batch, preceding_batches
from driftboard.errors import PurgedBatch, StoreError
from driftboard.label_wait import with_label_bias
from driftboard.monitor_settings import MonitorSettings
from driftboard.monitors import PerformanceReport
from driftboard.monitors.report import Monitor, Report, report_to_json
from driftboard.one_thread import one_thread

TOLERANCE = 1e-9
"""Relative, and absolute below one."""

_WAITED = ("provisional", "maturity")  # what the labels' delay said then
_ADVICE = "other settings or another version judged it, or the log was changed: see `driftboard doctor --deep`"


def recompute(connection: Connection, said: Mapping[str, Any]) -> Iterator[Check]:
    """Yield whether the numbers come out again, and which batches cannot be judged any more."""
    monitor = rule_named(said["incident"]["rule"]).monitor
    if said["model"] is None or monitor is None:
        return
    again = _Again(connection, said, monitor)
    wrong, skipped, same = [], [], 0
    for window in said["windows"]:
        if window["report"] is None:
            continue
        name = window["batch"]["batch_id"]
        if reason := again.reason_against(window):
            skipped.append(f"{name!r} {reason}")
        elif difference := again.difference(window):
            wrong.append(f"{name!r}: {difference}")
        else:
            same += 1
    if wrong:
        yield critical("recomputed", "; ".join(wrong), _ADVICE)
    if same:
        yield ok("recomputed", f"the same numbers come out again, batches: {same}")
    if skipped:
        yield warning("recomputed", f"not to be computed again: {'; '.join(skipped)}", "")


class _Again:
    """Judges batches with what a record names: its settings, and the reference of each report."""

    def __init__(self, connection: Connection, said: Mapping[str, Any], monitor: Monitor) -> None:
        self._connection = connection
        self._incident = said["incident"]
        self._monitor = monitor
        self._model: Model = get_model(connection, ModelKey(**said["model"]["key"]))
        self._settings = MonitorSettings.model_validate(said["settings"]["monitors"])
        self._before = {each["batch_key"]: each for each in said["before"]}
        self._recorded = {each["batch"]["batch_key"]: each["batch"] for each in said["windows"]}
        self._benches: dict[int, Bench] = {}

    def reason_against(self, window: Mapping[str, Any]) -> str:
        """Return why a batch cannot be judged as it was; empty when it can."""
        batch = window["batch"]
        if stored_rows(self._connection, batch["batch_key"]) < window["rows"]["n_rows"]:
            return "was purged"
        now = get_batch(self._connection, batch["batch_key"])
        before = preceding_batches(self._connection, self._model, now, newest=reach_of(self._settings))
        if any(map(self._has_changed, (now, *before))):
            return "has more rows or labels now, or a batch before it has"
        reference_id = window["report"]["reference_id"]
        if any(self._is_lost(each, reference_id) for each in before):
            return "looks back on a batch that was purged without its counts"
        return ""

    def _has_changed(self, batch: BatchInfo) -> bool:
        recorded = self._recorded.get(batch.batch_key) or self._before.get(batch.batch_key)
        if recorded is None:
            return True  # it came later, with an earlier time
        with_labels = self._monitor == "performance"
        same = batch.n_predictions == recorded["n_predictions"]
        return not same or (with_labels and batch.changes != recorded["changes"])

    def _is_lost(self, batch: BatchInfo, reference_id: int) -> bool:
        gone = stored_rows(self._connection, batch.batch_key) < batch.n_predictions
        return gone and not has_profile(self._connection, batch, reference_id)

    def difference(self, window: Mapping[str, Any]) -> str:
        """Return the first number or word that comes out otherwise; empty when none does."""
        report_id = window["report"]["report_id"]
        try:
            report = self._judge(window["batch"]["batch_key"], window["report"]["reference_id"])
        except PurgedBatch:
            return "its rows are gone"
        except StoreError as error:
            return str(error)
        subject = self._incident["subject"]
        found = findings_of(report, self._incident["rule"], subject)
        stored = quoted_report(self._connection, report_id)
        return first_difference(window["findings"], orjson.loads(orjson.dumps(found)), "findings") or (
            "" if stored is None else first_difference(_numbers(stored.payload), self._said(report), "report")
        )

    def _judge(self, batch_key: int, reference_id: int) -> Report:
        if reference_id not in self._benches:
            reference = read_reference(self._connection, self._model, reference_id)
            self._benches[reference_id] = Bench(reference, self._settings)
        with one_thread():
            bench = self._benches[reference_id]
            case = read_case(self._connection, self._model, bench, batch_key, self._settings)
            report = case.detector.judge(case.profiles).reports[self._monitor]
        return _with_labels(report, case)

    def _said(self, report: Report) -> Any:
        return _numbers(report_to_json(self._monitor, report))


def _with_labels(report: Report, case: Case) -> Report:
    return with_label_bias(report, case.sample) if isinstance(report, PerformanceReport) else report


def _numbers(payload: str) -> Any:
    said: dict[str, Any] = orjson.loads(payload)
    return {name: value for name, value in said.items() if name not in _WAITED}


def first_difference(one: Any, other: Any, path: str) -> str:
    """Return where two plain values differ beyond the tolerance, and how; empty when they do not.

    >>> first_difference({"a": [1.0, 2.0]}, {"a": [1.0, 2.1]}, "report")
    'report.a[1] is 2.1 instead of 2.0'
    """
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted(one.keys() | other.keys())
        pairs = [(one.get(name), other.get(name), f"{path}.{name}") for name in names]
        return next((found for pair in pairs if (found := first_difference(*pair))), "")
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(a, b, f"{path}[{at}]") for at, (a, b) in enumerate(zip(one, other, strict=True))]
        return next((found for pair in pairs if (found := first_difference(*pair))), "")
    return "" if _same(one, other) else f"{path} is {_short(other)} instead of {_short(one)}"


def _same(one: Any, other: Any) -> bool:
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (one, other))
    return abs(one - other) <= TOLERANCE * max(1.0, abs(one)) if numbers else bool(one == other)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"  # noqa: PLR2004 - a line of a terminal
