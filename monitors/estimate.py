"""A figure estimated without labels: its value, and the band in which the realised one is expected."""

from math import inf, isfinite, sqrt

from driftboard.monitors.report import Estimate
from driftboard.monitors.wilson import Z95


def estimate(
    name: str, value: float, *, variance: float, reference: float, n: int, most: float = inf
) -> Estimate | None:
    """Return the estimate with its 95 % band value ± 1.96·sqrt(variance), cut to [0, most]; None unless all is finite.

    Parameters
    ----------
    name, value
        The figure, such as `accuracy`, in its own unit.
    variance
        Of realised minus estimated figure, in the unit squared.
    reference
        The same figure on the reference.
    n
        Predictions it rests on.
    most
        The largest value that the figure can take.

    >>> accuracy = estimate("accuracy", 0.9, variance=0.0009, reference=0.92, n=100, most=1.0)
    >>> round(accuracy.low, 4), round(accuracy.high, 4)
    (0.8412, 0.9588)
    """
    if not (n > 0 and isfinite(value) and isfinite(variance) and isfinite(reference)):
        return None
    half = Z95 * sqrt(max(0.0, variance))
    return Estimate(name, value, max(0.0, value - half), min(most, value + half), reference, n)
