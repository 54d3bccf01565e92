"""Relations between numeric columns: rank correlations from moments that add up."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from driftboard.monitors.cells import FINE
from driftboard.monitors.numeric import NumericColumns
from driftboard.monitors.sample import Codes, Floats

LEAST_ROWS = 50
_LEAST_REFERENCE = 500
_LEAST_CELLS = 10
_DOMINATING = 0.25
_MOST_COLUMNS = 200
_MOST_ROWS = 20_000
_CLOSE_TO_ONE = 0.999999


@dataclass(frozen=True, slots=True, eq=False)
class RelationMoments:
    """Sums over the rows in which both columns of a pair have a value; the moments of two batches add up.

    Attributes
    ----------
    sums
        Shape (6, pairs): rows; sums of the first and second normal score, of their squares, and of their product.
        Rounded to single precision, so that they are the same after having been stored.
    """

    sums: Floats

    def __add__(self, other: "RelationMoments") -> "RelationMoments":
        """Return the moments of both together."""
        return RelationMoments(self.sums + other.sums)

    @property
    def rows(self) -> Floats:
        """Shape (pairs,): rows in which both have a value."""
        rows: Floats = self.sums[0]
        return rows

    @property
    def correlation(self) -> Floats:
        """Shape (pairs,): the rank correlation; 0 where one of the two does not vary."""
        n, first, second, first_squares, second_squares, products = self.sums
        n = np.maximum(1.0, n)
        spread = (first_squares - first**2 / n) * (second_squares - second**2 / n)
        together = products - first * second / n
        varies = spread > 1e-9 * n**2  # less is the rounding of single precision
        limit = np.where(varies, together / np.sqrt(np.where(varies, spread, 1.0)), 0.0)
        correlation: Floats = np.clip(limit, -_CLOSE_TO_ONE, _CLOSE_TO_ONE)
        return correlation


class Relations:
    """The pairs whose correlation is watched (`pairs`, in the order of all arrays), and the scores of the fine cells.

    Columns with a dominating value (a cell above 25 %), fewer than ten used cells, or a reference below 500 rows are
    left out: a rank correlation of near-constant columns has no trustworthy deep tail. At most 200 columns, the first.

    The variance of Fisher's z of a correlation r is κ/(n - 3), with κ = E[(uv - r(u² + v²)/2)²]/(1 - r²)² for the
    standardised scores u, v of the reference: 1 for normal data, more for heavier tails.

    Source: H. Hotelling, Journal of the Royal Statistical Society B 15 (1953), 193; D. G. Bonett and T. A. Wright,
    Psychometrika 65 (2000), 23.
    """

    def __init__(self, columns: NumericColumns, reference: Mapping[str, Floats]) -> None:
        self._columns = columns
        self.names = _eligible(columns)
        self._scores = {name: _normal_scores(columns.counts.fine[columns.names.index(name)]) for name in self.names}
        self._upper = np.triu_indices(len(self.names), 1)
        self.pairs = [
            (self.names[i], self.names[j]) for i, j in zip(*(each.tolist() for each in self._upper), strict=True)
        ]
        self.moments = self.measure(reference)
        self.kurtosis = self._kurtosis(reference)

    def measure(self, columns: Mapping[str, Floats]) -> RelationMoments:
        """Return the moments of a batch; of a very large one from evenly spread rows."""
        scores, known = self._scored(columns)
        sums = self._sums(scores) if known.all() else self._sums_of_known(scores, known)
        return RelationMoments(np.stack(sums).astype(np.float32).astype(np.float64))

    def _sums(self, scores: Floats) -> list[Floats]:
        """The sums where no value is missing: those of one column are the same in all its pairs."""
        first, second = self._upper
        total, squares = scores.sum(axis=0), (scores**2).sum(axis=0)
        rows = np.full(first.size, float(scores.shape[0]))
        return [rows, total[first], total[second], squares[first], squares[second], self._pairwise(scores, scores)]

    def _sums_of_known(self, scores: Floats, known: Floats) -> list[Floats]:
        squares = scores**2
        return [
            self._pairwise(known, known),
            self._pairwise(scores, known),
            self._pairwise(known, scores),
            self._pairwise(squares, known),
            self._pairwise(known, squares),
            self._pairwise(scores, scores),
        ]

    def _pairwise(self, first: Floats, second: Floats) -> Floats:
        sums: Floats = (first.T @ second)[self._upper]
        return sums

    def _scored(self, columns: Mapping[str, Floats]) -> tuple[Floats, Floats]:
        """Normal scores, 0 where missing, and 1 where there is a value; both of shape (n, columns)."""
        size = max((values.size for values in columns.values()), default=0)
        step = -(-size // _MOST_ROWS) if size > _MOST_ROWS else 1
        rows = len(range(0, size, step))
        scores, known = np.zeros((rows, len(self.names))), np.zeros((rows, len(self.names)))
        for place, name in enumerate(self.names):
            values = columns.get(name)
            if values is not None and values.size == size:
                codes = self._columns.codes(name, values[::step])
                scores[:, place] = np.where(codes >= 0, self._scores[name][codes], 0.0)
                known[:, place] = codes >= 0
        return scores, known

    def _kurtosis(self, reference: Mapping[str, Floats]) -> Floats:
        scores, known = self._scored(reference)
        n = np.maximum(1.0, known.sum(axis=0))
        mean = scores.sum(axis=0) / n
        spread = np.sqrt(np.maximum(1e-12, ((scores - mean) ** 2 * known).sum(axis=0) / n))
        u = (scores - mean) / spread * known
        rows = np.maximum(1.0, self.moments.rows)
        both, crossed = self._pairwise(u**2, u**2), self._pairwise(u**3, u) + self._pairwise(u, u**3)
        fourth = self._pairwise(u**4, known) + self._pairwise(known, u**4) + 2 * both
        r = self.moments.correlation
        kurtosis: Floats = (both - r * crossed + r**2 / 4 * fourth) / rows / (1 - r**2) ** 2
        return np.clip(np.nan_to_num(kurtosis, nan=1.0), 0.25, 100.0)


def fisher_z(moments: RelationMoments, reference: RelationMoments, kurtosis: Floats) -> Floats:
    """Return how many standard deviations each correlation lies from the reference's; 0 with fewer than 50 rows.

    The difference of atanh(r), over sqrt(κ·(1/(n - 3) + 1/(N - 3))).
    """
    n, before = np.maximum(4.0, moments.rows), np.maximum(4.0, reference.rows)
    noise = np.sqrt(kurtosis * (1 / (n - 3) + 1 / (before - 3)))
    z: Floats = (np.arctanh(moments.correlation) - np.arctanh(reference.correlation)) / noise
    return np.where((moments.rows >= LEAST_ROWS) & (reference.rows >= LEAST_ROWS), z, 0.0)


def _eligible(columns: NumericColumns) -> tuple[str, ...]:
    counts: Codes = columns.counts.fine
    present = np.maximum(1, counts.sum(axis=1))
    varied = (counts.max(axis=1) <= _DOMINATING * present) & (np.count_nonzero(counts, axis=1) >= _LEAST_CELLS)
    wanted = varied & (present >= _LEAST_REFERENCE)
    return tuple(name for name, each in zip(columns.names, wanted.tolist(), strict=True) if each)[:_MOST_COLUMNS]


def _normal_scores(fine: Codes) -> Floats:
    """The normal quantile of the middle of each fine cell; shape (100,)."""
    shares = fine / max(1, int(fine.sum()))
    middle = np.clip(np.cumsum(shares) - shares / 2, 0.5 / FINE**2, 1 - 0.5 / FINE**2)
    scores: Floats = ndtri(middle)
    return scores
