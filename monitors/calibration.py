"""Whether a confidence of 80 % means right in 80 %: reliability counts that add up, and their calibration error."""

from dataclasses import dataclass

import numpy as np

from driftboard.monitors.classification import BINS
from driftboard.monitors.labelled import Mask
from driftboard.monitors.report import ReliabilityBin
from driftboard.monitors.sample import Codes, Floats
from driftboard.monitors.wilson import wilson

_EDGES = np.arange(BINS + 1) / BINS


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
