"""Maximum mean discrepancy: whether two clouds of points come from one distribution, by a kernel and permutations."""

from dataclasses import dataclass, field

import numpy as np

from driftboard.monitors.sample import Floats

PERMUTATIONS = 199
"""Relabellings: the smallest p-value is 1 in 200."""

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """The unbiased estimate of the squared discrepancy (a little below 0 by luck), and its permutation p-value."""

    statistic: float
    p_value: float


@dataclass(frozen=True, slots=True, eq=False)
class Kernel:
    """A Gaussian kernel k(x, y) = exp(-|x - y|² / 2h²) between the reference's points and a batch's.

    Memory and time go with the square of the points on both sides: whoever calls takes a subsample first.

    Attributes
    ----------
    bandwidth
        h: the median distance between points of the reference, frozen, so that statistics can be compared.

    Source: A. Gretton and others, A Kernel Two-Sample Test, Journal of Machine Learning Research 13 (2012), 723.
    """

    bandwidth: float
    _points: Floats = field(repr=False)
    _own: Floats = field(repr=False)

    def test(self, batch: Floats) -> Discrepancy:
        """Return the discrepancy of batch points of shape (n, features), n > 1, from the reference's.

        MMD² = mean k(x, x') + mean k(y, y') - 2·mean k(x, y), pairs of a point with itself left out. All relabellings
        are one matrix product, p = (b + 1) / (m + 1) for b of m at least as large: never 0, and exact for any n. They
        are seeded with n, so a report is the same whenever it is made.

        >>> points = np.random.default_rng(0).normal(size=(80, 2))
        >>> kernel = make_kernel(points[:40], bandwidth=1.0)
        >>> kernel.test(points[40:] + 1.0).p_value, kernel.test(points[40:]).p_value
        (0.005, 0.815)
        """
        labels = _labels(len(batch), len(self._points))
        sums = _squared_discrepancies(self._joint(batch), labels)
        observed = float(sums[0])
        as_large = int(np.count_nonzero(sums[1:] >= observed - _ROUNDING))
        return Discrepancy(observed, (as_large + 1) / (PERMUTATIONS + 1))

    def _joint(self, batch: Floats) -> Floats:
        """The kernel over batch and reference, zero where a point meets itself."""
        n = len(batch)
        joint = np.empty((n + len(self._points),) * 2)
        joint[n:, n:] = self._own
        joint[:n, :n] = _gaussian(batch, batch, self.bandwidth)
        joint[:n, n:] = _gaussian(batch, self._points, self.bandwidth)
        joint[n:, :n] = joint[:n, n:].T
        np.fill_diagonal(joint, 0.0)
        return joint


def make_kernel(points: Floats, *, bandwidth: float) -> Kernel:
    """Return the kernel over the reference's points of shape (N, features), N > 1, bandwidth > 0."""
    return Kernel(bandwidth, points, _gaussian(points, points, bandwidth))


def median_distance(points: Floats) -> float:
    """Return the median distance between two of the points; where most coincide, the mean of what is not zero.

    >>> median_distance(np.array([[0.0], [1.0], [3.0]]))
    2.0
    """
    upper = np.triu_indices(len(points), k=1)
    distances = np.sqrt(_squared_distances(points, points)[upper])
    median = float(np.median(distances)) if distances.size else 0.0
    if median > 0:
        return median
    apart = distances[distances > 0]
    return float(apart.mean()) if apart.size else 1.0


def _gaussian(left: Floats, right: Floats, bandwidth: float) -> Floats:
    kernel: Floats = np.exp(_squared_distances(left, right) / (-2.0 * bandwidth**2))
    return kernel


def _squared_distances(left: Floats, right: Floats) -> Floats:
    squares = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)[None, :] - 2.0 * left @ right.T
    positive: Floats = np.maximum(squares, 0.0)
    return positive


def _labels(n: int, n_reference: int) -> Floats:
    """Shape (n + N, 1 + permutations): 1 where a point counts as the batch's; the first column is the truth."""
    truth = np.repeat([1.0, 0.0], [n, n_reference])
    shuffled = np.random.default_rng(n).permuted(np.tile(truth, (PERMUTATIONS, 1)), axis=1)
    labels: Floats = np.vstack([truth, shuffled]).T
    return labels


def _squared_discrepancies(kernel: Floats, labels: Floats) -> Floats:
    """Shape (labellings,): from sums over pairs, all of which follow from one product and the row sums."""
    n = int(labels[:, 0].sum())
    n_reference = len(labels) - n
    rows = kernel.sum(axis=1)
    within = np.einsum("ij,ij->j", labels, kernel @ labels)
    touching = rows @ labels  # pairs of which the first is the batch's
    across = touching - within
    rest = rows.sum() - 2.0 * touching + within
    discrepancies: Floats = (
        within / (n * (n - 1)) + rest / (n_reference * (n_reference - 1)) - 2.0 * across / (n * n_reference)
    )
    return discrepancies
