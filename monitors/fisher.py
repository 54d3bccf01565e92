"""Fisher's exact test, one-sided: whether something is more frequent in a batch than in the reference."""

from scipy.stats import hypergeom


def rise_p_value(hits: int, n: int, reference_hits: int, n_reference: int) -> float:
    """Return the chance that luck alone puts this many of all hits into the batch, or more.

    P(X >= hits) for X hypergeometric: n rows drawn from n + N, of which hits + reference_hits are marked. Exact for
    any size, so one unseen level in ten thousand rows weighs what it should.

    Source: R. A. Fisher, Journal of the Royal Statistical Society 98 (1935), 39.

    >>> round(rise_p_value(1, 200, 0, 2000), 4)
    0.0909
    >>> round(rise_p_value(10, 200, 0, 2000), 12)
    3.1e-11
    """
    if hits <= 0:
        return 1.0
    return float(hypergeom.sf(hits - 1, n + n_reference, hits + reference_hits, n))
