"""Quantiles of a histogram with fixed bounds, as Prometheus' `histogram_quantile` estimates them."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate


def histogram_quantile(q: float, bounds: Sequence[float], cells: Sequence[int]) -> float | None:
    """Return the q-quantile, interpolated linearly within its cell; None of an empty histogram.

    The lowest cell begins at 0. What lies above the last bound has no size: the last bound is returned, so that a true
    quantile beyond it is understated.

    Parameters
    ----------
    q
        Between 0 and 1.
    bounds
        Upper bounds of the cells, ascending and positive.
    cells
        Counts, not cumulative: one more than bounds.

    Source: Prometheus 2.42, promql/quantile.go, `bucketQuantile`.

    >>> histogram_quantile(0.5, (1.0, 2.0), (10, 20, 0))
    1.25
    >>> histogram_quantile(0.99, (1.0, 2.0), (10, 20, 5))
    2.0
    """
    upto = list(accumulate(cells))
    if not upto or not upto[-1]:
        return None
    rank = q * upto[-1]
    cell = bisect_left(upto, rank, hi=len(bounds))
    if cell == len(bounds):
        return bounds[-1]
    start, below = (bounds[cell - 1], upto[cell - 1]) if cell else (0.0, 0)
    return start + (bounds[cell] - start) * (rank - below) / (upto[cell] - below)
