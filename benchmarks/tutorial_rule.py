"""The baseline: when the tutorial pages, written anew from its description.

A batch pages when some feature's PSI is above 0.20 and some feature's (that or another) KS p-value is below 0.01, or
when accuracy or macro F1 is 5 points below the reference's. PSI is of ten equal-width bins over the range of reference
and batch together, anew for each batch, with half a row more in every bin; a missing value silences its feature.
"""

import numpy as np
from scipy.stats import ks_2samp

from driftboard.monitors import Categorical, Column, Floats, Sample

BINS = 10
PSI_LIMIT = 0.20
KS_LIMIT = 0.01
POINTS = 0.05
_LENT_ROWS = 0.5


class TutorialRule:
    """The rule, made from a reference and asked of each batch."""

    def __init__(self, reference: Sample) -> None:
        self._reference = reference
        self._columns = {name: _values(column) for name, column in reference.features.items()}
        self._performance = _performance(reference)

    def pages(self, batch: Sample) -> bool:
        """Return whether the batch pages."""
        return self._decayed(batch) or self._drifted(batch)

    def _decayed(self, batch: Sample) -> bool:
        return any(before - now > POINTS for before, now in zip(self._performance, _performance(batch), strict=True))

    def _drifted(self, batch: Sample) -> bool:
        pairs = [(values, _values(batch.features[name])) for name, values in self._columns.items()]
        if not any(equal_width_psi(*pair) > PSI_LIMIT for pair in pairs):
            return False
        return any(float(ks_2samp(*pair).pvalue) < KS_LIMIT for pair in pairs)


def equal_width_psi(reference: Floats, batch: Floats) -> float:
    """Return the PSI of ten equal-width bins over the joint range; NaN when a value is missing.

    >>> round(equal_width_psi(np.arange(100.0), np.arange(50.0)), 2)
    1.38
    """
    low, high = min(reference.min(), batch.min()), max(reference.max(), batch.max())
    if not np.isfinite(low + high):
        return float("nan")
    edges = np.linspace(low, high, BINS + 1)
    expected, actual = (_shares(np.histogram(values, edges)[0]) for values in (reference, batch))
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def _shares(counts: Floats) -> Floats:
    shares: Floats = (counts + _LENT_ROWS) / (counts + _LENT_ROWS).sum()
    return shares


def _values(column: Column) -> Floats:
    return column.codes.astype(float) if isinstance(column, Categorical) else column.values


def _performance(sample: Sample) -> tuple[float, float]:
    """Return accuracy and macro F1 over the classes present."""
    right = sample.labels == sample.predicted
    present = np.union1d(sample.labels, sample.predicted)
    f1 = [
        2
        * float((right & (sample.labels == name)).sum())
        / float((sample.labels == name).sum() + (sample.predicted == name).sum())
        for name in present
    ]
    return float(right.mean()), float(np.mean(f1))
