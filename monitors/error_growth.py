"""Whether a regression model's absolute error grew: Mann and Whitney's rank test on frozen cells, on all windows."""

from math import isfinite, isnan, sqrt

import numpy as np
from scipy.special import ndtr, ndtri

from driftboard.monitors.baseline import ERROR, Baseline
from driftboard.monitors.outcomes import ValueOutcomes
from driftboard.monitors.profile import Profile
from driftboard.monitors.sample import Codes, Floats
from driftboard.monitors.tested import Tested
from driftboard.monitors.windows import Windows
from driftboard.monitors.wobbles import Wobbles

GROWTH_FLOOR = 0.10
"""A mean absolute error a tenth larger is worth a warning, and a page."""
_MOST_GROWTH = 1e6
_SMALLEST = float(np.finfo(np.float64).tiny)


def test_growth(baseline: Baseline, wobbles: Wobbles, windows: Windows, *, least: int) -> Tested:
    """Return the one-sided test of the absolute error; the effect is the growth of its mean, a share.

    Ranks decide whether it grew, for the mean of skewed errors has no trustworthy tail; the mean says by how much.
    """
    place = baseline.outputs.names.index(ERROR)
    fine, before = (
        np.stack([each.outputs.fine[place] for each in windows.profiles]),
        baseline.outputs.counts.fine[place],
    )
    z = rank_z(fine, before)[:, None]
    n, rows = fine.sum(axis=1)[:, None].astype(float), np.full((fine.shape[0], 1), float(before.sum()))
    wobble = wobbles.outputs.only([place])
    inflation = wobble.inflation_of(windows.batches, n, rows)
    steady = np.maximum(_SMALLEST, ndtr(-z))
    p_value = np.where(wobble.wobbles, wobble.one_sided_p_value(z, inflation), steady)
    growth = np.array([[_growth(each, baseline.reference)] for each in windows.profiles])
    noise = _noise(baseline.reference) * np.sqrt((1 / np.maximum(1, n) + 1 / np.maximum(1, rows)) * inflation)

    def visible(bar: float) -> Floats:
        seen: Floats = -ndtri(bar) * noise
        return seen

    floor = np.full(n.shape, GROWTH_FLOOR)
    return Tested(
        names=("errors",),
        p_value=p_value,
        tested=(n >= least) & (rows >= least),
        effect=growth,
        measure=np.full(n.shape, "growth"),
        warning_floor=floor,
        page_floor=floor,
        noise=noise,
        n=n,
        n_reference=rows,
        inflation=inflation,
        visible=visible,
    )


def rank_z(counts: Codes, reference: Codes) -> Floats:
    """Return z of the Mann-Whitney statistic for counts on ordered cells, ties within a cell; positive: larger.

    Source: H. B. Mann and D. R. Whitney, Annals of Mathematical Statistics 18 (1947), 50; ties after E. L. Lehmann,
    Nonparametrics (Holden-Day, 1975), 1.4.

    Parameters
    ----------
    counts, reference
        Shape (w, f) and (f,).

    >>> rank_z(np.array([[0, 5, 15]]), np.array([30, 40, 30])).round(3).tolist()
    [3.943]
    """
    n, before = counts.sum(axis=-1).astype(float), float(reference.sum())
    below = np.cumsum(reference) - reference / 2
    wins = counts @ below
    both = counts + reference
    total = n + before
    ties = (both.astype(float) ** 3 - both).sum(axis=-1)
    variance = n * before / 12 * (total + 1 - ties / np.maximum(1.0, total * (total - 1)))
    z: Floats = np.where(variance > 0, (wins - n * before / 2) / np.sqrt(np.where(variance > 0, variance, 1.0)), 0.0)
    return z


def _growth(profile: Profile, reference: Profile) -> float:
    now, before = profile.outcomes, reference.outcomes
    if not isinstance(now, ValueOutcomes) or not isinstance(before, ValueOutcomes) or not now.n or not before.n:
        return 0.0
    mean, usual = now.absolute / now.n, before.absolute / before.n
    growth = (mean - usual) / usual if usual > 0 else float(mean > 0)
    return 0.0 if isnan(growth) else min(growth, _MOST_GROWTH)


def _noise(reference: Profile) -> float:
    """Coefficient of variation of the reference's absolute errors."""
    outcomes = reference.outcomes
    if not isinstance(outcomes, ValueOutcomes) or outcomes.n == 0:
        return np.nan
    mean = outcomes.absolute / outcomes.n
    variance = outcomes.squares / outcomes.n - mean * mean
    return sqrt(max(0.0, variance)) / mean if mean > 0 and isfinite(variance) else np.nan
