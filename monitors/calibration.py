"""Whether a confidence of 80 % means right in 80 %: reliability counts that add up, and their calibration error."""

from dataclasses import dataclass

import numpy as np

from driftboard.monitors.classification import BINS
from driftboard.monitors.labelled import Mask
from driftboard.monitors.report import ReliabilityBin
from driftboard.monitors.sample import Codes, Floats
from driftboard.monitors.wilson import wilson

_EDGES = np.arange(BINS + 1) / BINS
_DRAWS = 1000
_RARE = 0.99


@dataclass(frozen=True, slots=True, eq=False)
class ReliabilityCounts:
    """Ten equal-width bins (low, high] of confidence, the first also holding 0; counts of two samples add up.

    Attributes
    ----------
    n, confidence, hits
        Shape (10,): rows in each bin, the sum of their confidences, and how many of them were right.
    """

    n: Codes
    confidence: Floats
    hits: Codes

    def __add__(self, other: "ReliabilityCounts") -> "ReliabilityCounts":
        """Return the counts of both samples together."""
        return ReliabilityCounts(self.n + other.n, self.confidence + other.confidence, self.hits + other.hits)

    def bins(self) -> tuple[ReliabilityBin, ...]:
        """Return the bins that hold any rows, as the reliability diagram draws them."""
        return tuple(self._bin(place) for place in np.flatnonzero(self.n).tolist())

    def _bin(self, place: int) -> ReliabilityBin:
        n, hits = int(self.n[place]), int(self.hits[place])
        low, high = float(_EDGES[place]), float(_EDGES[place + 1])
        return ReliabilityBin(low, high, n, float(self.confidence[place]) / n, hits / n, wilson(hits, n))


def reliability_counts(confidence: Floats, right: Mask) -> ReliabilityCounts:
    """Count rows, confidence and hits in each bin; rows without a confidence in [0, 1] are in no bin.

    Parameters
    ----------
    confidence, right
        Shape (n,): the predicted class's score, and whether the prediction was right.

    >>> counts = reliability_counts(np.array([0.8, 0.75, np.nan]), np.array([True, False, True]))
    >>> counts.n.tolist(), counts.hits.tolist()
    ([0, 0, 0, 0, 0, 0, 0, 2, 0, 0], [0, 0, 0, 0, 0, 0, 0, 1, 0, 0])
    """
    known = (confidence >= 0) & (confidence <= 1)
    if not known.all():
        confidence, right = confidence[known], right[known]
    places = _places(confidence)
    cells = np.bincount(places + BINS * right, minlength=2 * BINS).reshape(2, BINS)
    sums = np.bincount(places, weights=confidence, minlength=BINS).astype(np.float64)
    return ReliabilityCounts(cells.sum(axis=0), sums, cells[1])


def _places(confidence: Floats) -> Codes:
    """The bin of each confidence: a guess by multiplication, put right where tenths are inexact in binary."""
    guess: Codes = np.clip(np.ceil(confidence * BINS) - 1, 0, BINS - 1).astype(np.int64)
    guess -= (confidence <= _EDGES[guess]) & (guess > 0)
    guess += confidence > _EDGES[guess + 1]
    return guess


def plain_error(counts: ReliabilityCounts) -> float | None:
    """Return the expected calibration error, sum(|hits_b - confidence_b|) / sum(n_b); None without rows.

    Source: C. Guo et al., On Calibration of Modern Neural Networks (ICML 2017), equation 3.

    >>> round(plain_error(reliability_counts(np.array([0.8, 0.75, np.nan]), np.array([True, False, True]))), 3)
    0.275
    """
    n = int(counts.n.sum())
    return float(np.abs(counts.hits - counts.confidence).sum()) / n if n else None


def debiased_error(counts: ReliabilityCounts) -> float | None:
    """Return the calibration error less what the rows' noise adds to it: sum(n_b·g_b) / sum(n_b); None without rows.

    g_b = sqrt(max(0, (accuracy_b - confidence_b)² - confidence_b·(1 - confidence_b) / n_b)): a bin of n_b rows of a
    perfectly calibrated model has this squared gap by luck alone. At 200 rows the plain error of such a model is 0.04
    to 0.05 and this one less than half of it; where the model is far off both are as good.

    Source: the debiasing is A. Kumar, P. Liang and T. Ma's, Verified Uncertainty Calibration (NeurIPS 2019), section 5,
    here bin by bin and with the variance of a calibrated bin.

    >>> tens = np.zeros(10)
    >>> tens[8] = 1
    >>> n, hits = (100 * tens).astype(np.int64), (80 * tens).astype(np.int64)
    >>> [round(debiased_error(ReliabilityCounts(n, mean * tens, hits)), 4) for mean in (82, 90)]
    [0.0, 0.0954]
    """
    rows, confidence, hits = _filled(counts)
    if rows.size == 0:
        return None
    luck = confidence * (1 - confidence) / rows
    gaps = np.sqrt(np.maximum(0.0, (hits / rows - confidence) ** 2 - luck))
    return float(rows @ gaps / rows.sum())


def luck_limit(counts: ReliabilityCounts) -> float | None:
    """Return what the plain error of a perfectly calibrated model exceeds once in a hundred times; None without rows.

    The 99 % quantile over 1,000 draws, always the same ones, of as many hits a bin as its rows and its mean confidence
    give: the upper end of the band that a chart draws from 0.

    >>> tens = np.zeros(10)
    >>> tens[8] = 1
    >>> n = (100 * tens).astype(np.int64)
    >>> round(luck_limit(ReliabilityCounts(n, 85 * tens, n)), 2)
    0.09
    """
    rows, confidence, _ = _filled(counts)
    if rows.size == 0:
        return None
    drawn = np.random.default_rng(0).binomial(rows.astype(np.int64), confidence, (_DRAWS, rows.size))
    errors = np.abs(drawn - rows * confidence).sum(axis=1) / rows.sum()
    return float(np.quantile(errors, _RARE))


def _filled(counts: ReliabilityCounts) -> tuple[Floats, Floats, Floats]:
    """Rows, mean confidence and hits of the bins that hold any."""
    some = counts.n > 0
    rows = counts.n[some].astype(np.float64)
    return rows, np.clip(counts.confidence[some] / rows, 0.0, 1.0), counts.hits[some].astype(np.float64)
