"""Why an incident woke somebody, or nobody; and what will be told next, if nothing changes. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.entry import written_at
from driftboard.alerts.memory import Memory, Track
from driftboard.alerts.plain import one_line
from driftboard.alerts.quiet import is_in_hand, silenced_by
from driftboard.alerts.routing import channels_for
from driftboard.alerts.schedule import plan
from driftboard.alerts.severity import Severity
from driftboard.alerts.timeline import Line
from driftboard.data.incident import Incident, IncidentState
from driftboard.data.outbox import Delivery, Notification
from driftboard.data.silences import Silence

_NAME = 80
_PARTS = 5
_LOOKS = 20
_HEARD = {Delivery.DELIVERED: "told", Delivery.DRY_RUN: "would have been told (dry run)"}


def reasons(
    incident: Incident,
    told: Sequence[Notification],
    settings: AlertSettings,
    silences: Sequence[Silence],
    *,
    now: datetime,
) -> tuple[str, ...]:
    """Return, channel by channel, who was told and who was not, and why; then what keeps it quiet now."""
    if not settings.channels:
        return ("No channel is configured: nobody can be told.", *_quiet(incident, silences, now))
    routed = channels_for(incident, settings)
    names = dict.fromkeys((*settings.channels, *(row.channel for row in told)))
    channels = (_channel(name, incident, told, settings, routed) for name in names)
    return (*channels, *_quiet(incident, silences, now))


def expected(
    incident: Incident,
    told: Sequence[Notification],
    settings: AlertSettings,
    silences: Sequence[Silence],
    *,
    now: datetime,
) -> tuple[Line, ...]:
    """Return what will be told next: what is queued, and what the plan would add at the times it names itself."""
    queued = [row for row in told if row.state is Delivery.QUEUED]
    lines = [
        Line(max(row.not_before, now), "message", f"{row.kind} leaves for {_short(row.channel)}") for row in queued
    ]
    at: datetime | None = now
    for _ in range(_LOOKS):
        at = at and plan(incident, told, settings, silences, now=at).wake
        sent = () if at is None else plan(incident, told, settings, silences, now=at).send
        if at is None or sent:
            lines += [
                Line(new.not_before, "message", f"{new.kind} to {_short(new.channel)}, if nothing changes")
                for new in sent
            ]
            break
    return tuple(sorted(lines, key=lambda line: line.at))


def remembered(memory: Memory, settings: AlertSettings) -> tuple[str, ...]:
    """Return where each part stands between quiet and firing, the first five parts; empty when all is quiet."""
    policy = settings.rule(memory.rule)
    needed = dict.fromkeys(Severity, policy.for_windows) | {Severity.CRITICAL: policy.critical_windows}
    lines = [_part(subject, track, needed, policy.keep_windows) for subject, track in memory.tracks.items()]
    more = [f"... and {len(lines) - _PARTS:,} more parts."] if len(lines) > _PARTS else []
    return (*lines[:_PARTS], *more)


def holding(incident: Incident, settings: AlertSettings, others: Sequence[Incident]) -> tuple[str, ...]:
    """Return which open incidents keep the rule of this one from being judged.

    Parameters
    ----------
    others
        The open incidents of the same model.
    """
    sources = {each.source for each in settings.inhibit if incident.rule in each.targets}
    return tuple(
        f"Incident {each.incident_id} ({each.rule}) is open: while it fires, {incident.rule} is not judged for what it"
        " is about."
        for each in others
        if each.rule in sources
    )


def _channel(
    name: str, incident: Incident, told: Sequence[Notification], settings: AlertSettings, routed: Sequence[str]
) -> str:
    rows = [row for row in told if row.channel == name]
    heard = [row for row in rows if row.state in _HEARD]
    if heard:
        times = ", ".join(f"{row.kind} at {written_at(row.finished_at or row.created_at)}" for row in heard[-_PARTS:])
        return f"{_short(name)}: {_HEARD[heard[-1].state]}: {times}."
    if rows:
        return f"{_short(name)}: not told: {_became(rows[-1])}."
    return f"{_short(name)}: not told: {_unrouted(name, incident, settings, routed)}."


def _became(row: Notification) -> str:
    reason = one_line(row.reason, limit=300)
    if row.state is Delivery.QUEUED:
        tried = f", {row.attempts} attempts so far" if row.attempts else ""
        return f"the message waits, not before {written_at(row.not_before)}{tried}{f' ({reason})' if reason else ''}"
    words = {Delivery.DEAD: "given up", Delivery.SUPPRESSED: "held back", Delivery.SUPERSEDED: "dropped"}
    return f"{words[row.state]}{f' ({reason})' if reason else ''}"


def _unrouted(name: str, incident: Incident, settings: AlertSettings, routed: Sequence[str]) -> str:
    if name in routed:
        return "something keeps it quiet, see below, or it was not looked at yet"
    least = settings.channels[name].min_severity
    if Severity(incident.severity).rank < Severity(least).rank:
        return f"it takes {least} and above (min_severity), this is {incident.severity}"
    return "no route sends this incident there" if settings.routes else "it is not told of itself"


def _quiet(incident: Incident, silences: Sequence[Silence], now: datetime) -> Iterator[str]:
    silence = silenced_by(incident, silences, now)
    if silence is not None:
        until = written_at(silence.expired_at or silence.ends_at)
        comment = one_line(silence.comment, limit=300)
        yield f"Silenced until {until} by {_short(silence.created_by)} (silence {silence.silence_id}): {comment}."
    if incident.snoozed_until is not None and incident.is_snoozed(now):
        yield f"Snoozed until {written_at(incident.snoozed_until)} by {_short(incident.snoozed_by)}."
    if incident.ack_until is not None and is_in_hand(incident, now):
        until, by = written_at(incident.ack_until), _short(incident.acked_by)
        yield f"Acknowledged by {by} until {until}: no reminders and no escalation, unless it gets worse."
    if incident.flapping:
        yield "Flapping: it opened and closed four times in 20 windows; held until ten windows without a change."
    if incident.state is IncidentState.NO_DATA:
        yield "No data: the newest windows cannot tell whether it is still there."


def _part(subject: str, track: Track, needed: dict[Severity, int], keep: int) -> str:
    name = _short(subject) or "the model as a whole"
    severity = track.severity
    if severity is None:
        bad = {each: run.windows for each, run in track.runs.items() if run.windows > 0}
        gravest = max(bad, key=lambda each: each.rank, default=Severity.INFO)
        return f"{name}: pending, {bad.get(gravest, 0)} of {needed[gravest]} bad windows for {gravest}."
    windows = track.runs[severity].windows
    if windows < 0:
        return f"{name}: {severity}, recovering: {-windows} of {keep} clear windows."
    return f"{name}: {severity} for {windows} window{'' if windows == 1 else 's'} in a row."


def _short(text: str) -> str:
    return one_line(text, limit=_NAME)
