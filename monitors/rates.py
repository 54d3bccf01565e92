"""Whether a rate rose: missing values, new levels, errors; the exact test, on every look-back window."""

import numpy as np
from scipy.special import ndtri

from driftboard.monitors.chi_square import ChiSquare
from driftboard.monitors.fisher import rise_p_value
from driftboard.monitors.sample import Codes, Floats
from driftboard.monitors.tested import Tested
from driftboard.monitors.wobble import Pieces, Wobble, measure_wobble

_WORTH_TESTING = 0.5


def test_rates(
    names: tuple[str, ...],
    hits: tuple[Codes, Codes],
    rows: tuple[Codes, Codes],
    batches: Floats,
    wobble: Wobble,
    floor: Floats,
    *,
    least: int,
) -> Tested:
    """Return the one-sided tests of m rates on w windows.

    Fisher's exact test against the reference's own count; where the reference's batches wobble, z of the difference
    against that wobble. A rise of less than half its floor is not tested: it could never be worth a word.

    Parameters
    ----------
    hits, rows
        Of each window, shape (w, m), and of the reference, shape (m,).
    floor
        Shape (m,): the rise, in points, that is worth a warning and a page.
    least
        Rows below which nothing is tested, on either side.
    """
    k, before_k = np.broadcast_arrays(*hits)
    n, before = np.broadcast_arrays(*rows)
    rise = k / np.maximum(1, n) - before_k / np.maximum(1, before)
    tested = (n >= least) & (before >= least)
    inflation = wobble.inflation_of(batches, n.astype(float), before.astype(float))
    p_value = np.ones(k.shape)
    worth = tested & (rise >= _WORTH_TESTING * floor) & ~wobble.wobbles
    for place in zip(*np.nonzero(worth), strict=True):
        p_value[place] = rise_p_value(int(k[place]), int(n[place]), int(before_k[place]), int(before[place]))
    wobbling = tested & (rise >= _WORTH_TESTING * floor) & wobble.wobbles
    p_value = np.where(wobbling, wobble.one_sided_p_value(rate_z(k, n, before_k, before), inflation), p_value)
    noise = np.sqrt(_variance(before_k, before, n) * inflation)

    def visible(bar: float) -> Floats:
        return -ndtri(bar) * noise

    return Tested(
        names=names,
        p_value=p_value,
        tested=tested,
        effect=rise,
        measure=np.full(k.shape, "points"),
        warning_floor=np.broadcast_to(floor, k.shape),
        page_floor=np.broadcast_to(floor, k.shape),
        noise=noise,
        n=n.astype(float),
        n_reference=before.astype(float),
        inflation=inflation,
        visible=visible,
    )


def rate_z(hits: Codes, n: Codes, reference_hits: Codes, n_reference: Codes) -> Floats:
    """Return z of the difference of two rates, from the pooled rate; 0 where there is none.

    >>> round(float(rate_z(np.array(30), np.array(100), np.array(200), np.array(1000))), 3)
    2.345
    """
    total = np.maximum(1, n + n_reference)
    pooled = (hits + reference_hits) / total
    noise = np.sqrt(pooled * (1 - pooled) * (1 / np.maximum(1, n) + 1 / np.maximum(1, n_reference)))
    difference = hits / np.maximum(1, n) - reference_hits / np.maximum(1, n_reference)
    z: Floats = np.where(noise > 0, difference / np.where(noise > 0, noise, 1.0), 0.0)
    return z


def rate_wobble(pieces: Pieces, hits: tuple[Codes, Codes], rows: tuple[Codes, Codes]) -> Wobble:
    """Return the wobble of m rates from the reference's G batches: hits and rows of shape (G, m), and in all (m,)."""
    z = rate_z(hits[0], rows[0], hits[1] - hits[0], rows[1] - rows[0])
    return measure_wobble(ChiSquare(z**2, np.ones(z.shape, dtype=np.int64)), pieces)


def _variance(reference_hits: Codes, n_reference: Codes, n: Codes) -> Floats:
    rate = np.maximum(reference_hits, 1) / np.maximum(1, n_reference)
    variance: Floats = rate * np.maximum(0.0, 1 - rate) * (1 / np.maximum(1, n) + 1 / np.maximum(1, n_reference))
    return variance
