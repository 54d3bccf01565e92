"""Growth of the absolute error, by ranks."""

from math import erfc, sqrt

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from driftboard.monitors.baseline import ERROR
from driftboard.monitors.error_growth import rank_z
from driftboard.monitors.numeric import NumericColumns


def _scipys_z(batch, reference):
    """From U of the asymptotic test, with its variance for ties."""
    statistic = mannwhitneyu(batch, reference, alternative="two-sided", method="asymptotic", use_continuity=False)
    n, before = batch.size, reference.size
    _, ties = np.unique(np.concatenate([batch, reference]), return_counts=True)
    total = n + before
    variance = n * before / 12 * (total + 1 - (ties.astype(float) ** 3 - ties).sum() / (total * (total - 1)))
    return (statistic.statistic - n * before / 2) / np.sqrt(variance), statistic.pvalue


@pytest.mark.parametrize("values", [2, 5, 40, 90])
def test_is_mann_and_whitneys_z_where_cells_hold_one_value(values):
    """Ties of any number: SciPy's z, and its p-value."""
    rng = np.random.default_rng(values)
    reference, batch = rng.integers(0, values, 1_000).astype(float), rng.integers(0, values, 80) + 0.0
    columns = NumericColumns({ERROR: reference})
    fine = columns.count({ERROR: batch}).fine
    z, p_value = _scipys_z(batch, reference)
    assert float(rank_z(fine, columns.counts.fine[0])[0]) == pytest.approx(z, abs=1e-9)
    assert p_value == pytest.approx(erfc(abs(z) / sqrt(2)), rel=1e-6)


def test_a_hundred_cells_lose_little_of_continuous_errors():
    """Within 0.05 of SciPy's z on the raw values."""
    rng = np.random.default_rng(1)
    reference, batch = rng.exponential(1.0, 5_000), rng.exponential(1.3, 300)
    columns = NumericColumns({ERROR: reference})
    ours = float(rank_z(columns.count({ERROR: batch}).fine, columns.counts.fine[0])[0])
    assert ours == pytest.approx(_scipys_z(batch, reference)[0], abs=0.05)


def test_z_is_standard_normal_without_growth():
    """Also for errors without a variance."""
    rng = np.random.default_rng(2)
    columns = NumericColumns({ERROR: rng.pareto(1.5, 200_000)})
    batches = np.stack([columns.count({ERROR: rng.pareto(1.5, 200)}, exact=False).fine[0] for _ in range(1_500)])
    z = rank_z(batches, columns.counts.fine[0])
    assert z.mean() == pytest.approx(0.0, abs=0.1)
    assert z.std() == pytest.approx(1.0, abs=0.06)


def test_nothing_to_compare_is_no_evidence():
    """Empty sides, and errors that are all equal."""
    counts = np.array([[0, 0, 0], [0, 9, 0]])
    assert rank_z(counts, np.array([0, 50, 0])).tolist() == [0.0, 0.0]
    assert rank_z(counts, np.zeros(3, dtype=np.int64)).tolist() == [0.0, 0.0]
