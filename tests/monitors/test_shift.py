"""Whether a distribution moved, on every look-back window."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency, ks_2samp

from driftboard.monitors.levels import LevelColumns
from driftboard.monitors.numeric import NumericColumns
from driftboard.monitors.sample import Categorical
from driftboard.monitors.shift import Floors, level_shift, numeric_shift, test_shift
from driftboard.monitors.wobble import no_wobble

test_shift.__test__ = False  # a statistical test, whatever pytest makes of the name
TOWNS = ("Oslo", "Bonn", "Nice")


def _deciles(reference, values):
    """Counts in the ten equal-frequency cells of a reference, by numpy alone."""
    cuts = np.quantile(reference, np.arange(1, 10) / 10, method="inverted_cdf")
    return np.bincount(np.searchsorted(cuts, values, side="left"), minlength=10)


def test_chi_square_of_a_column_is_scipys_on_its_deciles():
    """The profile's counts give the textbook's statistic."""
    rng = np.random.default_rng(0)
    reference, batch = rng.normal(size=2_000), rng.normal(0.2, 1, 400)
    columns = NumericColumns({"x": reference})
    shift = numeric_shift(columns, columns.count({"x": batch}))
    table = np.stack([_deciles(reference, reference), _deciles(reference, batch)])
    assert shift.chi_square.statistic[0, 0] == pytest.approx(chi2_contingency(table, correction=False).statistic)
    assert shift.gap[0, 0] == pytest.approx(ks_2samp(reference, batch).statistic)
    assert (shift.cells[0, 0], shift.chi_square.freedom[0, 0]) == (10, 9)


@pytest.mark.parametrize(("n", "n_reference", "cells"), [(99, 2_000, 5), (100, 2_000, 10), (2_000, 99, 5)])
def test_a_small_side_has_five_cells(n, n_reference, cells):
    """Ten would be too sparse for the chi-square distribution."""
    rng = np.random.default_rng(1)
    columns = NumericColumns({"x": rng.normal(size=n_reference)})
    assert numeric_shift(columns, columns.count({"x": rng.normal(size=n)})).cells[0, 0] == cells


def test_windows_are_judged_by_their_sums():
    """Two batches together have the D of their rows together, but for what a hundred cells lose."""
    rng = np.random.default_rng(2)
    reference, first, second = rng.normal(size=3_000), rng.normal(0.3, 1, 300), rng.normal(0.3, 1, 300)
    columns = NumericColumns({"x": reference})
    one, other = columns.count({"x": first}), columns.count({"x": second})
    shift = numeric_shift(columns, [other, one + other])
    assert shift.gap[0, 0] == pytest.approx(ks_2samp(reference, second).statistic)
    whole = ks_2samp(reference, np.concatenate([first, second])).statistic
    assert whole - 0.011 <= shift.gap[1, 0] <= whole + 1e-12


def test_levels_are_compared_by_their_shares():
    """PSI and total variation of three towns, computed by hand."""
    columns = LevelColumns({"town": Categorical(np.repeat([0, 1, 2], [600, 300, 100]), TOWNS)})
    shift = level_shift(columns, columns.count({"town": Categorical(np.repeat([0, 1, 2], [240, 120, 240]), TOWNS)}))
    e, a = np.array([0.6, 0.3, 0.1]), np.array([0.4, 0.2, 0.4])
    assert shift.gap[0, 0] == pytest.approx(0.3)
    assert shift.psi[0, 0] == pytest.approx(float(np.sum((a - e) * np.log(a / e))), rel=0.02)


@pytest.mark.parametrize("n", [200, 1_000])
def test_p_values_keep_their_level_and_the_corrected_psi_is_zero_on_average(n):
    """2·min(p of KS, p of chi-square) at 0.05 and 0.01, over heavy tails and ties alike."""
    rng = np.random.default_rng(n)
    draws = 300

    def draw(size):
        return {"heavy": rng.standard_t(1.5, size), "tied": rng.poisson(3, size) + 0.0, "normal": rng.normal(size=size)}

    p_values, corrected = [], []
    for _ in range(draws):
        columns = NumericColumns(draw(2_000))
        counts = columns.count(draw(n))
        shift = numeric_shift(columns, counts)
        rows = (counts.present[None], columns.counts.present)
        tests = test_shift(columns.names, shift, rows, np.ones((1, 1)), no_wobble(3), Floors(), gap_name="KS")
        p_values.append(tests.p_value[0])
        corrected.append((shift.psi - shift.noise)[0])
    for level in (0.05, 0.01):
        rate = np.mean(np.array(p_values) <= level)
        assert rate <= level + 3 * np.sqrt(level / (3 * draws)), level
    assert np.abs(np.mean(corrected, axis=0)).max() < 0.006
