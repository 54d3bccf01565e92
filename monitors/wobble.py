"""Wobble: how much more the reference's own batches vary than independent rows would, and tests that allow for it."""

from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc, stdtr

from driftboard.monitors.chi_square import ChiSquare, Mask
from driftboard.monitors.sample import Floats

LEAST_BATCHES = 8
_CLEARLY = 2.0
_CLEARLY_ONE = 4.0
_SMALLEST = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Sizes of the reference's own batches, and of what a window is made of.

    Attributes
    ----------
    batches
        G, the reference's own batches; fewer than 8 tell nothing.
    rows, rest
        Rows of such a batch on average, and of the reference without it.
    """

    batches: int
    rows: float
    rest: float

    def growth(self, window_batches: Floats, window_rows: Floats, reference_rows: Floats) -> Floats:
        """Return by how much more (or less) a window feels the wobble than one batch of the reference does.

        Batches that differ by a random effect of variance τ² inflate a test of n rows in w batches against N rows in G
        batches by τ²(1/w + 1/G)/(1/n + 1/N); one of the reference's own against the rest by τ²(1 + 1/(G - 1))/(1/n_g +
        1/(N - n_g)). The ratio of the two, without the unknown τ².
        """
        window = (1 / window_batches + 1 / self.batches) / (
            1 / np.maximum(1, window_rows) + 1 / np.maximum(1, reference_rows)
        )
        own = (1 + 1 / max(1, self.batches - 1)) / (1 / max(1.0, self.rows) + 1 / max(1.0, self.rest))
        growth: Floats = window / own
        return growth


@dataclass(frozen=True, slots=True, eq=False)
class Wobble:
    """What the tests of one kind say of the reference's own batches, each against the rest.

    Attributes
    ----------
    pieces
        How large those batches are.
    inflation
        Shape (m,): mean statistic over its degrees of freedom; 1 where it is not clearly above them.
    freedom
        Shape (m,): Satterthwaite's degrees of freedom, from the variance of the statistics.
    """

    pieces: Pieces
    inflation: Floats
    freedom: Floats

    def only(self, places: list[int]) -> "Wobble":
        """Return the wobble of the subjects at those places."""
        return Wobble(self.pieces, self.inflation[places], self.freedom[places])

    def at_least(self, whole: "Wobble", shares: Floats) -> "Wobble":
        """Return this wobble of m parts, none smaller than what the whole's wobble makes of its share of the rows.

        A random effect of variance t common to all parts inflates the test of n rows by t·n over their variance.

        Parameters
        ----------
        whole
            Of one subject, all rows together.
        shares
            Shape (m,): each part's share of these rows.
        """
        least = 1 + (whole.inflation[0] - 1) * shares
        return Wobble(self.pieces, np.maximum(self.inflation, least), self.freedom)

    def inflation_of(self, window_batches: Floats, window_rows: Floats, reference_rows: Floats) -> Floats:
        """Return the inflation to expect of windows, shape (w, m); 1 where there is no wobble."""
        grown = 1 + (self.inflation - 1) * self.pieces.growth(window_batches, window_rows, reference_rows)
        return np.maximum(1.0, grown)

    def p_value(self, test: ChiSquare, inflation: Floats) -> Floats:
        """Return p of chi-square statistics, shape (w, m), where the wobble is known: the tail of F.

        T/(df·φ) follows F with s and s·G degrees of freedom: φ and s (`freedom`) are estimates from G batches.

        Source: F. E. Satterthwaite, Biometrics Bulletin 2 (1946), 110.
        """
        ratio = test.statistic / np.maximum(1, test.freedom) / inflation
        p_value = fdtrc(self.freedom, self.freedom * self.pieces.batches, ratio)
        certain: Floats = np.where(test.freedom > 0, np.maximum(_SMALLEST, p_value), 1.0)
        return certain

    def one_sided_p_value(self, z: Floats, inflation: Floats) -> Floats:
        """Return the chance of z or more, shape (w, m), where the wobble is known: Student's t with G degrees."""
        tail: Floats = np.maximum(_SMALLEST, stdtr(self.pieces.batches, -z / np.sqrt(inflation)))
        return tail

    @property
    def wobbles(self) -> Mask:
        """Shape (m,): True where the reference's batches clearly differ among themselves."""
        wobbles: Mask = self.inflation > 1
        return wobbles


def no_wobble(subjects: int) -> Wobble:
    """Return what is assumed of a reference that is too short to tell: rows are independent."""
    return Wobble(Pieces(1, 1.0, 1.0), np.ones(subjects), np.ones(subjects))


def measure_wobble(tests: ChiSquare, pieces: Pieces) -> Wobble:
    """Return the wobble of m subjects from their tests of G batches, each against the rest of the reference.

    A mean statistic clearly above its degrees of freedom (2 standard deviations, 4 where there is one degree) is a
    wobble. It is an estimate from few batches: no wobbling subject is taken to wobble less than the middle one of them.

    Parameters
    ----------
    tests
        Shape (G, m).
    pieces
        Of the reference; with fewer than 8 batches nothing wobbles.

    >>> rng = np.random.default_rng(1)
    >>> steady, wild = rng.chisquare(9, (14, 1)), 5 * rng.chisquare(9, (14, 1))
    >>> tests = ChiSquare(np.hstack([steady, wild]), np.full((14, 2), 9))
    >>> measure_wobble(tests, Pieces(14, 200, 2600)).inflation.round(1).tolist()
    [1.0, 4.6]
    """
    subjects = tests.statistic.shape[1]
    if pieces.batches < LEAST_BATCHES or subjects == 0:
        return no_wobble(subjects)
    freedom: Floats = np.maximum(1.0, tests.freedom.mean(axis=0))
    mean, variance = tests.statistic.mean(axis=0), tests.statistic.var(axis=0, ddof=1)
    clearly = np.where(freedom > 1, _CLEARLY, _CLEARLY_ONE)
    found = mean > freedom + clearly * np.sqrt(2 * freedom / pieces.batches)
    inflation: Floats = np.where(found, mean / freedom, 1.0)
    if found.any():
        inflation = np.where(found, np.maximum(inflation, np.median(inflation[found])), 1.0)
    own = np.clip(2 * mean**2 / np.maximum(variance, 1e-12), 1.0, freedom)
    return Wobble(pieces, inflation, np.where(found, own, freedom))
