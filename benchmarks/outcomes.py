"""What a detector's flags on a stream amount to: pages before the change, and the delay of the first after it."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from benchmarks.streams import Stream


@dataclass(frozen=True, slots=True)
class Outcome:
    """One detector on one stream.

    Attributes
    ----------
    detector, version, stream, seed
        Who, and on what.
    change_at
        The first batch that is unlike the reference; None for a stable stream.
    before, n_before
        Flagged and judged batches that are like the reference.
    first
        The first flagged batch at or after the change; None without one.
    n_batches, seconds
        Judged batches, and the wall time of judging them.
    """

    detector: str
    version: str
    stream: str
    seed: int
    change_at: int | None
    before: int
    n_before: int
    first: int | None
    n_batches: int
    seconds: float

    @property
    def delay(self) -> float:
        """Batches from the change to the first flag; infinite when there was none."""
        return inf if self.first is None or self.change_at is None else float(self.first - self.change_at)


def outcome_of(
    stream: Stream, flags: Sequence[bool], *, detector: str, version: str = "", seconds: float = 0
) -> Outcome:
    """Return what flags, one a batch, amount to; they may stop at the first one after the change."""
    end = len(flags) if stream.change_at is None else min(stream.change_at, len(flags))
    return Outcome(
        detector=detector,
        version=version,
        stream=stream.name,
        seed=stream.seed,
        change_at=stream.change_at,
        before=sum(flags[:end]),
        n_before=end,
        first=next((batch for batch in range(end, len(flags)) if flags[batch]), None),
        n_batches=len(flags),
        seconds=round(seconds, 4),
    )


def false_rate(outcomes: Iterable[Outcome]) -> float:
    """Return the flagged share of the batches that are like the reference; 0 without any."""
    kept = list(outcomes)
    return sum(each.before for each in kept) / max(1, sum(each.n_before for each in kept))


def median_delay(outcomes: Iterable[Outcome]) -> float:
    """Return the median delay in batches; infinite when half of the runs or more missed the change."""
    return statistics.median([each.delay for each in outcomes])


def missed(outcomes: Iterable[Outcome]) -> float:
    """Return the share of runs that never flagged the change."""
    return statistics.fmean([each.delay == inf for each in outcomes])
