"""Reconstruction error: how badly rows fit the directions in which the reference varied."""

from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from driftboard.monitors.interval import Interval
from driftboard.monitors.sample import Floats

Z999 = 3.290526731491926
"""The standard normal's 99.95 % point: beyond it on either side lies one in a thousand."""

_KEPT = 0.65  # share of the variance that the components keep: NannyML's default


@dataclass(frozen=True, slots=True)
class Reconstructed:
    """The mean reconstruction error of a batch, and the band it stays in 999 times in 1,000 when nothing drifts."""

    error: float
    band: Interval

    @property
    def outside(self) -> bool:
        """Whether the error lies outside the band."""
        return not self.band.low <= self.error <= self.band.high


@dataclass(frozen=True, slots=True, eq=False)
class Reconstruction:
    """The principal components that keep 65 % of the variance, and the errors of rows they were not fitted on.

    The error of a row is the length of what is left of it outside the components. Fitted rows would flatter: with many
    features and few rows their own errors are too small, and every batch would look drifted.

    Attributes
    ----------
    components
        How many; one fewer than there are features at the most, or nothing would ever be left.
    mean, spread, n
        Of the errors of the reference's other rows.

    Source: NannyML, Detecting Covariate Shift: Multivariate Approach (its bands are 3 standard deviations of the
    reference's chunks, which is what `spread` / sqrt(rows) estimates).
    """

    components: int
    mean: float
    spread: float
    n: int
    _centre: Floats = field(repr=False)
    _directions: Floats = field(repr=False)

    def compare(self, points: Floats) -> Reconstructed:
        """Return the mean error of points of shape (n, features), n > 0, beside its band.

        The band is mean ± 3.29·spread·sqrt(1/n + 1/N): the noise of both samples.
        """
        error = float(_errors(points, self._centre, self._directions).mean())
        reach = Z999 * self.spread * sqrt(1 / len(points) + 1 / self.n)
        slack = 1e-9 * (1.0 + self.mean)  # rounding is no drift
        return Reconstructed(error, Interval(max(0.0, self.mean - reach - slack), self.mean + reach + slack))


def fit_reconstruction(fitted: Floats, held_out: Floats) -> Reconstruction | None:
    """Return the components of `fitted` and the errors of `held_out`; None with fewer than two features.

    Parameters
    ----------
    fitted, held_out
        Two halves of the reference, of shape (rows, features).

    >>> line = np.array([[-2.0, -2.0], [-1.0, -1.0], [1.0, 1.0], [2.0, 2.0]])
    >>> fit = fit_reconstruction(line, line + np.array([0.1, -0.1]))
    >>> fit.components, round(fit.mean, 4), round(fit.compare(line + np.array([1.0, -1.0])).error, 4)
    (1, 0.1414, 1.4142)
    """
    features = fitted.shape[1]
    if features <= 1:
        return None
    centre = fitted.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(fitted, rowvar=False))  # in rising order
    kept = np.cumsum(variances[::-1]) / variances.sum()
    components = min(int(np.searchsorted(kept, _KEPT)) + 1, features - 1)
    leading = directions[:, ::-1][:, :components]
    errors = _errors(held_out, centre, leading)
    return Reconstruction(
        components,
        float(errors.mean()),
        float(errors.std(ddof=1)),
        len(held_out),
        centre,
        np.ascontiguousarray(leading),
    )


def _errors(points: Floats, centre: Floats, directions: Floats) -> Floats:
    """Shape (n,): Euclidean length of each row's remainder."""
    centred = points - centre
    errors: Floats = np.linalg.norm(centred - (centred @ directions) @ directions.T, axis=1)
    return errors
