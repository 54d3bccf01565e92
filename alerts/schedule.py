"""Who is told what of an incident now, and when to look again. Pure.

Level-triggered, as Alertmanager's deduplication is: every look compares what is with what was told, and what was told
is read from the outbox. A change that nobody told of is therefore found at the next look, whatever happened in between.

While an incident is open a channel is told that it fires, that it got graver or larger (`change`), that it still is
there (`reminder`), that nobody has it in hand (`escalate`); and once, afterwards, that it is over (`resolve`). On a
channel of type alertmanager grouping, quiet hours and silences are left to the Alertmanager.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.escalation import NONE, critical_since, escalation
from driftboard.alerts.look import Look
from driftboard.alerts.news import is_page, news_for
from driftboard.alerts.quiet import acknowledged_until, hushed_until, is_in_hand, silenced_by
from driftboard.alerts.routing import channels_for
from driftboard.alerts.severity import Severity
from driftboard.alerts.spell import Spell, spell_of
from driftboard.channel_settings import AlertmanagerSettings
from driftboard.data.incident import Incident
from driftboard.data.outbox import Delivery, NewNotification, Notification
from driftboard.data.silences import Silence

_AGAIN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about one incident.

    Attributes
    ----------
    send
        Rows to add to the outbox.
    supersede
        Ids of rows that wait untried, and that newer news takes the place of.
    wake
        When to look again, if nothing changes until then; None: not at all.
    """

    send: tuple[NewNotification, ...] = ()
    supersede: tuple[int, ...] = ()
    wake: datetime | None = None


def plan(
    incident: Incident,
    told: Sequence[Notification],
    settings: AlertSettings,
    silences: Sequence[Silence],
    *,
    now: datetime,
) -> Plan:
    """Return what is to be told of one incident.

    Parameters
    ----------
    told
        Every row of the outbox about it, oldest first, whatever became of it.
    silences
        Those in force; others are ignored.
    now
        Aware. Times in `told` that are later were written before the clock was set back: they keep nothing quiet.
    """
    first = _look(incident, told, settings, silences, now)
    if not first.send:
        return first
    then = _look(incident, _after(told, first, now), settings, silences, now)
    return replace(first, wake=now + _AGAIN if then.send else then.wake)


def still_wanted(
    notification: Notification,
    incident: Incident | None,
    settings: AlertSettings,
    silences: Sequence[Silence],
    *,
    now: datetime,
) -> tuple[Delivery, str] | None:
    """Return what becomes of a row whose turn has come, and why; None: it is to be sent.

    That it is over, or in hand, is always told where the rest was told. A first page is sent even when it is over by
    now, and so is a first message that was tried before: it may have arrived, and the end of it follows.
    """
    if notification.channel not in settings.channels:
        return Delivery.SUPPRESSED, f"no channel is called {notification.channel!r} any more"
    if incident is None or notification.kind in _ALWAYS:
        return None
    if not incident.is_open and notification.kind == "fire" and notification.attempts > 0:
        return None
    if not incident.is_open and not (notification.kind == "fire" and is_page(notification)):
        return Delivery.SUPERSEDED, "over before it was sent"
    quiet = "" if _delegates(notification.channel, settings) else _quiet(incident, silences, now)
    if quiet:
        return Delivery.SUPPRESSED, quiet
    return _needless(notification, incident, now) if notification.kind in _NUDGES else None


_ALWAYS = frozenset({"resolve", "acknowledge", "digest", "test"})
_NUDGES = frozenset({"reminder", "escalate"})


def _needless(nudge: Notification, incident: Incident, now: datetime) -> tuple[Delivery, str] | None:
    """Why nobody need be reminded or called any more."""
    if nudge.kind == "escalate" and incident.severity != Severity.CRITICAL:
        return Delivery.SUPERSEDED, "no longer critical"
    # One that was queued after the acknowledgement was queued in spite of it: see `is_in_hand`.
    if incident.acked_at is not None and incident.acked_at > nudge.created_at and is_in_hand(incident, now):
        return Delivery.SUPPRESSED, f"acknowledged by {incident.acked_by}"
    return None


def _quiet(incident: Incident, silences: Sequence[Silence], now: datetime) -> str:
    """Why nobody is told: empty when somebody is."""
    silence = silenced_by(incident, silences, now)
    if silence is not None:
        return f"silenced by {silence.created_by}: {silence.comment}"
    return f"snoozed by {incident.snoozed_by}" if incident.is_snoozed(now) else ""


def _after(told: Sequence[Notification], planned: Plan, now: datetime) -> list[Notification]:
    """The outbox once the plan is carried out."""
    rest = [each for each in told if each.notification_id not in planned.supersede]
    newest = max((each.notification_id for each in told), default=0)
    return [*rest, *(as_queued(row, newest + place, now) for place, row in enumerate(planned.send, start=1))]


def as_queued(row: NewNotification, notification_id: int, now: datetime) -> Notification:
    """Return a new row as the outbox will hold it."""
    return Notification(
        **{each.name: getattr(row, each.name) for each in fields(row)},
        notification_id=notification_id,
        state=Delivery.QUEUED,
        reason="",
        attempts=0,
        lease_owner="",
        lease_until=now,
        finished_at=None,
        provider_ref="",
    )


def _delegates(channel: str, settings: AlertSettings) -> bool:
    return isinstance(settings.channels[channel], AlertmanagerSettings)


def _look(
    incident: Incident,
    told: Sequence[Notification],
    settings: AlertSettings,
    silences: Sequence[Silence],
    now: datetime,
) -> Plan:
    routed = channels_for(incident, settings)
    known = [name for name in dict.fromkeys(each.channel for each in told) if name in settings.channels]
    spells = {name: spell_of(told, name, dry_run=settings.dry_run) for name in (*routed, *known)}
    hushed = hushed_until(incident, silences, now)
    acked_until = acknowledged_until(incident, now, critical_since=critical_since(spells.values()))
    in_hand = acked_until is not None and now < acked_until
    steps = NONE
    if not hushed and not in_hand:
        steps = escalation(incident, spells, settings, acked_until=acked_until, now=now)
    answers = [
        news_for(
            Look(
                incident=incident,
                settings=settings,
                channel=name,
                spell=spells.get(name, Spell(())),
                told=told,
                routed=name in routed,
                hushed_until=None if _delegates(name, settings) else hushed,
                acked_until=acked_until,
                escalated=steps.due.get(name),
                now=now,
            )
        )
        for name in dict.fromkeys((*spells, *steps.due))
    ]
    wakes = [steps.next_at, acked_until, *(each.wake for each in answers)]
    return Plan(
        send=tuple(row for each in answers for row in each.send),
        supersede=tuple(row for each in answers for row in each.supersede),
        wake=min((at for at in wakes if at is not None and at > now), default=None) if known or routed else None,
    )
