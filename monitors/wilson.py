"""Wilson's interval: how well n trials know a share."""

from math import sqrt

from driftboard.monitors.interval import Interval

Z95 = 1.959963984540054
"""The standard normal's 97.5 % point."""


def wilson(successes: float, n: float) -> Interval:
    """Return Wilson's 95 % interval of a share; n may be an effective number, and is no whole one then.

    centre ± half-width: centre = (p + z²/2n) / (1 + z²/n), half-width = z·sqrt(p(1 - p)/n + z²/4n²) / (1 + z²/n).
    Unlike p ± z·sqrt(p(1 - p)/n) it stays inside [0, 1] and says something at p = 0 and p = 1. No trials: [0, 1].

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209.

    >>> interval = wilson(15, 50)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.191, 0.4375)
    """
    if n <= 0:
        return Interval(0.0, 1.0)
    share = successes / n
    widening = 1 + Z95**2 / n
    centre = (share + Z95**2 / (2 * n)) / widening
    half = Z95 * sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2)) / widening
    return Interval(low=max(0.0, centre - half), high=min(1.0, centre + half))
