"""The two-sample chi-square test against SciPy, and its sparse cells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from driftboard.monitors.chi_square import chi_square, merge, sparse_cells
from driftboard.monitors.fisher import rise_p_value

FULL = st.integers(2, 8).flatmap(lambda k: st.tuples(*[st.lists(st.integers(50, 500), min_size=k, max_size=k)] * 2))
ANY = st.integers(0, 8).flatmap(lambda k: st.tuples(*[st.lists(st.integers(0, 500), min_size=k, max_size=k)] * 2))


@given(FULL)
def test_equals_scipy_where_no_cell_is_sparse(table):
    """The statistic and the p-value are those of chi2_contingency without correction."""
    reference, batch = np.array(table)
    theirs, ours = chi2_contingency(np.array(table), correction=False), chi_square(reference, batch, alpha=0.01)
    assert ours.statistic == pytest.approx(theirs.statistic)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-6)


@given(ANY)
def test_any_counts_give_a_p_value_above_zero(table):
    """No cell, empty cells, an empty side: a number, never an exception, NaN or 0."""
    reference, batch = (np.array(counts, dtype=np.int64) for counts in table)
    test = chi_square(reference, batch, alpha=0.01)
    assert 0 < test.p_value <= 1
    assert np.isfinite(test.statistic)


@pytest.mark.parametrize("n", [50, 67, 200, 1_000, 10_000])
def test_one_row_of_an_unseen_class_does_not_reject(n):
    """One row in a cell that the reference never filled has bounded influence at any size (C9)."""
    reference = np.array([6_000, 4_000, 0])
    batch = np.array([round(0.6 * n), n - round(0.6 * n) - 1, 1])
    assert chi_square(reference, batch, alpha=0.01).p_value > 0.3


def test_a_batch_of_nothing_but_unseen_classes_rejects():
    """Merging must not hide a batch that has nothing in common with the reference."""
    assert chi_square(np.array([1_000, 0]), np.array([0, 200]), alpha=0.01).p_value < 1e-100


def test_an_unused_class_slot_changes_nothing():
    """A class that neither side uses leaves a healthy batch healthy (C9)."""
    without = chi_square(np.array([500, 500]), np.array([30, 30]), alpha=0.01)
    with_slot = chi_square(np.array([500, 500, 0]), np.array([30, 30, 0]), alpha=0.01)
    assert without.p_value == 1.0
    assert not with_slot.rejects


def test_sparse_cells_are_judged_from_the_reference_alone():
    """The batch's own counts do not decide which cells it is compared on."""
    sparse = sparse_cells(np.array([500, 480, 15, 5]), rows=200)
    assert sparse.tolist() == [False, False, True, True]
    assert merge(np.array([0, 0, 100, 100]), sparse).tolist() == [0, 0, 200]


def test_level_of_the_test_is_kept_with_rare_classes():
    """At most about 1 % of stable batches are rejected at alpha = 0.01, rare classes or not."""
    rng = np.random.default_rng(3)
    shares = np.array([0.6, 0.3, 0.08, 0.01, 0.007, 0.003])
    draws = [(rng.multinomial(2_000, shares), rng.multinomial(200, shares)) for _ in range(3_000)]
    assert np.mean([chi_square(*draw, alpha=0.01).rejects for draw in draws]) < 0.015


@pytest.mark.parametrize(("hits", "expected"), [(0, 1.0), (1, 200 / 2200), (2, 200 * 199 / (2200 * 2199))])
def test_rise_p_value_counts_the_ways(hits, expected):
    """Hits that the reference lacks: the chance that all of them fall into the batch."""
    assert rise_p_value(hits, 200, 0, 2000) == pytest.approx(expected)
