"""Calibration of a score by isotonic regression on bins: what share of rows with this score really are so."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

from driftboard.monitors.labelled import Mask
from driftboard.monitors.sample import Floats

_ROWS_PER_BIN = 50
_MOST_BINS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Isotonic:
    """A rising curve through knots, straight between them and level outside.

    Attributes
    ----------
    scores, chances
        Shape (knots,): mean score of each bin, rising, and the calibrated chance there.
    """

    scores: Floats
    chances: Floats

    def at(self, scores: Floats) -> Floats:
        """Return the calibrated chance of each score; same shape, in [0, 1]."""
        return np.interp(scores, self.scores, self.chances)


def fit_isotonic(scores: Floats, hits: Mask) -> Isotonic:
    """Return the curve that fits the hits best among all that never fall.

    The rows are first put into at most 200 bins of at least 50 rows by score (equal scores together); pooling adjacent
    violators on the bins' shares, weighted by their rows, gives the least-squares rising curve. On bins it takes
    milliseconds where rows take seconds, and a handful of rows cannot make a step of their own.

    Parameters
    ----------
    scores, hits
        Shape (n,), n > 0: finite scores and whether each row is what the score is the chance of.

    Source: R. E. Barlow et al., Statistical Inference under Order Restrictions (Wiley, 1972); for calibration B.
    Zadrozny and C. Elkan, Transforming Classifier Scores into Accurate Multiclass Probability Estimates (KDD 2002).

    >>> curve = fit_isotonic(np.repeat([0.2, 0.4, 0.9], 50), np.repeat([True, False, True], 50))
    >>> curve.at(np.array([0.0, 0.3, 0.65, 1.0])).tolist()
    [0.5, 0.5, 0.75, 1.0]
    """
    order = np.argsort(scores)
    ordered, met = scores[order], hits[order].astype(np.float64)
    bins = min(_MOST_BINS, max(1, ordered.size // _ROWS_PER_BIN))
    cuts = np.arange(bins) * ordered.size // bins
    starts = np.unique(np.searchsorted(ordered, ordered[cuts], side="left"))
    rows = np.diff(starts, append=ordered.size)
    share = np.add.reduceat(met, starts) / rows
    rising = isotonic_regression(share, weights=rows).x
    return Isotonic(np.add.reduceat(ordered, starts) / rows, np.clip(rising, 0.0, 1.0))
