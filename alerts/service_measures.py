"""What a rule about a service measures in a window: the arithmetic of `rate(...)`, on counts by the minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from driftboard.data.service import Stretch
from driftboard.data.service_counts import LATENCY_BOUNDS, MINUTE, ServiceCounts
from driftboard.monitors.histogram import histogram_quantile

Measure = Literal["error_rate", "latency_p95", "low_confidence", "accuracy"]
EVERY = timedelta(minutes=1)
"""Between two evaluations."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured.

    Attributes
    ----------
    value
        A share, or seconds; None when nothing happened.
    bad, total
        Events that were bad (for latencies, where it says nothing: 0), and events that were measured.
    """

    value: float | None
    bad: int
    total: int


NOTHING_MEASURED = Measured(None, 0, 0)


class Minutes:
    """Counts by the minute, to be added up over windows that end at a whole minute; hours are left out."""

    def __init__(self, stretches: Sequence[Stretch], *, unsure_at: float) -> None:
        self._counts = {each.start: each.counts for each in stretches if each.seconds == MINUTE}
        self._unsure_at = unsure_at

    def measured(self, measure: Measure, *, since: datetime, until: datetime) -> Measured:
        """Return what was measured in the minutes that begin in [since, until)."""
        within = [self._counts[at] for at in minutes(since, until) if at in self._counts]
        match measure:
            case "error_rate":
                return _share(sum(each.failed for each in within), sum(each.total for each in within))
            case "low_confidence":
                unsure = sum(each.unsure(self._unsure_at) for each in within)
                return _share(unsure, sum(sum(each.confidence) for each in within))
            case "latency_p95":
                return _latency(within)
            case "accuracy":
                return NOTHING_MEASURED  # no count tells it: reports do


def whole_minute(at: datetime) -> datetime:
    """Return the beginning of the minute: what has been counted since is not all there yet."""
    return at.replace(second=0, microsecond=0)


def minutes(since: datetime, until: datetime) -> list[datetime]:
    """Return the minutes that begin in [since, until)."""
    return [since + n * EVERY for n in range((until - since) // EVERY)]


def _share(bad: int, total: int) -> Measured:
    return Measured(bad / total if total else None, bad, total)


def _latency(within: Sequence[ServiceCounts]) -> Measured:
    cells = [each.latency for each in within if each.latency]
    summed = [sum(column) for column in zip(*cells, strict=True)]
    return Measured(histogram_quantile(0.95, LATENCY_BOUNDS, summed), 0, sum(summed))
