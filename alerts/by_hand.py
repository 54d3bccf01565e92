"""What people do to an incident, as pure changes: the live pipeline stores them, a backtest repeats them.

Each returns the incident as it is after, and the line of the audit that says so. The times in `detail` are ISO 8601
with every digit, so that an act can be repeated exactly from the audit alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from driftboard.alerts.memory import Memory
from driftboard.data.incident import Incident, IncidentState
from driftboard.data.incidents import IncidentEvent

Acted = tuple[Incident, IncidentEvent]
_UNTIL = "until "

BY_HAND = "resolved by"
"""What the resolution of an incident begins with that somebody closed; the name follows."""


def acknowledged(incident: Incident, *, by: str, until: datetime, now: datetime) -> Acted:
    """Somebody has it in hand until then: no reminders, no escalation."""
    taken = incident.is_acked(now) and incident.acked_by not in {"", by}
    detail = f"{_UNTIL}{until.isoformat()}" + (f", taken over from {incident.acked_by}" if taken else "")
    after = replace(incident, acked_by=by, acked_at=now, ack_until=until, changed_at=now)
    return after, IncidentEvent(now, "acknowledged", by, detail)


def unacknowledged(incident: Incident, *, by: str, now: datetime) -> Acted:
    """Nobody has it in hand any more."""
    after = replace(incident, acked_by="", acked_at=None, ack_until=None, changed_at=now)
    return after, IncidentEvent(now, "unacknowledged", by)


def snoozed(incident: Incident, *, by: str, until: datetime, now: datetime) -> Acted:
    """Nobody is told anything of it until then."""
    after = replace(incident, snoozed_by=by, snoozed_until=until, changed_at=now)
    return after, IncidentEvent(now, "snoozed", by, f"{_UNTIL}{until.isoformat()}")


def unsnoozed(incident: Incident, *, by: str, now: datetime) -> Acted:
    """It is no longer asked to be quiet."""
    after = replace(incident, snoozed_by="", snoozed_until=None, changed_at=now)
    return after, IncidentEvent(now, "unsnoozed", by)


def resolved(incident: Incident, *, by: str, now: datetime) -> Acted:
    """It is over because somebody says so; `forgotten` is the other half."""
    over = IncidentState.RESOLVED
    after = replace(incident, state=over, changed_at=now, resolved_at=now, resolution=f"{BY_HAND} {by}", flapping=False)
    return after, IncidentEvent(now, "resolved", by)


def forgotten(memory: Memory) -> Memory:
    """Return the memory of a rule whose incident was resolved by hand: the next bad window begins a new one."""
    return replace(memory, tracks={}, switches=(), flapping=False, before=None)


def judged(incident: Incident, *, by: str, useful: bool, now: datetime) -> Acted:
    """Somebody says whether it was worth being told."""
    word = "useful" if useful else "noise"
    return replace(incident, feedback=word, feedback_by=by), IncidentEvent(now, "feedback", by, word)


def _again_acknowledged(incident: Incident, event: IncidentEvent) -> Incident:
    return acknowledged(incident, by=event.actor, until=_until(event), now=event.at)[0]


def _again_snoozed(incident: Incident, event: IncidentEvent) -> Incident:
    return snoozed(incident, by=event.actor, until=_until(event), now=event.at)[0]


_REPEATED: Mapping[str, Callable[[Incident, IncidentEvent], Incident]] = {
    "acknowledged": _again_acknowledged,
    "unacknowledged": lambda incident, event: unacknowledged(incident, by=event.actor, now=event.at)[0],
    "snoozed": _again_snoozed,
    "unsnoozed": lambda incident, event: unsnoozed(incident, by=event.actor, now=event.at)[0],
    "resolved": lambda incident, event: resolved(incident, by=event.actor, now=event.at)[0],
}


def is_act(event: IncidentEvent) -> bool:
    """Whether a person did it, and it changed what is told."""
    return bool(event.actor) and event.kind in _REPEATED


def repeat(incident: Incident, event: IncidentEvent) -> Incident:
    """Return the incident after an act from the audit, as it was after the first time."""
    return _REPEATED[event.kind](incident, event)


def _until(event: IncidentEvent) -> datetime:
    written = event.detail.removeprefix(_UNTIL).partition(",")[0]
    try:
        return datetime.fromisoformat(written)
    except ValueError:  # an audit that was edited: an act without a length
        return event.at
