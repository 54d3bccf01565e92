"""Incidents, notifications and settings for the tests: ordinary ones, to be changed where a test needs it."""

from datetime import UTC, datetime, timedelta

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.facts import facts_of, facts_to_json
from driftboard.alerts.fingerprint import fingerprint
from driftboard.data.incident import Affected, Incident, IncidentState
from driftboard.data.model_key import ModelKey
from driftboard.data.outbox import Delivery, Notification

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MODEL = ModelKey("flights", "2")
SLACK = {"type": "slack", "webhook_url": "env:SLACK_URL", "allow_hosts": ["localhost"], "allow_private": True}
MAIL = {"type": "email", "host": "localhost", "sender": "driftboard@example.com", "recipients": ["oncall@example.com"]}
PAGER = {"type": "pagerduty", "routing_key": "env:PAGER_KEY"}


def alert_settings(**changes: object) -> AlertSettings:
    """Settings with a Slack channel `team` and an e-mail channel `mail`, for real."""
    return AlertSettings.model_validate({"dry_run": False, "channels": {"team": SLACK, "mail": MAIL}} | changes)


def affected(
    subject: str = "age", severity: str = "critical", message: str = "age drifts: PSI 0.3.", **changes: object
) -> Affected:
    """One part of an incident."""
    values = {"weight": 1.5, "since": "2026-03-01", "since_at": NOW - timedelta(hours=2)}
    return Affected(subject=subject, severity=severity, message=message, **(values | changes))


def incident(**changes: object) -> Incident:
    """A critical drift of one feature that has just opened."""
    values = {
        "incident_id": 1,
        "fingerprint": fingerprint("feature_drift", MODEL, ""),
        "episode": 1,
        "model_id": 1,
        "model": MODEL,
        "rule": "feature_drift",
        "subject": "",
        "state": IncidentState.FIRING,
        "severity": "critical",
        "worst": "critical",
        "affected": (affected(),),
        "batch_key": 1,
        "batch_id": "2026-03-01",
        "rows": 1000,
        "since": "2026-03-01",
        "since_at": NOW - timedelta(hours=2),
        "windows": 1,
        "opened_at": NOW,
        "changed_at": NOW,
    }
    return Incident(**(values | changes))


def notification(of: Incident | None = None, **changes: object) -> Notification:
    """A page about an incident, queued for Slack."""
    about = of or incident()
    kind = str(changes.get("kind", "fire"))
    values = {
        "notification_id": 1,
        "incident_id": about.incident_id,
        "fingerprint": about.fingerprint,
        "model": str(about.model or ""),
        "kind": kind,
        "step": 0,
        "channel": "team",
        "severity": about.severity,
        "payload": facts_to_json(facts_of(about, kind)),
        "state": Delivery.QUEUED,
        "reason": "",
        "attempts": 0,
        "not_before": NOW,
        "lease_owner": "",
        "lease_until": datetime(1970, 1, 1, tzinfo=UTC),
        "created_at": NOW,
        "finished_at": None,
        "provider_ref": "",
    }
    return Notification(**(values | changes))
