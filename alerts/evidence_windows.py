"""What an evidence record says of the data: each window's findings and rows, and the references behind them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from driftboard.alerts.rules import rule_named
from driftboard.alerts.series import is_bad
from driftboard.data.catalog import Model, get_model
from driftboard.data.evidence_source import checksums_of, quote_reference, quote_report, quote_rows
from driftboard.data.incident import Incident
from driftboard.data.incident_batches import batches_between
from driftboard.data.profiles import WINDOW
from driftboard.data.reading import BatchInfo, find_batch, get_batch, preceding_batches
from driftboard.errors import UnknownBatch
from driftboard.monitor_settings import MonitorSettings
from driftboard.monitors.finding import Finding
from driftboard.monitors.report import Monitor, Report, report_from_json

MOST_WINDOWS = 500
"""Of a longer incident the newest are quoted."""

_SEASONS = {"none": 1, "weekday": 7, "hour": 24, "weekday+hour": 7 * 24}


def quote_windows(connection: Connection, incident: Incident, settings: MonitorSettings) -> dict[str, Any]:
    """Return `model`, `windows`, `before` and `references`; empty for an incident about driftboard itself.

    Windows are those from the first bad one to the newest. `before` are the batches that the look-back windows of the
    first one reach into: a verdict is a function of them too.
    """
    monitor = rule_named(incident.rule).monitor
    if monitor is None or incident.model is None or incident.batch_key is None:
        return {"model": None, "windows": [], "before": [], "references": []}
    model = get_model(connection, incident.model)
    batches = _span(connection, model, incident)
    windows = [_window(connection, incident, monitor, batch) for batch in batches]
    before = preceding_batches(connection, model, batches[0], newest=reach_of(settings)) if batches else ()
    ids = sorted({each["report"]["reference_id"] for each in windows if each["report"]})
    references = [found for each in ids if (found := quote_reference(connection, each))]
    return {
        "model": {"key": asdict(model.key), "task": model.task},
        "windows": windows,
        "before": [quote_before(connection, each) for each in before],
        "references": [asdict(each) for each in references],
    }


def reach_of(settings: MonitorSettings) -> int:
    """Return how many batches before one its look-back windows may reach into."""
    return WINDOW * _SEASONS[settings.season]


def quote_before(connection: Connection, batch: BatchInfo) -> dict[str, Any]:
    """Return what is recorded of a batch that a look-back window reaches into."""
    n_rows, checksums = checksums_of(connection, batch.batch_key)
    known = {"batch_key": batch.batch_key, "batch_id": batch.batch_id, "changes": batch.changes}
    return known | {"n_predictions": batch.n_predictions, "n_rows": n_rows, "checksums": checksums}


def quote_findings(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return findings with their numbers, as plain values."""
    return [asdict(each) | {"verdict": str(each.verdict)} for each in findings]


def findings_of(report: Report, rule: str, subject: str) -> list[dict[str, Any]]:
    """Return what a report finds under a rule: of one subject, or of all when it is empty."""
    chosen = [each for each in report.findings if each.kind == rule and subject in ("", each.subject)]
    return quote_findings(chosen)


def _span(connection: Connection, model: Model, incident: Incident) -> tuple[BatchInfo, ...]:
    last = get_batch(connection, incident.batch_key or 0)
    try:
        first = find_batch(connection, model, incident.since)
    except UnknownBatch:
        first = last
    return batches_between(connection, model, first, last, newest=MOST_WINDOWS)


def _window(connection: Connection, incident: Incident, monitor: Monitor, batch: BatchInfo) -> dict[str, Any]:
    quoted = quote_report(connection, batch, monitor)
    said: dict[str, Any] = {"report": None, "bad": False, "message": "", "findings": []}
    if quoted is not None:
        report = report_from_json(monitor, quoted.payload)
        findings = findings_of(report, incident.rule, incident.subject)
        facts = {name: value for name, value in asdict(quoted).items() if name != "payload"} | {"monitor": monitor}
        bad = any(is_bad(report, incident, each["subject"]) for each in findings)
        said = {"report": facts, "bad": bad, "message": report.message, "findings": findings}
    return {"batch": asdict(batch), "rows": asdict(quote_rows(connection, batch.batch_key)), **said}
