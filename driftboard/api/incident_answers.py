"""Incidents as programs read them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from driftboard.data.incident import Affected, Incident
from driftboard.data.incidents import IncidentEvent

State = Literal["firing", "recovering", "no_data", "resolved"]
Grade = Literal["info", "warning", "critical"]


@dataclass(frozen=True, slots=True)
class PartAnswer:
    """One part that an incident is about: a feature, class or segment; empty for the model as a whole."""

    subject: str
    severity: str
    message: str
    since: str
    recovering: bool


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """One change of an incident; `actor` is empty when the data made it."""

    at: datetime
    kind: str
    actor: str
    detail: str


@dataclass(frozen=True, slots=True)
class IncidentAnswer:
    """One episode of a problem; `model` is null when it is about driftboard itself."""

    incident_id: int
    fingerprint: str
    episode: int
    model: str | None
    rule: str
    subject: str
    state: State
    severity: Grade
    worst: Grade
    message: str
    affected: list[PartAnswer]
    batch_id: str
    since: str
    windows: int
    opened_at: datetime
    changed_at: datetime
    resolved_at: datetime | None
    resolution: str
    acked_by: str
    acked_until: datetime | None
    snoozed_by: str
    snoozed_until: datetime | None
    feedback: str


@dataclass(frozen=True, slots=True)
class IncidentsAnswer:
    """A page of incidents, the newest first; `next_before` is the `before` of the next page, null on the last."""

    incidents: list[IncidentAnswer]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class WholeIncidentAnswer:
    """An incident and everything that happened to it, the oldest first."""

    incident: IncidentAnswer
    events: list[EventAnswer]


def incident_answer(incident: Incident) -> IncidentAnswer:
    """Return an incident as programs read it."""
    return IncidentAnswer(
        incident_id=incident.incident_id,
        fingerprint=incident.fingerprint,
        episode=incident.episode,
        model=None if incident.model is None else str(incident.model),
        rule=incident.rule,
        subject=incident.subject,
        state=incident.state.value,
        severity=_grade(incident.severity),
        worst=_grade(incident.worst),
        message=incident.message,
        affected=[_part(each) for each in incident.affected],
        batch_id=incident.batch_id,
        since=incident.since,
        windows=incident.windows,
        opened_at=incident.opened_at,
        changed_at=incident.changed_at,
        resolved_at=incident.resolved_at,
        resolution=incident.resolution,
        acked_by=incident.acked_by,
        acked_until=incident.ack_until,
        snoozed_by=incident.snoozed_by,
        snoozed_until=incident.snoozed_until,
        feedback=incident.feedback,
    )


def event_answer(event: IncidentEvent) -> EventAnswer:
    """Return a line of the audit as programs read it."""
    return EventAnswer(event.at, event.kind, event.actor, event.detail)


def _part(each: Affected) -> PartAnswer:
    return PartAnswer(each.subject, each.severity, each.message, each.since, each.recovering)


def _grade(severity: str) -> Grade:
    return "critical" if severity == "critical" else "warning" if severity == "warning" else "info"
