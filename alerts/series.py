"""The series behind an incident: what its monitor measured of the leading part, batch by batch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from driftboard.alerts.measured import Measured, findings_on
from driftboard.alerts.measured_inputs import INPUTS
from driftboard.alerts.measured_outcomes import OUTCOMES
from driftboard.alerts.rules import rule_named
from driftboard.data.catalog import get_model
from driftboard.data.incident import Incident
from driftboard.data.incident_batches import following_batches
from driftboard.data.reading import get_batch
from driftboard.data.reports import StoredReport, newest_reports
from driftboard.monitors.performance_report import PerformanceReport
from driftboard.monitors.report import Report, report_from_json
from driftboard.monitors.verdict import Verdict

MULTIPLE = "effect (1 is worth a page)"

_BEFORE = 30  # windows before the first bad one
_AFTER = 5  # windows after the last bad one of an incident that is over
_MOST = 120
_READERS = INPUTS | OUTCOMES
_GRAVE = frozenset({Verdict.WARNING, Verdict.INVALID, Verdict.CRITICAL})


@dataclass(frozen=True, slots=True)
class Point:
    """One batch: when it began, what was measured with its 95 % interval, of how many rows, and whether it was bad."""

    batch_id: str
    at: datetime
    value: float
    low: float | None
    high: float | None
    n: int
    bad: bool


@dataclass(frozen=True, slots=True)
class Series:
    """What an incident's chart draws.

    Attributes
    ----------
    title, subject
        The rule, and the part it is about; empty for the model as a whole.
    measure, is_share
        What the values are; whether they read best in per cent.
    points
        In order of time.
    warning, page
        Where the value is worth a warning, and a page; None where no one value is.
    reference
        The same of the reference.
    since, until
        First and last bad window of the incident; `until` is None while it lasts.
    least
        The mildest severity that makes a point bad: `warning`, or `info` where the incident was never graver.
    """

    title: str
    measure: str
    points: tuple[Point, ...]
    warning: float | None
    page: float | None
    subject: str
    reference: float | None
    is_share: bool = False
    since: datetime | None = None
    until: datetime | None = None
    least: str = "warning"


def series_of(
    connection: Connection, incident: Incident, *, subject: str | None = None, windows: int = 40
) -> Series | None:
    """Return what was measured, from the stored reports.

    Parameters
    ----------
    connection
        From `Store.read`.
    incident
        None comes of one about driftboard itself, and of `label_bias`: its report holds a sentence, not a number.
    subject
        The part to show; the leading one by default.
    windows
        So many batches at most, the newest; more for an incident that is longer, up to 120. At most 30 of them lie
        before its first bad window.
    """
    rule = rule_named(incident.rule)
    measured = _READERS.get(rule.name)
    if rule.monitor is None or measured is None:
        return None
    part = _leading(incident) if subject is None else subject
    stored = _stored(connection, incident, rule.monitor, max(windows, min(_MOST, incident.windows + 10)))
    reports = [(each, report_from_json(rule.monitor, each.payload)) for each in stored]
    found = [(each, report, measured(report, part)) for each, report in reports]
    known = [(each, report, value) for each, report, value in found if value is not None]
    return _series(incident, rule.title, part, known) if known else None


def is_bad(report: Report, incident: Incident, subject: str) -> bool:
    """Whether a report finds the incident's rule broken for a subject, as gravely as incidents of its kind are."""
    if isinstance(report, PerformanceReport) and report.provisional and incident.rule != "estimated_decay":
        return False
    bad = _GRAVE | {Verdict.INFO} if _least(incident) == "info" else _GRAVE
    return any(each.verdict in bad for each in findings_on(report, incident.rule, subject))


def _least(incident: Incident) -> str:
    """The mildest that counts as bad: an incident goes on at `info` for a while, and is not drawn as bad then."""
    return "info" if incident.worst == "info" else "warning"


def _leading(incident: Incident) -> str:
    return incident.subject or (incident.affected[0].subject if incident.affected else "")


def _stored(connection: Connection, incident: Incident, monitor: str, newest: int) -> Sequence[StoredReport]:
    if incident.model is None:
        return ()
    model = get_model(connection, incident.model)
    until = None
    if not incident.is_open and incident.batch_key is not None:
        last = get_batch(connection, incident.batch_key)
        until = (last, *following_batches(connection, model, last, oldest=_AFTER))[-1].batch_id
    stored = newest_reports(connection, model, monitor, newest=newest, until=until)
    before = sum(each.batch_at < incident.since_at for each in stored)
    return stored[max(0, before - _BEFORE) :]


def _series(
    incident: Incident, title: str, subject: str, known: Sequence[tuple[StoredReport, Report, Measured]]
) -> Series:
    mixed = len({value.measure for _, _, value in known}) > 1
    values = [_as_multiple(value) if mixed else value for _, _, value in known]
    points = tuple(
        Point(
            each.batch_id, each.batch_at, value.value, value.low, value.high, value.n, is_bad(report, incident, subject)
        )
        for (each, report, _), value in zip(known, values, strict=True)
    )
    bad = [value for point, value in zip(points, values, strict=True) if point.bad]
    floors = (bad or values)[-1]
    newest = [point.at for point in points if point.batch_id == incident.batch_id or point.bad]
    return Series(
        title=title,
        measure=floors.measure,
        points=points,
        warning=floors.warning,
        page=floors.page,
        subject=subject,
        reference=floors.reference,
        is_share=floors.is_share,
        since=incident.since_at,
        until=None if incident.is_open or not newest else newest[-1],
        least=_least(incident),
    )


def _as_multiple(value: Measured) -> Measured:
    """The value over its page floor: what lets PSI of one batch and KS of the next stand on one axis."""
    if not value.page:
        return value
    warning = None if value.warning is None else value.warning / value.page
    return replace(value, value=value.value / value.page, measure=MULTIPLE, warning=warning, page=1.0)
