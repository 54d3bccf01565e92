"""All features together."""

import math
import time
from dataclasses import asdict

import numpy as np
import pytest

from driftboard.monitors import Categorical, Numeric, Sample, Verdict
from driftboard.monitors.multivariate import MultivariateMonitor


def correlated(n, *, r=0.3, seed=0, d=5):
    """Standard normals of which neighbours correlate by r."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, d)) @ np.linalg.cholesky(r ** np.abs(np.subtract.outer(range(d), range(d)))).T
    return Sample(n, {f"x{place}": Numeric(column) for place, column in enumerate(points.T)})


def test_correlation_alone_is_seen():
    """Every feature by itself is as it was: this is what the monitor is for."""
    report = MultivariateMonitor(correlated(2000)).report(correlated(200, r=0.9, seed=1))
    assert report.verdict is Verdict.INFO
    assert report.reconstruction_error < report.reconstruction_interval.low
    assert report.mmd_p == 0.005
    assert report.message.startswith("the features together moved: MMD p = 0.005, reconstruction error ")


def test_stable_batches_are_ok_at_the_stated_rates(classification_sample):
    """1 % by the discrepancy and 0.1 % by the reconstruction, over features of both kinds."""
    monitor = MultivariateMonitor(classification_sample(2000))
    reports = [monitor.report(classification_sample(100, seed=seed)) for seed in range(1, 201)]
    assert sum(report.verdict is Verdict.INFO for report in reports) <= 8
    assert {report.verdict for report in reports} <= {Verdict.OK, Verdict.INFO}


def test_the_same_batch_gives_the_same_report(classification_sample):
    """Subsamples are seeded with the number of rows, and no batch changes what the next one meets."""
    first, second = (MultivariateMonitor(classification_sample(3000)) for _ in range(2))
    batch = classification_sample(1200, seed=3)
    expected = first.report(batch)
    second.report(classification_sample(90, seed=4, shift=5))
    assert second.report(batch) == expected
    assert expected.rows_compared == 500


def test_a_report_holds_finite_plain_numbers_only():
    """Whatever the features hold."""
    rng = np.random.default_rng(0)
    wild = {
        "infinite": Numeric(np.where(rng.random(400) < 0.2, np.inf, rng.normal(size=400))),
        "huge": Numeric(rng.normal(size=400) * 1e300),
        "missing": Numeric(np.full(400, np.nan)),
        "heavy": Numeric(rng.standard_cauchy(400)),
        "level": Categorical(rng.integers(-1, 3, 400), ("a", "b", "c")),
    }
    sample = Sample(400, wild)
    report = MultivariateMonitor(sample).report(sample)
    numbers = [value for value in asdict(report).values() if isinstance(value, int | float)]
    assert all(type(value) in (int, float, bool) and math.isfinite(value) for value in numbers)
    assert (report.verdict, report.features, report.left_out) == (Verdict.OK, 4, 1)


EMPTY = Sample(0)


@pytest.mark.parametrize(
    ("reference", "batch", "verdict", "words"),
    [
        (correlated(500), EMPTY, Verdict.NO_DATA, "no rows"),
        (EMPTY, EMPTY, Verdict.NO_DATA, "no rows"),
        (EMPTY, correlated(50), Verdict.NO_DATA, "reference has no rows"),
        (Sample(200), correlated(50), Verdict.NO_DATA, "no feature varies"),
        (correlated(500), Sample(50), Verdict.NO_DATA, "none of the reference's features"),
        (correlated(60), correlated(50), Verdict.INSUFFICIENT, "60 reference rows are too few"),
        (correlated(500), correlated(20), Verdict.INSUFFICIENT, "20 rows are too few"),
        (Sample(1, {"x": Numeric(np.zeros(1))}), EMPTY, Verdict.NO_DATA, "no rows"),
    ],
)
def test_what_cannot_be_compared_is_said(reference, batch, verdict, words):
    """Never raised, never `ok`."""
    report = MultivariateMonitor(reference).report(batch)
    assert report.verdict is verdict
    assert words in report.message


def test_one_feature_has_a_discrepancy_and_no_reconstruction():
    """There is nothing to reconstruct it from."""
    report = MultivariateMonitor(correlated(500, d=1)).report(correlated(100, d=1, seed=1))
    assert report.verdict is Verdict.OK
    assert (report.reconstruction_error, report.reconstruction_interval, report.components) == (None, None, None)


def test_a_report_is_quick_and_small_beside_a_wide_and_long_table():
    """200 rows of 50 features in 60 ms; a long batch is thinned, never squared."""
    monitor = MultivariateMonitor(correlated(2000, d=50))
    batch = correlated(200, seed=1, d=50)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        monitor.report(batch)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.060
    assert monitor.report(correlated(100_000, seed=2, d=50)).rows_compared == 500
