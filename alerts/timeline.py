"""What happened to one incident, in words and in order: windows, changes, acts, messages, attempts, silences. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from driftboard.alerts.matching import fits_incident
from driftboard.alerts.plain import one_line
from driftboard.data.incident import Incident
from driftboard.data.incidents import IncidentEvent
from driftboard.data.outbox import Attempt, Delivery, Notification
from driftboard.data.reports import StoredReport
from driftboard.data.silences import Silence

What = Literal["window", "incident", "act", "message", "attempt", "silence"]

_TEXT = 300
_NAME = 80
_BECAME = {
    Delivery.DELIVERED: "arrived",
    Delivery.DRY_RUN: "not sent: dry run",
    Delivery.SUPPRESSED: "held back",
    Delivery.SUPERSEDED: "dropped for newer news",
    Delivery.DEAD: "given up",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, or will; `text` is one harmless line."""

    at: datetime
    what: What
    text: str


def timeline(
    incident: Incident,
    *,
    events: Sequence[IncidentEvent],
    reports: Sequence[StoredReport],
    told: Sequence[Notification],
    attempts: Sequence[Attempt],
    silences: Sequence[Silence],
) -> tuple[Line, ...]:
    """Return what happened, oldest first; of what happened at once, causes come before effects."""
    by_id = {each.notification_id: each for each in told}
    lines = [
        *_windows(incident, reports),
        *map(_event, events),
        *_silences(incident, silences),
        *(line for row in told for line in _message(row)),
        *(_attempt(each, by_id[each.notification_id]) for each in attempts if each.notification_id in by_id),
    ]
    return tuple(sorted(lines, key=lambda line: line.at))


def _windows(incident: Incident, reports: Iterable[StoredReport]) -> Iterator[Line]:
    over = incident.resolved_at
    for each in reports:
        if each.batch_at >= incident.since_at and (over is None or each.created_at <= over):
            again = f", revision {each.revision}" if each.revision > 1 else ""
            text = f"window {_short(each.batch_id)}: the {each.monitor} monitor says {each.verdict}{again}"
            yield Line(each.created_at, "window", text)


def _event(event: IncidentEvent) -> Line:
    by = f" by {_short(event.actor)}" if event.actor else ""
    detail = f": {one_line(event.detail, limit=_TEXT)}" if event.detail else ""
    return Line(event.at, "act" if event.actor else "incident", f"{event.kind.replace('_', ' ')}{by}{detail}")


def _silences(incident: Incident, silences: Iterable[Silence]) -> Iterator[Line]:
    over = incident.resolved_at
    for each in silences:
        end = each.expired_at or each.ends_at
        if not fits_incident(each.matchers, incident) or end <= incident.opened_at or (over and each.starts_at >= over):
            continue
        comment = one_line(each.comment, limit=_TEXT)
        yield Line(each.starts_at, "silence", f"silence {each.silence_id} by {_short(each.created_by)}: {comment}")
        if each.expired_at is not None:
            yield Line(each.expired_at, "silence", f"silence {each.silence_id} ended by {_short(each.expired_by)}")


def _message(row: Notification) -> Iterator[Line]:
    yield Line(row.created_at, "message", f"{row.kind} queued for {_short(row.channel)}")
    if row.finished_at is not None and row.state in _BECAME:
        reason = f" ({one_line(row.reason, limit=_TEXT)})" if row.reason else ""
        yield Line(row.finished_at, "message", f"{row.kind} to {_short(row.channel)}: {_BECAME[row.state]}{reason}")


def _attempt(attempt: Attempt, row: Notification) -> Line:
    detail = f": {one_line(attempt.detail, limit=_TEXT)}" if attempt.detail else ""
    status = f" {attempt.status}" if attempt.status is not None else ""
    text = f"attempt {attempt.n} to send {row.kind} to {_short(row.channel)}: {attempt.outcome}{status}{detail}"
    return Line(attempt.started_at, "attempt", text)


def _short(text: str) -> str:
    return one_line(text, limit=_NAME)
