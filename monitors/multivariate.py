"""All features together: what moves between them and not within one. Information, never a page."""

from dataclasses import dataclass

import numpy as np

from driftboard.monitors.encoding import fit_encoding
from driftboard.monitors.finding import Finding
from driftboard.monitors.interval import Interval
from driftboard.monitors.mmd import Discrepancy, make_kernel, median_distance
from driftboard.monitors.reconstruction import Reconstructed, fit_reconstruction
from driftboard.monitors.sample import Codes, Floats, Sample
from driftboard.monitors.verdict import Verdict
from driftboard.monitors.wording import chance, count, number

MMD_ALPHA = 0.01
"""Level of the discrepancy test."""

_LEAST_ROWS = 30
_LEAST_REFERENCE = 100
_MOST_ROWS = 10_000  # of a side, for the reconstruction error
_MOST_COMPARED = 500  # of a side, for the kernel, whose cost is their square


@dataclass(frozen=True, slots=True)
class MultivariateReport:
    """The features of one batch, together, beside the reference's.

    Attributes
    ----------
    verdict, message
        `info` when one of the two methods sees a change, and the sentence that says so.
    n, n_reference
        Rows of the batch and of the reference.
    features, left_out
        Features compared; those that were not: constant in the reference, or beyond the first 200.
    reconstruction_error, reference_reconstruction_error
        Mean distance of a row from the components, in standard deviations; None with fewer than two features.
    reconstruction_interval
        The band in which the error of so many rows stays 999 times in 1,000 when nothing drifts.
    components
        Principal components kept: those with 65 % of the reference's variance.
    mmd, mmd_p
        Squared maximum mean discrepancy, unbiased (by luck a little below 0), and its permutation p-value.
    rows_compared
        Rows of the batch in that test.
    """

    verdict: Verdict
    message: str
    n: int
    n_reference: int
    features: int = 0
    left_out: int = 0
    reconstruction_error: float | None = None
    reference_reconstruction_error: float | None = None
    reconstruction_interval: Interval | None = None
    components: int | None = None
    mmd: float | None = None
    mmd_p: float | None = None
    rows_compared: int = 0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is worth a word: nothing that pages."""
        if self.verdict is not Verdict.INFO:
            return ()
        return (Finding(self.verdict, self.message.removesuffix("."), "multivariate"),)


class MultivariateMonitor:
    """Compares the joint distribution of a batch's features with the reference's: reconstruction error and MMD.

    The scales, components and bandwidth come from every other row of the reference, and batches are compared with the
    rows between: both are then new to what was fitted, so neither flatters itself. Subsamples are drawn with the number
    of rows as their seed: the same rows give the same report.

    Parameters
    ----------
    reference
        Its features; at least 100 rows, two thousand are better.

    >>> from driftboard.monitors.sample import Numeric
    >>> x, y = np.random.default_rng(0).normal(size=(2, 2200))
    >>> reference = Sample(2000, {"x": Numeric(x[:2000]), "y": Numeric(y[:2000])})
    >>> batch = Sample(200, {"x": Numeric(x[2000:]), "y": Numeric(0.8 * x[2000:] + 0.6 * y[2000:])})
    >>> MultivariateMonitor(reference).report(batch).message
    'the features together moved: MMD p = 0.005, reconstruction error 1 (0.621 to 0.921 expected of 200 rows).'
    """

    def __init__(self, reference: Sample) -> None:
        self._n = reference.n
        fitted, others = (_subsample(rows, _MOST_ROWS) for rows in _halves(reference.n))
        self._encoding = fit_encoding(reference, fitted)
        self._usable = bool(self._encoding.features) and reference.n >= _LEAST_REFERENCE
        if self._usable:
            points, held_out = (self._encoding.encode(reference, rows) for rows in (fitted, others))
            self._reconstruction = fit_reconstruction(points, held_out)
            bandwidth = median_distance(_thinned(points))
            self._kernel = make_kernel(_thinned(held_out), bandwidth=bandwidth)

    def report(self, batch: Sample) -> MultivariateReport:
        """Return the report of one batch; never raises for what the batch holds or lacks."""
        reason = self._absence(batch)
        if reason is not None:
            verdict, text = reason
            return MultivariateReport(verdict, f"{text}.", batch.n, self._n, left_out=self._encoding.left_out)
        points = self._encoding.encode(batch, _subsample(np.arange(batch.n), _MOST_ROWS))
        compared = _thinned(points)
        discrepancy = self._kernel.test(compared)
        rebuilt = None if self._reconstruction is None else self._reconstruction.compare(points)
        moved = discrepancy.p_value <= MMD_ALPHA or (rebuilt is not None and rebuilt.outside)
        return MultivariateReport(
            verdict=Verdict.INFO if moved else Verdict.OK,
            message=_sentence(discrepancy, rebuilt, count(len(points), "row"), moved=moved),
            n=batch.n,
            n_reference=self._n,
            features=len(self._encoding.features),
            left_out=self._encoding.left_out,
            reconstruction_error=None if rebuilt is None else rebuilt.error,
            reference_reconstruction_error=None if self._reconstruction is None else self._reconstruction.mean,
            reconstruction_interval=None if rebuilt is None else rebuilt.band,
            components=None if self._reconstruction is None else self._reconstruction.components,
            mmd=discrepancy.statistic,
            mmd_p=discrepancy.p_value,
            rows_compared=len(compared),
        )

    def _absence(self, batch: Sample) -> tuple[Verdict, str] | None:
        if not self._n or not batch.n:
            return Verdict.NO_DATA, f"the {'batch' if self._n else 'reference'} has no rows"
        if not self._encoding.features:
            return Verdict.NO_DATA, "no feature varies in the reference: nothing to compare together"
        if batch.features.keys().isdisjoint(self._encoding.features):
            return Verdict.NO_DATA, "the batch has none of the reference's features"
        if not self._usable:
            return Verdict.INSUFFICIENT, _too_few(self._n, _LEAST_REFERENCE, "reference row")
        if batch.n < _LEAST_ROWS:
            return Verdict.INSUFFICIENT, _too_few(batch.n, _LEAST_ROWS, "row")
        return None


def _halves(n: int) -> tuple[Codes, Codes]:
    """Every other row: a season of the reference is in both."""
    return np.arange(0, n, 2), np.arange(1, n, 2)


def _subsample(rows: Codes, most: int) -> Codes:
    """At most so many of the rows, in order, by a draw that only their number decides."""
    if rows.size <= most:
        return rows
    drawn: Codes = np.sort(np.random.default_rng(rows.size).choice(rows, most, replace=False))
    return drawn


def _thinned(points: Floats) -> Floats:
    thinned: Floats = points[_subsample(np.arange(len(points)), _MOST_COMPARED)]
    return thinned


def _too_few(n: int, least: int, noun: str) -> str:
    return f"{count(n, noun)} are too few to compare all features together: {least - n:,} more needed"


def _sentence(discrepancy: Discrepancy, rebuilt: Reconstructed | None, rows: str, *, moved: bool) -> str:
    start = "the features together moved" if moved else "the features together are steady"
    text = f"{start}: MMD {chance(discrepancy.p_value)}"
    if rebuilt is None:
        return f"{text}."
    band = f"{number(rebuilt.band.low)} to {number(rebuilt.band.high)}"
    return f"{text}, reconstruction error {number(rebuilt.error)} ({band} expected of {rows})."
