"""An outbox with something in it: incidents, their first news, and a dispatcher whose clock is ours."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from driftboard.alerts.dispatch import Dispatcher
from driftboard.alerts.facts import facts_of, facts_to_json
from driftboard.alerts.fingerprint import fingerprint
from driftboard.config import Settings
from driftboard.data import register_model, tables
from driftboard.data.backend import hold_alert_queue
from driftboard.data.incident import Incident
from driftboard.data.incidents import insert_incident
from driftboard.data.model_key import ModelKey
from driftboard.data.outbox import NewNotification, attempts_of, enqueue, notification_of
from tests.alerts.incidents import NOW, incident

SECOND = timedelta(seconds=1)
HOOK = {
    "type": "webhook",
    "url": "env:HOOK_URL",
    "allow_hosts": ["localhost"],
    "allow_private": True,
    "min_seconds": 0,
    "max_per_hour": 100_000,
    "min_severity": "critical",
}
SLACK = HOOK | {"type": "slack", "webhook_url": "env:SLACK_URL"}
SLACK.pop("url")


def settings(channels=None, **changes: object) -> Settings:
    """Settings with one webhook, `hook`, that has no pace of its own."""
    alerts = {"dry_run": False, "channels": channels or {"hook": HOOK}}
    return Settings.model_validate({"alerts": alerts | changes})


def apart(**changes: object) -> Settings:
    """Settings with a second channel, `team`, that only the incidents about f3 go to."""
    hook, team = HOOK | dict(changes), SLACK
    routes = [{"match": {"subject": "f3"}, "channels": ["team"]}, {"channels": ["hook"]}]
    return settings({"hook": hook, "team": team}, routes=routes)


def opened(store, number=1, *, model="flights", severity="critical", **changes: object) -> Incident:
    """Store an incident of a model, without any news of it."""
    known = register_model(store, ModelKey(model))
    values = {
        "incident_id": 0,
        "model_id": known.model_id,
        "model": known.key,
        "fingerprint": fingerprint("feature_drift", known.key, f"f{number}"),
        "subject": f"f{number}",
        "severity": severity,
    }
    with store.write() as connection:
        return insert_incident(connection, incident(**(values | changes)))


def queue(
    store, about: Incident, *, kind="fire", channel="hook", now=NOW, wait=timedelta(0), **changes: object
) -> None:
    """Queue news of an incident."""
    values = {
        "incident_id": about.incident_id,
        "fingerprint": about.fingerprint,
        "model": str(about.model),
        "kind": kind,
        "step": 0,
        "channel": channel,
        "severity": about.severity,
        "payload": facts_to_json(facts_of(about, kind)),
        "not_before": now + wait,
        "created_at": now,
    }
    with store.write() as connection:
        hold_alert_queue(connection)
        enqueue(connection, [NewNotification(**(values | changes))])


def page(store, number=1, **changes: object) -> Incident:
    """Open an incident and queue the page about it."""
    about = opened(store, number, model=str(changes.pop("model", "flights")))
    queue(store, about, **changes)
    return about


def dispatcher(store, configured=None, **changes: object) -> Dispatcher:
    """A dispatcher that waits as long as it may."""
    return Dispatcher(store, configured or settings(), **({"chance": lambda: 1.0} | changes))


def rows(store):
    """Everything in the outbox, oldest first."""
    with store.read() as connection:
        found = connection.execute(select(tables.notifications).order_by(tables.notifications.c.notification_id))
        return [notification_of(row) for row in found]


def states(store):
    """What became of everything in the outbox."""
    return [str(row.state) for row in rows(store)]


def attempts(store):
    """How every attempt ended, oldest first."""
    with store.read() as connection:
        return [each.outcome for each in attempts_of(connection, [row.notification_id for row in rows(store)])]


def told(fake):
    """What a webhook was told: (kind, subject) of every incident of every message."""
    return [(each["kind"], each["subject"]) for post in fake.posts for each in post["incidents"]]


def later(about: Incident, **changes: object) -> Incident:
    """The incident as it is after these changes."""
    return replace(about, **changes)
