"""Features of both kinds as one matrix on one scale, frozen on a reference."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from driftboard.monitors.sample import Categorical, Codes, Column, Floats, Numeric, Sample

MOST_FEATURES = 200
"""Columns of the matrix at the most."""

_FARTHEST = 10.0  # standard deviations: one wild value must not be the whole of a row
_NO_SPREAD = 1e-12  # relative to the largest value: what rounding leaves of a constant


@dataclass(frozen=True, slots=True)
class _Scale:
    """One feature: its mean and standard deviation and, where it is categorical, the share of each level."""

    name: str
    centre: float
    spread: float
    shares: Mapping[str, float] | None


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """How rows become points: standardised numbers, levels as the share they had in the reference (count encoding).

    A missing value lies at the reference's mean, and nothing lies farther than ten standard deviations from it. Levels
    that were equally frequent cannot be told apart, and a level never seen counts as share 0.

    Attributes
    ----------
    left_out
        Features beyond the first 200, and those that are constant in the reference.

    Source: NannyML, Detecting Covariate Shift: Multivariate Approach, imputes, counts and standardises in this order.
    """

    left_out: int
    _scales: tuple[_Scale, ...] = field(repr=False)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(scale.name for scale in self._scales)

    def encode(self, sample: Sample, rows: Codes) -> Floats:
        """Return these rows of a sample as points of shape (len(rows), features), always finite.

        A feature that the sample lacks, or has in the other kind, lies at the reference's mean.
        """
        raw = np.full((len(self._scales), rows.size), np.nan)
        for place, scale in enumerate(self._scales):
            column = sample.features.get(scale.name)
            if isinstance(column, Numeric | Categorical) and isinstance(column, Numeric) == (scale.shares is None):
                raw[place] = _numbers(column, rows, scale.shares)
        centres = np.array([[scale.centre] for scale in self._scales]).reshape(-1, 1)
        spreads = np.array([[scale.spread] for scale in self._scales]).reshape(-1, 1)
        with np.errstate(over="ignore"):
            scaled = (raw - centres) / spreads
        points: Floats = np.clip(np.nan_to_num(scaled, nan=0.0), -_FARTHEST, _FARTHEST).T
        return points


def fit_encoding(reference: Sample, rows: Codes) -> Encoding:
    """Return the encoding that these rows of the reference give.

    Of more than 200 features those with the fewest missing values are taken, in the reference's order: variances on
    scales of their own cannot be compared, and a value that is there says more than one that is made up.

    >>> sample = Sample(4, {"x": Numeric(np.array([1.0, 3.0, 1.0, 3.0])), "c": Numeric(np.ones(4))})
    >>> encoding = fit_encoding(sample, np.arange(4))
    >>> encoding.features, encoding.encode(sample, np.arange(2)).tolist()
    (('x',), [[-1.0], [1.0]])
    """
    present = {name: _present(column, rows) for name, column in reference.features.items()}
    scales: list[_Scale] = []
    for name in sorted(present, key=lambda name: -present[name]):
        scale = _scale(name, reference.features[name], rows)
        if scale is not None:
            scales.append(scale)
        if len(scales) == MOST_FEATURES:
            break
    order = {name: place for place, name in enumerate(reference.features)}
    scales.sort(key=lambda scale: order[scale.name])
    return Encoding(len(order) - len(scales), tuple(scales))


def _scale(name: str, column: Column, rows: Codes) -> _Scale | None:
    """Nothing where the column does not vary."""
    shares = _shares(column, rows) if isinstance(column, Categorical) else None
    numbers = _numbers(column, rows, shares)
    finite = numbers[np.isfinite(numbers)]
    largest = float(np.abs(finite).max()) if finite.size else 0.0
    if largest == 0.0:
        return None
    unit = finite / largest  # squares of large values would overflow
    spread = float(unit.std())
    if spread <= _NO_SPREAD or spread * largest == 0.0:
        return None
    return _Scale(name, float(unit.mean()) * largest, spread * largest, shares)


def _shares(column: Categorical, rows: Codes) -> dict[str, float]:
    known = column.codes[rows]
    known = known[(known >= 0) & (known < len(column.levels))]
    counts = np.bincount(known, minlength=len(column.levels)) / max(1, known.size)
    return dict(zip(column.levels, counts.tolist(), strict=True))


def _numbers(column: Column, rows: Codes, shares: Mapping[str, float] | None) -> Floats:
    if isinstance(column, Numeric):
        return column.values[rows]
    table = np.array([*((shares or {}).get(level, 0.0) for level in column.levels), 0.0, np.nan])
    places = np.clip(column.codes[rows], -1, len(column.levels))  # -1, the last entry, is missing
    numbers: Floats = table[places]
    return numbers


def _present(column: Column, rows: Codes) -> int:
    if isinstance(column, Numeric):
        return int(np.count_nonzero(np.isfinite(column.values[rows])))
    return int(np.count_nonzero(column.codes[rows] >= 0))
