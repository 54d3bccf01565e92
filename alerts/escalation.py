"""Whom a critical incident goes to while nobody has it in hand, and when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.channels.kinds import takes
from driftboard.alerts.routing import channels_for
from driftboard.alerts.severity import Severity
from driftboard.alerts.spell import CLOCK_SLACK, Spell
from driftboard.data.incident import Incident
from driftboard.data.outbox import Notification

MOST_STEPS = 3


@dataclass(frozen=True, slots=True)
class Escalation:
    """What is due: by channel, the step; and when the next one is, if nothing changes."""

    due: Mapping[str, int]
    next_at: datetime | None


NONE = Escalation({}, None)


def escalation(
    incident: Incident,
    spells: Mapping[str, Spell],
    settings: AlertSettings,
    *,
    acked_until: datetime | None,
    now: datetime,
) -> Escalation:
    """Return the steps that are due for an incident that nobody has acknowledged.

    The time counts from the first word that it is critical on any channel, or from the end of an acknowledgement or a
    snooze since. Each step is taken once until the incident stops being critical.

    Parameters
    ----------
    acked_until
        As `quiet.acknowledged_until` gives it.
    """
    if incident.severity != Severity.CRITICAL or not incident.is_open:
        return NONE
    start = critical_since(spells.values())
    if start is None:
        return NONE
    since = _counted_from(start, (acked_until, incident.snoozed_until), now)
    rows = [row for spell in spells.values() for row in spell.critical_rows if row.kind == "escalate"]
    taken = max((place_of(row.step) for row in rows), default=-1)
    ahead = [(since + step.after, place) for place, step in enumerate(settings.escalation) if place > taken]
    due = {
        channel: place
        for at, place in ahead
        if at <= now
        for channel in settings.escalation[place].channels or channels_for(incident, settings)
        if takes(settings.channels[channel], "escalate")
    }
    return Escalation(due, min((at for at, _ in ahead if at > now), default=None))


def critical_since(spells: Iterable[Spell]) -> datetime | None:
    """Return when it was first said on any channel that it is critical; None when that is not the last word."""
    return min((spell.critical_rows[0].created_at for spell in spells if spell.critical_rows), default=None)


def row_step(place: int, told: Sequence[Notification], channel: str) -> int:
    """Return the `step` of the row for a step on a channel: one for each time it had to be said again.

    >>> row_step(1, (), "team")
    1
    """
    before = [each for each in told if each.kind == "escalate" and each.channel == channel]
    return MOST_STEPS * sum(place_of(each.step) == place for each in before) + place


def place_of(row: int) -> int:
    """Return which step of the escalation the `step` of a row is."""
    return row % MOST_STEPS


def _counted_from(start: datetime, quiet: Iterable[datetime | None], now: datetime) -> datetime:
    if start > now + CLOCK_SLACK:  # the clock was set back: it has waited for longer than can be told
        return now - timedelta(days=365)
    return max([start, *(end for end in quiet if end is not None and end <= now)])
