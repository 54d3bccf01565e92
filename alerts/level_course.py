"""The course of a service level: good events and all of them in order of time, to be added up over any window."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import accumulate

from driftboard.data.service import Stretch
from driftboard.data.service_counts import MINUTE, ServiceCounts
from driftboard.monitors.service_level import Tally


class Course:
    """Tallies of stretches in order of time."""

    def __init__(self, starts: Sequence[datetime], tallies: Iterable[Tally]) -> None:
        self._starts = starts
        known = tuple(tallies)
        self._good = tuple(accumulate((each.good for each in known), initial=0))
        self._total = tuple(accumulate((each.total for each in known), initial=0))

    def between(self, since: datetime, until: datetime) -> Tally:
        """Return what happened in the stretches that begin in [since, until)."""
        first, last = bisect_left(self._starts, since), bisect_left(self._starts, until)
        return Tally(self._good[last] - self._good[first], self._total[last] - self._total[first])

    def began_by(self, latest: datetime, *, since: datetime) -> bool:
        """Whether a stretch begins in [since, latest]."""
        first = bisect_left(self._starts, since)
        return first < len(self._starts) and self._starts[first] <= latest


def course(stretches: Sequence[Stretch], tally_of: Callable[[Stretch], Tally]) -> Course:
    """Return the course of stretches that are in order of time."""
    return Course([each.start for each in stretches], map(tally_of, stretches))


def answered(stretch: Stretch) -> Tally:
    """Requests that succeeded, of those that count for or against the service."""
    return Tally(stretch.counts.success, stretch.counts.total)


def served_minutes(stretch: Stretch) -> Tally:
    """Minutes with requests, at least half of which succeeded; of an hour as it was folded."""
    counts = stretch.counts
    if stretch.seconds != MINUTE:
        return Tally(counts.minutes - counts.down, counts.minutes)
    return Tally(int(counts.failed <= counts.success), 1) if counts.total else Tally()


def within(seconds: float) -> Callable[[Stretch], Tally]:
    """Return what tells how many requests took at most so long, of those that were timed."""
    return lambda stretch: _within(stretch.counts, seconds)


def _within(counts: ServiceCounts, seconds: float) -> Tally:
    return Tally(counts.within(seconds), counts.measured)
