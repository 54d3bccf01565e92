"""The watcher is watched: what is wrong with driftboard itself becomes an incident, and ends when it is over."""

from datetime import datetime

from sqlalchemy import Connection

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.meta import RULES, Health, Trouble, troubles
from driftboard.alerts.own import clear_own, raise_own
from driftboard.alerts.store import AlertStore
from driftboard.data import incidents
from driftboard.data.backend import hold_alert_queue
from driftboard.data.channel_states import channel_states
from driftboard.data.heartbeats import heartbeats
from driftboard.data.incident import Incident
from driftboard.data.queue_age import waiting_since


def watch(store: AlertStore, settings: AlertSettings, *, now: datetime) -> Health:
    """Open and end incidents about driftboard's own working; return what it knows of it."""
    with store.read() as connection:
        health = health_of(connection, settings, now=now)
        open_now = {(each.rule, each.subject) for each in _own(connection)}
    wrong = {(each.rule, each.subject): each for each in troubles(health, now=now)}
    if not wrong and not open_now:
        return health
    with store.write() as connection:
        hold_alert_queue(connection)
        for trouble in wrong.values():
            raise_trouble(connection, trouble, settings, now=now)
        for rule, subject in sorted(open_now - set(wrong)):
            clear_own(connection, rule=rule, subject=subject, settings=settings, now=now)
    return health


def health_of(connection: Connection, settings: AlertSettings, *, now: datetime) -> Health:
    """Return what driftboard knows of its own working; nothing waits in a dry run."""
    return Health(
        channels=tuple(settings.channels),
        states=channel_states(connection),
        waiting={} if settings.dry_run else waiting_since(connection, now=now),
        hearts=heartbeats(connection),
    )


def raise_trouble(connection: Connection, trouble: Trouble, settings: AlertSettings, *, now: datetime) -> None:
    """Open the incident about one trouble, or keep the open one up to date.

    Parameters
    ----------
    connection
        Inside a write transaction that holds the alert queue.
    """
    raise_own(
        connection,
        rule=trouble.rule,
        subject=trouble.subject,
        message=trouble.message,
        severity=trouble.severity,
        settings=settings,
        now=now,
    )


def _own(connection: Connection) -> list[Incident]:
    return [each for each in incidents.open_incidents(connection) if each.model_id is None and each.rule in RULES]
