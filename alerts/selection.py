"""Which rows of the outbox go into the next message of a channel, and which nobody wants to read any more."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.channels.kinds import merges
from driftboard.alerts.facts import facts_from_json
from driftboard.alerts.schedule import still_wanted
from driftboard.data import delivery, incidents
from driftboard.data.delivery import Tried
from driftboard.data.incident import Incident
from driftboard.data.outbox import Delivery, Notification
from driftboard.data.queue_age import messages_since
from driftboard.data.silences import Silence, silences
from driftboard.errors import UnknownIncident

FLOOD = 5
"""More models than this due at once are told in one message, where a channel can."""

_HOUR = timedelta(hours=1)
_OLDEST = timedelta(days=3)
_FEW = 20


def next_message(
    connection: Connection, channel: str, settings: AlertSettings, *, now: datetime
) -> tuple[list[Notification], Counter[Delivery]]:
    """Return the rows of a channel's next message, and how many left the queue because nobody wants them any more.

    Parameters
    ----------
    connection
        Inside a write transaction that holds the alert queue.
    """
    configured = settings.channels.get(channel)
    merge = configured is not None and merges(configured)
    rows = delivery.due_rows(connection, channel, now=now, limit=delivery.MOST_ROWS if merge else _FEW)
    dropped: Counter[Delivery] = Counter()
    if not _holds_page(rows) and _is_spent(connection, channel, settings, now):
        return [], dropped
    while rows:
        group = chosen(rows, merge=merge)
        kept = _still_wanted(connection, group, settings, dropped, now)
        if kept:
            return kept, dropped
        gone = {row.notification_id for row in group}
        rows = [row for row in rows if row.notification_id not in gone]
    return [], dropped


def chosen(rows: Sequence[Notification], *, merge: bool) -> list[Notification]:
    """Return what goes into one message: the first row, and where a channel merges what is due of the same model.

    When more than five models are due at once everything is told in one message: a flood.
    """
    if not rows or not merge:
        return list(rows[:1])
    if len({row.model for row in rows}) > FLOOD:
        return list(rows[: delivery.MOST_ROWS])
    return [row for row in rows if row.model == rows[0].model][: delivery.MOST_ROWS]


def _holds_page(rows: Sequence[Notification]) -> bool:
    """Whether the first rows are a page, or what is to be told before it: no hourly limit holds that up."""
    return any(
        row.kind == "fire" and row.severity == "critical" and row.incident_id == rows[0].incident_id for row in rows
    )


def _is_spent(connection: Connection, channel: str, settings: AlertSettings, now: datetime) -> bool:
    configured = settings.channels.get(channel)
    if configured is None or settings.dry_run:
        return False
    created = now - settings.give_up - _OLDEST
    sent = messages_since(connection, channel, since=now - _HOUR, now=now, created=created)
    return sent >= configured.max_per_hour


def _still_wanted(
    connection: Connection,
    group: Sequence[Notification],
    settings: AlertSettings,
    dropped: Counter[Delivery],
    now: datetime,
) -> list[Notification]:
    """Return the rows that are to be sent; the others leave the queue, each with its reason."""
    quiet = silences(connection, now=now)
    tried = delivery.tried(connection, [row.notification_id for row in group])
    about = _incidents(connection, group)
    kept: list[Notification] = []
    for row in group:
        incident = None if row.incident_id is None else about.get(row.incident_id)
        reason = _reason_against(row, tried.get(row.notification_id), incident, settings, quiet, now)
        if reason is None:
            kept.append(row)
        else:
            leave(connection, row, *reason, now=now)
            dropped[reason[0]] += 1
    return kept


def leave(connection: Connection, row: Notification, state: Delivery, reason: str, *, now: datetime) -> None:
    """Take a row out of the queue unsent, and have its incident looked at again."""
    delivery.drop(connection, [row.notification_id], state=state, reason=reason, now=now)
    if row.incident_id is not None:
        incidents.wake(connection, [row.incident_id], at=now)


def _reason_against(
    row: Notification,
    before: Tried | None,
    incident: Incident | None,
    settings: AlertSettings,
    quiet: Sequence[Silence],
    now: datetime,
) -> tuple[Delivery, str] | None:
    if before is not None and before.arrived:
        return Delivery.DELIVERED, "it had arrived: the answer came late"
    try:
        facts_from_json(row.payload)
    except (ValueError, TypeError, KeyError) as error:  # it must not hold up those it would be merged with
        return Delivery.DEAD, f"its facts cannot be read: {type(error).__name__}"
    return still_wanted(row, incident, settings, quiet, now=now)


def _incidents(connection: Connection, group: Sequence[Notification]) -> dict[int, Incident]:
    found: dict[int, Incident] = {}
    for incident_id in {row.incident_id for row in group if row.incident_id is not None}:
        with suppress(UnknownIncident):
            found[incident_id] = incidents.find_incident(connection, incident_id)
    return found
