"""Two models on the same predictions: McNemar's exact test, and an interval of the difference of two paired shares."""

from dataclasses import dataclass
from math import sqrt

from scipy.stats import binomtest

from driftboard.monitors.interval import Interval
from driftboard.monitors.wilson import wilson


@dataclass(frozen=True, slots=True)
class PairedCounts:
    """How often both were right, the first only, the second only, and neither."""

    both: int
    first_only: int
    second_only: int
    neither: int

    @property
    def n(self) -> int:
        """Pairs."""
        return self.both + self.first_only + self.second_only + self.neither

    @property
    def first(self) -> int:
        """How often the first was right."""
        return self.both + self.first_only

    @property
    def second(self) -> int:
        """How often the second was right."""
        return self.both + self.second_only


def mcnemar(counts: PairedCounts) -> float:
    """Return the two-sided chance that luck alone parts the disagreements this unevenly, or more so.

    Where both are right, or both wrong, nothing speaks for either: the disagreements are tosses of a fair coin.

    Source: Q. McNemar, Psychometrika 12 (1947), 153; exact, by the binomial distribution.

    >>> round(mcnemar(PairedCounts(1, 1, 7, 12)), 4)
    0.0703
    """
    disagreements = counts.first_only + counts.second_only
    return float(binomtest(counts.first_only, disagreements).pvalue) if disagreements else 1.0


def paired_difference(counts: PairedCounts) -> Interval:
    """Return the 95 % interval of the second share less the first, as shares of the same n pairs.

    Wilson's intervals of both, combined by squares with the correlation of the pairs (its numerator corrected for
    continuity where it is positive). Stays inside [-1, 1], and has a width where there is no disagreement. No pairs:
    [-1, 1].

    Source: R. G. Newcombe, Statistics in Medicine 17 (1998), 2635, method 10.

    >>> interval = paired_difference(PairedCounts(1, 1, 7, 12))
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.026, 0.507)
    """
    n = counts.n
    if n == 0:
        return Interval(-1.0, 1.0)
    first, second = wilson(counts.first, n), wilson(counts.second, n)
    p_first, p_second = counts.first / n, counts.second / n
    correlation = _correlation(counts)
    below = _combined(p_second - second.low, first.high - p_first, correlation)
    above = _combined(second.high - p_second, p_first - first.low, correlation)
    difference = (counts.second_only - counts.first_only) / n
    return Interval(max(-1.0, difference - below), min(1.0, difference + above))


def _combined(one: float, other: float, correlation: float) -> float:
    return sqrt(max(0.0, one**2 - 2 * correlation * one * other + other**2))


def _correlation(counts: PairedCounts) -> float:
    margins = counts.first * (counts.n - counts.first) * counts.second * (counts.n - counts.second)
    if margins == 0:
        return 0.0
    product = counts.both * counts.neither - counts.first_only * counts.second_only
    corrected = max(product - counts.n / 2, 0.0) if product > 0 else product
    return corrected / sqrt(margins)
