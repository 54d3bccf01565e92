"""The daily digest is queued: once a day and channel, whoever comes first."""

from datetime import datetime

from sqlalchemy import Connection

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.digest import digest_day, digest_facts
from driftboard.alerts.facts import Facts, facts_to_json
from driftboard.alerts.store import AlertStore
from driftboard.data import incidents, outbox
from driftboard.data.backend import hold_alert_queue
from driftboard.data.outbox import NewNotification
from driftboard.data.queue_age import is_queued_already

_RECENT = 500


def queue_digest(store: AlertStore, settings: AlertSettings, *, now: datetime) -> None:
    """Queue the newest digest that is due, on every channel that has none of that day yet."""
    day = digest_day(settings.digest, now)
    with store.read() as connection:
        if not _missing(connection, settings, day) or _facts(connection, settings, now) is None:
            return
    with store.write() as connection:
        hold_alert_queue(connection)
        facts = _facts(connection, settings, now)
        if facts is not None:
            rows = [_row(facts, name, now) for name in _missing(connection, settings, day)]
            outbox.enqueue(connection, rows)


def _facts(connection: Connection, settings: AlertSettings, now: datetime) -> Facts | None:
    found = (
        *incidents.open_incidents(connection),
        *incidents.recent_incidents(connection, states=("resolved",), limit=_RECENT),
    )
    return digest_facts(found, settings.digest, now=now)


def _missing(connection: Connection, settings: AlertSettings, day: int) -> list[str]:
    return [
        name
        for name in settings.digest.channels
        if not is_queued_already(connection, incident_id=None, kind="digest", step=day, channel=name)
    ]


def _row(facts: Facts, channel: str, now: datetime) -> NewNotification:
    return NewNotification(
        incident_id=None,
        fingerprint=facts.fingerprint,
        model="",
        kind="digest",
        step=facts.step,
        channel=channel,
        severity=facts.severity,
        payload=facts_to_json(facts),
        not_before=now,
        created_at=now,
    )
