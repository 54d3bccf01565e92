"""A service level in numbers: how many events were good, how sure that share is, and how much error budget is left."""

from dataclasses import dataclass

from driftboard.monitors.interval import Interval
from driftboard.monitors.wilson import wilson


@dataclass(frozen=True, slots=True)
class Tally:
    """Events of a time: how many there were, and how many of them were good.

    >>> Tally(97, 100) + Tally(100, 100)
    Tally(good=197, total=200)
    """

    good: int = 0
    total: int = 0

    @property
    def bad(self) -> int:
        """Events that were not good."""
        return self.total - self.good

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.good + other.good, self.total + other.total)

    def __sub__(self, other: "Tally") -> "Tally":
        return Tally(self.good - other.good, self.total - other.total)


def compliance(tally: Tally) -> float | None:
    """Return the share of good events, 0 to 1; None without events.

    >>> compliance(Tally(995, 1000))
    0.995
    """
    return tally.good / tally.total if tally.total else None


def compliance_interval(tally: Tally) -> Interval | None:
    """Return Wilson's 95 % interval of the share of good events; None without events.

    >>> interval = compliance_interval(Tally(995, 1000))
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.9883, 0.9979)
    """
    return wilson(tally.good, tally.total) if tally.total else None


def budget_left(tally: Tally, target: float) -> float | None:
    """Return how much of the error budget is left: 1 untouched, 0 spent, below 0 overspent; None without events.

    1 - bad / ((1 - target) · total). The budget is a share of the events that came, so it grows with them.

    Source: B. Beyer et al., The Site Reliability Workbook (2018), chapter 2.

    >>> round(budget_left(Tally(995, 1000), 0.99), 6)
    0.5
    """
    return 1 - tally.bad / ((1 - target) * tally.total) if tally.total else None
