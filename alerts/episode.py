"""An episode: what a change of memory means for the incident. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from driftboard.alerts.changes import changes, event, opening
from driftboard.alerts.lifecycle import BLANK_WINDOWS
from driftboard.alerts.memory import Memory, Track, Window
from driftboard.alerts.revision import said
from driftboard.alerts.severity import Severity
from driftboard.data.incident import Affected, Incident, IncidentState
from driftboard.data.incidents import IncidentEvent
from driftboard.data.model_key import ModelKey


@dataclass(frozen=True, slots=True)
class Problem:
    """What an incident is about, over all its episodes; `model` is None for driftboard's own."""

    fingerprint: str
    model_id: int | None
    model: ModelKey | None
    rule: str
    subject: str


def follow(
    problem: Problem, before: Memory, after: Memory, incident: Incident | None, *, window: Window, now: datetime
) -> tuple[Incident | None, tuple[IncidentEvent, ...]]:
    """Return the incident after a window that moved the memory, and what happened to it.

    An incident that was resolved by hand comes back, as a new episode, with the next bad window if the problem still
    fires.

    Parameters
    ----------
    incident
        The open one; None when there is none.
    """
    fires = after.firing
    bad = _bad(before, after)
    if incident is None:
        opened = _opened(problem, after, window, now) if bad else None
        return opened, () if opened is None else (event("opened", window, now, opening(opened)),)
    if fires:
        moved = _moved(incident, after, window, bad=bad)
    elif after.flapping:
        moved = replace(_quiet(incident), state=IncidentState.RECOVERING, flapping=True)
    else:
        given_up = any(not track.runs for track in after.tracks.values())
        moved = resolved(incident, "no data" if given_up else "recovered", now)
    events = tuple(event(kind, window, now, detail) for kind, detail in changes(incident, moved))
    return (replace(moved, changed_at=now) if events else moved), events


def resolved(incident: Incident, resolution: str, now: datetime) -> Incident:
    """Return the incident when it is over; it keeps its parts, for the message that says so."""
    over = replace(_quiet(incident), state=IncidentState.RESOLVED, resolution=resolution)
    return replace(over, resolved_at=now, changed_at=now, flapping=False)


def _bad(before: Memory, after: Memory) -> bool:
    """Whether a subject that fires was bad in this very window."""
    return any(said(before.tracks.get(subject), track) for subject, track in after.firing.items())


def _opened(problem: Problem, after: Memory, window: Window, now: datetime) -> Incident:
    affected = _affected(after.firing)
    first = min(affected, key=lambda part: part.since_at)
    return Incident(
        fingerprint=problem.fingerprint,
        episode=after.episode + 1,
        model_id=problem.model_id,
        model=problem.model,
        rule=problem.rule,
        subject=problem.subject,
        state=_state(after.firing),
        severity=affected[0].severity,
        worst=affected[0].severity,
        affected=affected,
        batch_key=window.batch_key,
        batch_id=window.batch_id,
        rows=window.rows,
        since=first.since,
        since_at=first.since_at,
        windows=max(track.runs[Severity.INFO].windows for track in after.firing.values()),
        opened_at=now,
        changed_at=now,
        flapping=after.flapping,
    )


def _moved(incident: Incident, after: Memory, window: Window, *, bad: bool) -> Incident:
    affected = _affected(after.firing)
    first = min(affected, key=lambda part: part.since_at)
    since, since_at = min((incident.since_at, incident.since), (first.since_at, first.since))[::-1]
    moved = replace(
        incident,
        state=_state(after.firing),
        severity=affected[0].severity,
        worst=max(incident.worst, affected[0].severity, key=lambda each: Severity(each).rank),
        affected=affected,
        since=since,
        since_at=since_at,
        flapping=after.flapping,
    )
    again = incident.batch_key == window.batch_key
    if not (bad or again):
        return moved
    windows = incident.windows + (not again)
    return replace(moved, windows=windows, batch_key=window.batch_key, batch_id=window.batch_id, rows=window.rows)


def _quiet(incident: Incident) -> Incident:
    return replace(incident, affected=tuple(replace(part, recovering=True) for part in incident.affected))


def _state(fires: Mapping[str, Track]) -> IncidentState:
    telling = [track for track in fires.values() if track.blank < BLANK_WINDOWS]
    if not telling:
        return IncidentState.NO_DATA
    return IncidentState.RECOVERING if all(track.recovering for track in telling) else IncidentState.FIRING


def _affected(fires: Mapping[str, Track]) -> tuple[Affected, ...]:
    """Return the parts: gravest first, then the largest, then by name."""
    ranked = sorted(fires.items(), key=lambda each: (-_rank(each[1]), -each[1].weight, each[0]))
    return tuple(_part(subject, track) for subject, track in ranked)


def _rank(track: Track) -> int:
    return -1 if track.severity is None else track.severity.rank


def _part(subject: str, track: Track) -> Affected:
    if track.severity is None or track.since_at is None:
        raise AssertionError("a track that fires has a severity and a beginning")
    return Affected(
        subject=subject,
        severity=str(track.severity),
        message=track.message,
        weight=track.weight,
        since=track.since,
        since_at=track.since_at,
        recovering=track.recovering,
    )
