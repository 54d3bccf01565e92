"""An Alertmanager forgets what it is not told again: every open incident once a minute, and each end for a while."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from driftboard.alerts.channels.alertmanager import resend
from driftboard.alerts.facts import Facts, facts_of
from driftboard.alerts.store import AlertStore
from driftboard.channel_settings import AlertmanagerSettings
from driftboard.config import Settings
from driftboard.data import incidents
from driftboard.data.backend import hold_alert_queue
from driftboard.data.heartbeats import beat, heartbeats
from driftboard.data.incident import Incident
from driftboard.data.outbox import Delivery, told_of

INTERVAL = timedelta(minutes=1)
RETENTION = timedelta(minutes=15)
"""As long as Prometheus sends what is resolved (`resolvedRetention`)."""

_RECENT = 500
_LEEWAY = timedelta(seconds=5)
_PREFIX = "alertmanager:"


def resend_all(store: AlertStore, settings: Settings, *, now: datetime) -> None:
    """Tell every Alertmanager again what it was told; of several dispatchers one does it.

    Raises
    ------
    ChannelError
        No instance of one of them took it; the next time comes in a minute.
    """
    if settings.alerts.dry_run:
        return
    for name, channel in settings.alerts.channels.items():
        if isinstance(channel, AlertmanagerSettings) and _is_mine(store, name, now):
            with store.read() as connection:
                told = _told(connection, name, now)
            firing = [_facts(each) for each in told if each.is_open]
            over = [_facts(each) for each in told if not each.is_open]
            if told:
                resend(channel, firing, over, base_url=settings.dashboard.base_url, now=now)


def _is_mine(store: AlertStore, channel: str, now: datetime) -> bool:
    """Take the turn, if nobody has taken it in the last minute."""
    component = f"{_PREFIX}{channel}"
    with store.write() as connection:
        hold_alert_queue(connection)
        last = next((each.at for each in heartbeats(connection) if each.component == component), None)
        if last is not None and timedelta(0) <= now - last < INTERVAL - _LEEWAY:
            return False
        beat(connection, component, interval_seconds=INTERVAL.total_seconds(), now=now)
    return True


def _told(connection: Connection, channel: str, now: datetime) -> list[Incident]:
    """Return the incidents that an Alertmanager was told of: what is open, and what ended a short while ago."""
    found = _candidates(connection, now)
    told = told_of(connection, [each.incident_id for each in found])
    return [
        each
        for each in found
        if any(
            row.channel == channel
            and row.state is Delivery.DELIVERED
            and row.kind == ("fire" if each.is_open else "resolve")
            for row in told.get(each.incident_id, ())
        )
    ]


def _candidates(connection: Connection, now: datetime) -> Sequence[Incident]:
    recent = incidents.recent_incidents(connection, states=("resolved",), limit=_RECENT)
    ended = [each for each in recent if each.resolved_at is not None and each.resolved_at > now - RETENTION]
    return (*incidents.open_incidents(connection), *ended)


def _facts(incident: Incident) -> Facts:
    return facts_of(incident, "fire" if incident.is_open else "resolve")
