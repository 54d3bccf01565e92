"""Incidents about driftboard itself: a broken channel, a stalled worker, a model that sends nothing more.

They have no monitor and no windows of data; who notices says so, and says when it is over. From there they take the
same way as all others: routes, silences, reminders, the outbox.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.desk import replan
from driftboard.alerts.fingerprint import fingerprint
from driftboard.alerts.rules import rule_named
from driftboard.alerts.severity import Severity
from driftboard.data import incidents
from driftboard.data.catalog import Model
from driftboard.data.incident import Affected, Incident, IncidentState
from driftboard.data.incidents import IncidentEvent


def raise_own(
    connection: Connection,
    *,
    rule: str,
    subject: str,
    message: str,
    severity: Severity,
    settings: AlertSettings,
    now: datetime,
    model: Model | None = None,
) -> Incident | None:
    """Open an incident, or confirm the one that is open; return it, None where the rule is switched off.

    Parameters
    ----------
    connection
        Inside a write transaction that holds the alert queue.
    rule, subject
        A rule without a monitor; a channel's name, or empty.
    message
        One sentence with a full stop.
    severity
        Capped by the rule and by the configuration.
    model
        The model it is about; None for driftboard as a whole.
    """
    policy = settings.rule(rule)
    if not policy.enabled:
        return None
    grade = _capped(severity, rule_named(rule).at_most, policy.severity)
    newest = _newest(connection, rule, subject, model)
    if newest is not None and newest.is_open:
        return _confirmed(connection, newest, message, grade, settings, now)
    episode = 1 if newest is None else newest.episode + 1
    new = _opened(rule, Affected(subject, grade, message, 0.0, "", now), model, episode, now)
    incident = incidents.insert_incident(connection, new)
    incidents.add_events(connection, incident.incident_id, [IncidentEvent(now, "opened", detail=message)])
    replan(connection, incident, settings, now=now)
    return incident


def clear_own(
    connection: Connection,
    *,
    rule: str,
    subject: str,
    settings: AlertSettings,
    now: datetime,
    model: Model | None = None,
) -> Incident | None:
    """End the open incident of this rule and subject; return it, None when none is open."""
    newest = _newest(connection, rule, subject, model)
    if newest is None or not newest.is_open:
        return None
    over = replace(newest, state=IncidentState.RESOLVED, resolution="recovered", resolved_at=now, changed_at=now)
    incidents.update_incident(connection, over)
    incidents.add_events(connection, over.incident_id, [IncidentEvent(now, "resolved")])
    replan(connection, over, settings, now=now)
    return over


def _newest(connection: Connection, rule: str, subject: str, model: Model | None) -> Incident | None:
    if model is None:
        return incidents.newest_episode(connection, fingerprint(rule, None, subject), None)
    return incidents.newest_episode(connection, fingerprint(rule, model.key, subject), model.model_id)


def _opened(rule: str, part: Affected, model: Model | None, episode: int, now: datetime) -> Incident:
    """Return the incident as it begins: it has no windows, and no batch."""
    return Incident(
        fingerprint=fingerprint(rule, None if model is None else model.key, part.subject),
        episode=episode,
        model_id=None if model is None else model.model_id,
        model=None if model is None else model.key,
        rule=rule,
        subject=part.subject,
        state=IncidentState.FIRING,
        severity=part.severity,
        worst=part.severity,
        affected=(part,),
        batch_key=None,
        batch_id="",
        rows=0,
        since="",
        since_at=now,
        windows=0,
        opened_at=now,
        changed_at=now,
    )


def _confirmed(
    connection: Connection, incident: Incident, message: str, grade: Severity, settings: AlertSettings, now: datetime
) -> Incident:
    """Keep an open incident up to date; it is told again only when it became graver."""
    known = incident.affected[0]
    if known.message == message and known.severity == grade:
        return incident
    part = replace(known, message=message, severity=str(grade))
    worst = max(Severity(incident.worst), grade, key=lambda each: each.rank)
    newer = replace(incident, affected=(part,), severity=str(grade), worst=str(worst), changed_at=now)
    incidents.update_incident(connection, newer)
    if grade.rank > Severity(incident.severity).rank:
        incidents.add_events(connection, newer.incident_id, [IncidentEvent(now, "rose", detail=message)])
    replan(connection, newer, settings, now=now)
    return newer


def _capped(severity: Severity, at_most: Severity, configured: str) -> Severity:
    caps = [severity, at_most]
    if configured != "as judged":
        caps.append(Severity(configured))
    return min(caps, key=lambda each: each.rank)
