"""A revised report: the newest window is judged again, because it grew or because labels came. Pure.

A window counts once. What was said of it stays said, unless the new report is worse: could not tell (or held) < clear <
info < warning < critical. So a batch that is written all day long pages at the hour in which it turns bad, and no news
is ever taken back.
"""

from dataclasses import replace

from driftboard.alerts.gate import Reading, Seen
from driftboard.alerts.memory import GRAVEST_FIRST, Memory, Track
from driftboard.alerts.severity import Severity


def merged(memory: Memory, before: Memory, reading: Reading) -> Reading:
    """Return the reading together with what is known of its window.

    Parameters
    ----------
    memory, before
        With, and without, the window.
    """
    counted, seen = set(), dict(reading.seen)
    for subject in {**before.tracks, **memory.tracks}:
        old, new = before.tracks.get(subject), memory.tracks.get(subject)
        known = said(old, new)
        if known and (subject not in seen or known.severity.rank > seen[subject].severity.rank):
            seen[subject] = known
        if known or _was_clear(old, new):
            counted.add(subject)
    silent = (reading.held | (reading.blank if reading.judged else before.tracks.keys())) - counted
    blank = frozenset(each for each in silent if _was_blank(before.tracks.get(each), memory.tracks.get(each)))
    judged = reading.judged or memory.seen > before.seen
    return replace(reading, judged=judged, seen=seen, held=silent - blank, blank=blank)


def said(before: Track | None, after: Track | None) -> Seen | None:
    """Return how bad the window was that lies between the two; None when it was not, or did not count."""
    for severity in GRAVEST_FIRST:
        if after and _windows(after, severity) > max(_windows(before, severity), 0):
            return Seen(severity, after.message, after.weight)
    return None


def _was_clear(before: Track | None, after: Track | None) -> bool:
    if before is None or not before.runs:
        return False
    if after is None:
        return True
    return bool(after.runs) and _windows(after, Severity.INFO) < _windows(before, Severity.INFO)


def _was_blank(before: Track | None, after: Track | None) -> bool:
    """Whether it could not tell, be it that the subject was given up for it; False when it was held."""
    return before is not None and after is not None and (not after.runs or after.blank > before.blank)


def _windows(track: Track | None, severity: Severity) -> int:
    return track.runs[severity].windows if track and track.runs else 0
