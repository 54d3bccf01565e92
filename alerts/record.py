"""Write what the gate decided into the alert log, in the transaction of the report it comes from."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from driftboard.alerts.fingerprint import fingerprint
from driftboard.alerts.gate import Alert
from driftboard.alerts.routing import Decision, channels_for, decide, unrouted
from driftboard.alerts.severity import Severity, at_least
from driftboard.config import AlertSettings
from driftboard.data import alert_log
from driftboard.data.alert_log import AlertState, NewAlert
from driftboard.data.model_key import ModelKey


def record_alerts(
    connection: Connection,
    *,
    model_id: int,
    batch_key: int,
    model: ModelKey,
    alerts: Sequence[Alert],
    settings: AlertSettings,
    now: datetime,
) -> tuple[NewAlert, ...]:
    """Store the alerts of one batch, one row for each channel they go to; nothing is sent here.

    A finding this batch has already been alerted for (its report was revised) is not stored again, whatever became
    of the first alert.

    Parameters
    ----------
    connection
        Inside the write transaction that stores the reports.
    alerts
        From `gate`, in order of importance; the order is kept.

    Returns
    -------
    tuple of NewAlert
        The rows that were added.
    """
    fresh = _fresh(alerts, model, alert_log.alerted(connection, batch_key))
    last = _last_notified(connection, fresh, settings, now)
    rows = tuple(
        _row(model_id, batch_key, identity, alert, decision, now)
        for identity, alert in fresh.items()
        for decision in _decisions(identity, alert, settings, last, now)
    )
    alert_log.insert_alerts(connection, rows)
    return rows


Last = dict[tuple[str, str, Severity], datetime]


def _fresh(alerts: Sequence[Alert], model: ModelKey, seen: frozenset[str]) -> dict[str, Alert]:
    """Return, by fingerprint and in order, the alerts this batch has not had; of two equal ones the first."""
    fresh: dict[str, Alert] = {}
    for alert in alerts:
        identity = fingerprint(alert.rule, model, alert.subject)
        if identity not in seen:
            fresh.setdefault(identity, alert)
    return fresh


def _row(model_id: int, batch_key: int, identity: str, alert: Alert, decision: Decision, now: datetime) -> NewAlert:
    return NewAlert(
        model_id=model_id,
        batch_key=batch_key,
        fingerprint=identity,
        rule=alert.rule,
        subject=alert.subject,
        severity=alert.severity,
        message=alert.message,
        channel=decision.channel,
        state=decision.state,
        reason=decision.reason,
        created_at=now,
    )


def _decisions(identity: str, alert: Alert, settings: AlertSettings, last: Last, now: datetime) -> tuple[Decision, ...]:
    channels = channels_for(alert, settings)
    if not channels:
        return (unrouted(alert, settings),)
    return tuple(
        decide(channel, settings, last=last.get((channel, identity, alert.severity)), now=now) for channel in channels
    )


def _last_notified(connection: Connection, alerts: dict[str, Alert], settings: AlertSettings, now: datetime) -> Last:
    """Return the last notification by channel, fingerprint and severity; few queries, however many the alerts."""
    wanted: dict[tuple[str, Severity], list[str]] = {}
    for identity, alert in alerts.items():
        for channel in channels_for(alert, settings):
            wanted.setdefault((channel, alert.severity), []).append(identity)
    last: Last = {}
    for (channel, severity), identities in wanted.items():
        found = alert_log.last_notified(
            connection,
            identities,
            channel=channel,
            severities=at_least(severity),
            states=_counting(settings),
            now=now,
        )
        last |= {(channel, identity, severity): at for identity, at in found.items()}
    return last


def _counting(settings: AlertSettings) -> tuple[AlertState, ...]:
    """Return the states that count as told; a rehearsal must not silence the real alert that comes after it."""
    told = (AlertState.QUEUED, AlertState.DELIVERED)
    return (*told, AlertState.DRY_RUN) if settings.dry_run else told
