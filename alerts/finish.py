"""What came of a message is recorded, with all that follows from it, in one transaction."""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.attempt import Sent
from driftboard.alerts.channel_health import after_outcome, report
from driftboard.alerts.channels.kinds import takes
from driftboard.alerts.claim import Claim
from driftboard.alerts.desk import replan
from driftboard.alerts.facts import facts_from_json
from driftboard.alerts.retry import after, blocked_until, given_up, is_hopeless
from driftboard.channel_settings import EmailSettings
from driftboard.data import incidents, outbox
from driftboard.data.backend import hold_alert_queue
from driftboard.data.channel_states import channel_state, save_channel_state
from driftboard.data.outbox import Delivery, NewNotification, Notification
from driftboard.data.outcomes import Outcome, record
from driftboard.data.queue_age import is_queued_already

_logger = logging.getLogger(__name__)


def finish(
    connection: Connection, claim: Claim, sent: Sent, settings: AlertSettings, *, now: datetime, chance: float
) -> Outcome:
    """Record the outcome of a message: of its rows, of its channel, and for whoever is to be told instead.

    Parameters
    ----------
    connection
        Inside a write transaction.
    chance
        See `retry.after`.
    """
    hold_alert_queue(connection)
    outcome = _outcome(claim, sent, settings, now, chance)
    hopeless = [row for row in claim.rows if _is_hopeless(row, claim, outcome, settings, now)]
    others = [row for row in claim.rows if row not in hopeless]
    end = given_up(outcome, attempts=max(row.attempts for row in hopeless)) if hopeless else outcome
    decided = {outcome: record(connection, others, outcome, now=now)}
    decided[end] = decided.get(end, ()) + record(connection, hopeless, end, now=now)
    _note_channel(connection, claim, sent, end, settings, now)
    for each, rows in decided.items():
        if each.state is Delivery.DEAD:
            _tell_fallback(connection, rows, settings, now)
    about = sorted({row.incident_id for rows in decided.values() for row in rows if row.incident_id is not None})
    for incident_id in about:
        _replan(connection, incident_id, settings, now)
    return end


def _replan(connection: Connection, incident_id: int, settings: AlertSettings, now: datetime) -> None:
    """Plan at once what this outcome calls for: the end of an incident may have waited for its beginning to be told."""
    try:
        replan(connection, incidents.find_incident(connection, incident_id), settings, now=now)
    except Exception as error:  # noqa: BLE001 - that it was sent must be recorded whatever the plan makes of it
        _logger.error("no plan for incident %d: unexpected %s", incident_id, type(error).__name__)  # noqa: TRY400
        incidents.wake(connection, [incident_id], at=now)


def _outcome(claim: Claim, sent: Sent, settings: AlertSettings, now: datetime, chance: float) -> Outcome:
    if sent.receipt is not None:
        return Outcome("ok", Delivery.DELIVERED, sent.receipt.remark, reference=sent.receipt.reference)
    assert sent.error is not None  # noqa: S101 - an attempt has a receipt or an error
    if sent.was_held_back:
        return Outcome("retry", Delivery.QUEUED, str(sent.error), not_before=now)
    mail = isinstance(settings.channels.get(claim.rows[0].channel), EmailSettings)
    return after(sent.error, attempts=max(row.attempts for row in claim.rows), mail=mail, now=now, chance=chance)


def _is_hopeless(row: Notification, claim: Claim, outcome: Outcome, settings: AlertSettings, now: datetime) -> bool:
    first_at = claim.first_at.get(row.notification_id, now)
    return is_hopeless(outcome, attempts=row.attempts, first_at=first_at, give_up=settings.give_up, now=now)


def _note_channel(
    connection: Connection, claim: Claim, sent: Sent, outcome: Outcome, settings: AlertSettings, now: datetime
) -> None:
    if sent.was_held_back:
        return  # it says nothing about the channel
    blocked = None if sent.error is None else blocked_until(sent.error, outcome, now=now)
    before = channel_state(connection, claim.rows[0].channel)
    state = after_outcome(before, outcome, blocked=blocked, now=now)
    save_channel_state(connection, state)
    if before.status != "ok" or state.status == "broken":
        report(connection, state, settings, now=now)


def _tell_fallback(
    connection: Connection, rows: Sequence[Notification], settings: AlertSettings, now: datetime
) -> None:
    """Queue the same facts, once, on the channel that stands in."""
    for row in rows:
        configured = settings.channels.get(row.channel)
        name = None if configured is None else configured.fallback
        stand_in = None if name is None else settings.channels.get(name)
        if name is None or stand_in is None or not takes(stand_in, facts_from_json(row.payload).kind):
            continue
        if is_queued_already(connection, incident_id=row.incident_id, kind=row.kind, step=row.step, channel=name):
            continue  # it is told of this anyway
        outbox.enqueue(connection, [_copy(row, name, now)])


def _copy(row: Notification, channel: str, now: datetime) -> NewNotification:
    return NewNotification(
        incident_id=row.incident_id,
        fingerprint=row.fingerprint,
        model=row.model,
        kind=row.kind,
        step=row.step,
        channel=channel,
        severity=row.severity,
        payload=row.payload,
        not_before=now,
        created_at=now,
    )
