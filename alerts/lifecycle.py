"""The life cycle: one problem, one window more. Pure, and checked against an independent model.

For each subject and severity there are two states with hysteresis, independent of each other: active after enough
windows in a row that were at least so bad, inactive again after enough that were not. What was active at a graver
severity is active at the milder ones.

=================================  ==================================================================
of a subject, a window             its runs
=================================  ==================================================================
is bad or clear                    each counts it
was held (another rule inhibits)   stay as they are
could not tell                    stay; the third in a row is `no data`, and gives up if so configured
is late                            stay
is the newest one again            counts once, by the worst that was said of it: see `revision`
=================================  ==================================================================
"""

from dataclasses import replace

from driftboard.alert_settings import RulePolicy
from driftboard.alerts.flapping import watch
from driftboard.alerts.gate import Reading, Seen
from driftboard.alerts.memory import GRAVEST_FIRST, Memory, Run, Track, Window
from driftboard.alerts.revision import merged
from driftboard.alerts.severity import Severity

BLANK_WINDOWS = 3
"""So many windows in a row that cannot tell are `no data`."""

_NEW = Track(runs={severity: Run() for severity in Severity})


def advance(memory: Memory, reading: Reading, window: Window, policy: RulePolicy) -> Memory:
    """Return what is remembered after this window; the memory as it is when the window is late."""
    if memory.is_late(window):
        return memory
    if not memory.is_newest(window):
        return _advanced(replace(memory, before=None), reading, window, policy)
    if memory.before is None:
        return memory
    before = replace(memory.before, episode=memory.episode)
    return _advanced(before, merged(memory, before, reading), window, policy)


def _advanced(memory: Memory, reading: Reading, window: Window, policy: RulePolicy) -> Memory:
    tracks = {}
    for subject in {**memory.tracks, **reading.seen}:
        track = _next(memory.tracks.get(subject), subject, reading, window, policy)
        if track is not None:
            tracks[subject] = track
    seen = memory.seen + reading.judged
    fires = any(track.severity for track in tracks.values())
    switches, flapping = watch(memory, fires=fires, seen=seen)
    return replace(memory, tracks=tracks, last=window, seen=seen, switches=switches, flapping=flapping, before=memory)


def _next(track: Track | None, subject: str, reading: Reading, window: Window, policy: RulePolicy) -> Track | None:
    """Return the track after the window; None when there is nothing left to remember."""
    before = track if track and track.runs else None
    if subject in reading.held:
        return before
    if reading.judged and subject in reading.seen:
        return _counted(before or _NEW, reading.seen[subject], window, policy)
    if reading.judged and subject not in reading.blank:
        return before and _counted(before, None, window, policy)
    return before and _blank(before, policy)


def _blank(track: Track, policy: RulePolicy) -> Track | None:
    blank = track.blank + 1
    if policy.no_data == "keep" or blank < BLANK_WINDOWS:
        return replace(track, blank=blank)
    return replace(track, runs={}, blank=blank) if track.severity else None


def _counted(track: Track, seen: Seen | None, window: Window, policy: RulePolicy) -> Track | None:
    runs, graver = {}, False
    for severity in GRAVEST_FIRST:
        bad = seen is not None and seen.severity.rank >= severity.rank
        needed = policy.critical_windows if severity is Severity.CRITICAL else policy.for_windows
        run = _run(track.runs[severity], needed=needed, keep=policy.keep_windows, bad=bad)
        runs[severity] = Run(active=True, windows=run.windows) if graver else run
        graver = runs[severity].active
    if seen is None:
        after = replace(track, runs=runs, blank=0)
        return after if after.severity else None
    started = track.since_at is None
    return Track(
        runs=runs,
        message=seen.message,
        weight=seen.weight,
        since=window.batch_id if started else track.since,
        since_at=window.at if started else track.since_at,
    )


def _run(run: Run, *, needed: int, keep: int, bad: bool) -> Run:
    windows = max(run.windows, 0) + 1 if bad else min(run.windows, 0) - 1
    active = windows >= needed or (run.active and windows > -keep)
    return Run(active, windows)
