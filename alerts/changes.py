"""What changed about an incident, as events for its audit. Pure."""

from collections.abc import Sequence
from datetime import datetime

from driftboard.alerts.memory import Window
from driftboard.alerts.severity import Severity
from driftboard.data.incident import Incident, IncidentState
from driftboard.data.incidents import IncidentEvent

_NAMED = 10


def event(kind: str, window: Window, now: datetime, detail: str = "") -> IncidentEvent:
    """Return an event that names the window it comes from."""
    return IncidentEvent(now, kind, detail=f"{window.batch_id}: {detail}" if detail else window.batch_id)


def opening(incident: Incident) -> str:
    """Return how grave a new incident is, and what it is about."""
    return f"{incident.severity}: {_listed([part.subject for part in incident.affected])}"


def changes(before: Incident, after: Incident) -> list[tuple[str, str]]:
    """Return the kinds of events, each with its detail, in the order in which they are told."""
    happened = [("data_again", "")] if before.state is IncidentState.NO_DATA and _tells(after) else []
    if after.is_open:
        happened += _parts(before, after)
        happened += _severity(before, after)
    if after.flapping and not before.flapping:
        happened.append(("flapping", "opens and closes all the time"))
    if before.flapping and not after.flapping:
        happened.append(("steady", ""))
    return happened + _states(before, after)


def _tells(incident: Incident) -> bool:
    return incident.state is not IncidentState.NO_DATA and incident.resolution != "no data"


def _parts(before: Incident, after: Incident) -> list[tuple[str, str]]:
    old, new = (dict.fromkeys(part.subject for part in each.affected) for each in (before, after))
    changed = (
        ("joined", [each for each in new if each not in old]),
        ("left", [each for each in old if each not in new]),
    )
    return [(kind, _listed(subjects)) for kind, subjects in changed if subjects]


def _severity(before: Incident, after: Incident) -> list[tuple[str, str]]:
    if before.severity == after.severity:
        return []
    rose = Severity(after.severity).rank > Severity(before.severity).rank
    return [("rose" if rose else "fell", f"{before.severity} to {after.severity}")]


def _states(before: Incident, after: Incident) -> list[tuple[str, str]]:
    if before.state is after.state:
        return []
    if after.state is IncidentState.FIRING:
        return [("resumed", "")] if before.state is IncidentState.RECOVERING else []
    return [(str(after.state), after.resolution)]


def _listed(subjects: Sequence[str]) -> str:
    names = ", ".join(subject or "the model as a whole" for subject in subjects[:_NAMED])
    return names if len(subjects) <= _NAMED else f"{names} and {len(subjects) - _NAMED:,} more"
