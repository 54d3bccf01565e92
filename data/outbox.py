"""The outbox: every notification, and what became of it. How one is claimed and finished is in `data.delivery`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from driftboard.data import tables
from driftboard.data.times import from_micros, to_micros
from driftboard.data.values import storable

_n = tables.notifications.c


class Delivery(StrEnum):
    """What became of a notification."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    DRY_RUN = "dry_run"
    SUPPRESSED = "suppressed"
    """Silenced, snoozed or acknowledged when its turn came; told later, if it still matters then."""
    SUPERSEDED = "superseded"
    """Newer news took its place before it was sent."""
    DEAD = "dead"
    """Given up: refused for good, or not delivered in a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotification:
    """A row to be added to the outbox.

    Attributes
    ----------
    incident_id
        None for a digest or a test.
    model
        The model's key as text: whose messages may be merged into one; empty for driftboard's own.
    kind
        fire, change, reminder, escalate, acknowledge, resolve, digest, test.
    step
        0, 1, ...: how often this kind was told of this incident on this channel before.
    payload
        `alerts.facts.Facts` as JSON.
    not_before
        When it may leave, at the earliest.
    """

    incident_id: int | None
    fingerprint: str
    model: str
    kind: str
    step: int
    channel: str
    severity: str
    payload: str
    not_before: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A row as it stands; times are aware, UTC; `finished_at` is None while it waits."""

    notification_id: int
    incident_id: int | None
    fingerprint: str
    model: str
    kind: str
    step: int
    channel: str
    severity: str
    payload: str
    state: Delivery
    reason: str
    attempts: int
    not_before: datetime
    lease_owner: str
    lease_until: datetime
    created_at: datetime
    finished_at: datetime | None
    provider_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to send a notification; `outcome` is started, ok, retry, permanent or unknown."""

    notification_id: int
    n: int
    owner: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str
    status: int | None
    detail: str


def enqueue(connection: Connection, notifications: Sequence[NewNotification]) -> None:
    """Add rows, in this order."""
    if notifications:
        connection.execute(insert(tables.notifications), [_values(each) for each in notifications])


def supersede(connection: Connection, notification_ids: Sequence[int], *, reason: str, now: datetime) -> None:
    """Take rows that were never tried out of the queue: something newer says it better."""
    if notification_ids:
        connection.execute(
            update(tables.notifications)
            .where(_n.notification_id.in_(notification_ids), _n.state == Delivery.QUEUED, _n.attempts == 0)
            .values(state=str(Delivery.SUPERSEDED), reason=storable(reason), finished_at=to_micros(now))
        )


def told_of(connection: Connection, incident_ids: Sequence[int]) -> dict[int, tuple[Notification, ...]]:
    """Return every notification of each incident, oldest first; an incident without one is left out."""
    found: dict[int, list[Notification]] = {}
    for start in range(0, len(incident_ids), 500):
        chunk = incident_ids[start : start + 500]
        query = select(tables.notifications).where(_n.incident_id.in_(chunk)).order_by(_n.notification_id)
        for row in connection.execute(query):
            found.setdefault(row.incident_id, []).append(notification_of(row))
    return {incident_id: tuple(each) for incident_id, each in found.items()}


def recent_notifications(
    connection: Connection,
    *,
    channel: str | None = None,
    states: Sequence[str] = (),
    limit: int = 200,
    before_id: int | None = None,
) -> tuple[Notification, ...]:
    """Return the newest rows; `before_id` gives the next page."""
    query = select(tables.notifications).order_by(_n.notification_id.desc()).limit(limit)
    if channel is not None:
        query = query.where(_n.channel == channel)
    if states:
        query = query.where(_n.state.in_(states))
    if before_id is not None:
        query = query.where(_n.notification_id < before_id)
    return tuple(map(notification_of, connection.execute(query)))


def attempts_of(connection: Connection, notification_ids: Sequence[int]) -> tuple[Attempt, ...]:
    """Return the attempts to send these notifications, oldest first."""
    a = tables.delivery_attempts.c
    query = select(tables.delivery_attempts).where(a.notification_id.in_(notification_ids))
    return tuple(
        Attempt(
            notification_id=row.notification_id,
            n=row.n,
            owner=row.owner,
            started_at=from_micros(row.started_at),
            finished_at=None if row.finished_at is None else from_micros(row.finished_at),
            outcome=row.outcome,
            status=row.status,
            detail=row.detail,
        )
        for row in connection.execute(query.order_by(a.started_at, a.notification_id, a.n))
    )


def count_deliveries(connection: Connection, *, channel: str | None = None) -> dict[Delivery, int]:
    """Return how many rows are in each state, zeros included."""
    query = select(_n.state, func.count().label("n")).group_by(_n.state)
    if channel is not None:
        query = query.where(_n.channel == channel)
    found = {Delivery(row.state): int(row.n) for row in connection.execute(query)}
    return {state: found.get(state, 0) for state in Delivery}


def oldest_queued(connection: Connection, *, now: datetime) -> datetime | None:
    """Return since when the row has been due that has waited longest; None when none is due."""
    query = select(func.min(_n.not_before)).where(_n.state == Delivery.QUEUED, _n.not_before <= to_micros(now))
    at = connection.execute(query).scalar()
    return None if at is None else from_micros(at)


def count_pages(connection: Connection, model: str, *, since: datetime) -> int:
    """Return for how many incidents of a model somebody was called since a time, or would have been in a dry run."""
    told = (Delivery.DELIVERED, Delivery.DRY_RUN)
    query = select(func.count(func.distinct(_n.incident_id))).where(
        _n.model == model,
        _n.severity == "critical",
        _n.kind.in_(("fire", "change")),
        _n.state.in_(told),
        _n.created_at >= to_micros(since),
    )
    return int(connection.execute(query).scalar_one())


def notification_of(row: Row[tuple[Any, ...]]) -> Notification:
    """Return the notification that a row of the table holds."""
    return Notification(
        notification_id=row.notification_id,
        incident_id=row.incident_id,
        fingerprint=row.fingerprint,
        model=row.model,
        kind=row.kind,
        step=row.step,
        channel=row.channel,
        severity=row.severity,
        payload=row.payload,
        state=Delivery(row.state),
        reason=row.reason,
        attempts=row.attempts,
        not_before=from_micros(row.not_before),
        lease_owner=row.lease_owner,
        lease_until=from_micros(row.lease_until),
        created_at=from_micros(row.created_at),
        finished_at=None if row.finished_at is None else from_micros(row.finished_at),
        provider_ref=row.provider_ref,
    )


def _values(new: NewNotification) -> dict[str, Any]:
    return {
        "incident_id": new.incident_id,
        "fingerprint": new.fingerprint,
        "model": storable(new.model),
        "kind": new.kind,
        "step": new.step,
        "channel": new.channel,
        "severity": new.severity,
        "payload": storable(new.payload),
        "state": str(Delivery.QUEUED),
        "reason": "",
        "attempts": 0,
        "not_before": to_micros(new.not_before),
        "lease_owner": "",
        "lease_until": 0,
        "created_at": to_micros(new.created_at),
        "finished_at": None,
        "provider_ref": "",
    }
