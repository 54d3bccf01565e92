"""Counts of a service step by step: stretches of minutes and hours summed to the steps of a chart; no I/O."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from driftboard.dashboard.spans import Span
from driftboard.data.service import Stretch
from driftboard.data.service_counts import NOTHING, ServiceCounts, summed


@dataclass(frozen=True, slots=True)
class Step:
    """What happened in one step of a chart; the newest one is over at the end of the minute that it was asked in."""

    at: datetime
    end: datetime
    counts: ServiceCounts

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.at).total_seconds()


def steps(stretches: Iterable[Stretch], span: Span, *, until: datetime) -> tuple[Step, ...]:
    """Return every step of the time, those in which nothing happened too.

    Parameters
    ----------
    stretches
        In [span.since(until), until); each is counted in the step that it begins in.
    span
        How long the steps are.
    until
        End of the time: the last step is cut short there.
    """
    since = span.since(until)
    told: dict[int, list[ServiceCounts]] = {}
    for stretch in stretches:
        told.setdefault((stretch.start - since) // span.step, []).append(stretch.counts)
    sums = {place: summed(counts) for place, counts in told.items()}
    number = -((since - until) // span.step)  # rounded up
    starts = [since + place * span.step for place in range(number)]
    return tuple(
        Step(start, min(start + span.step, until), sums.get(place, NOTHING)) for place, start in enumerate(starts)
    )


def busy(found: Iterable[Step]) -> bool:
    """Whether anything happened at all."""
    return any(each.counts.total or each.counts.rejected for each in found)
