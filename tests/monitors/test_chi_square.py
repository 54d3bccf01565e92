"""The two-sample chi-square test against SciPy, and its sparse cells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from driftboard.monitors.chi_square import chi_square, sparse_cells

FULL = st.integers(2, 8).flatmap(lambda k: st.tuples(*[st.lists(st.integers(50, 500), min_size=k, max_size=k)] * 2))
ANY = st.integers(1, 8).flatmap(lambda k: st.tuples(*[st.lists(st.integers(0, 500), min_size=k, max_size=k)] * 2))


@given(FULL)
def test_equals_scipy_where_no_cell_is_sparse(table):
    """The statistic and the p-value are those of chi2_contingency without correction."""
    theirs, ours = chi2_contingency(np.array(table), correction=False), chi_square(*np.array(table))
    assert float(ours.statistic) == pytest.approx(theirs.statistic)
    assert float(ours.p_value) == pytest.approx(max(theirs.pvalue, np.finfo(float).tiny), rel=1e-6)


@given(ANY)
def test_equals_scipy_on_the_merged_cells(table):
    """With sparse cells it is SciPy's test of the table in which they are one."""
    reference, batch = np.array(table)
    ours = chi_square(reference, batch)
    assert 0 < ours.p_value <= 1
    assert np.isfinite(ours.statistic)
    sparse = sparse_cells(reference, np.array([min(reference.sum(), batch.sum())]))
    merged = np.array([[*each[~sparse], each[sparse].sum()] for each in (reference, batch)])
    merged = merged[:, merged.sum(axis=0) > 0]
    fair = merged.size and (merged.sum(axis=0) * merged.sum(axis=1).min() >= 5 * merged.sum()).all()
    if fair and merged.shape[1] > 1:
        assert float(ours.statistic) == pytest.approx(chi2_contingency(merged, correction=False).statistic)


def test_many_tables_at_once_are_the_tables_one_by_one():
    """The arrays of windows and columns hold what each test alone would say."""
    rng = np.random.default_rng(0)
    reference, batches = rng.integers(0, 300, (3, 6)), rng.integers(0, 60, (4, 3, 6))
    together = chi_square(reference, batches)
    for window in range(4):
        for column in range(3):
            alone = chi_square(reference[column], batches[window, column])
            assert float(together.p_value[window, column]) == float(alone.p_value)


@pytest.mark.parametrize("n", [50, 67, 200, 1_000, 10_000])
def test_one_row_of_an_unseen_class_does_not_reject(n):
    """One row in a cell that the reference never filled has bounded influence at any size (C9)."""
    reference = np.array([6_000, 4_000, 0])
    batch = np.array([round(0.6 * n), n - round(0.6 * n) - 1, 1])
    assert chi_square(reference, batch).p_value > 0.3


def test_a_batch_of_nothing_but_unseen_classes_rejects():
    """Merging must not hide a batch that has nothing in common with the reference."""
    assert chi_square(np.array([1_000, 0]), np.array([0, 200])).p_value < 1e-100


def test_an_unused_class_slot_changes_nothing():
    """A class that neither side uses leaves a healthy batch healthy (C9)."""
    assert chi_square(np.array([500, 500, 0]), np.array([30, 30, 0])).p_value == 1.0


def test_sparse_cells_are_judged_from_the_reference_alone():
    """The batch's own counts do not decide which cells it is compared on."""
    sparse = sparse_cells(np.array([500, 480, 15, 5]), np.array([200]))
    assert sparse.tolist() == [False, False, True, True]


@pytest.mark.parametrize("level", [0.1, 0.01])
def test_level_of_the_test_is_kept_with_rare_classes(level):
    """Stable batches are rejected about as often as the level says, rare classes or not."""
    rng = np.random.default_rng(3)
    shares = np.array([0.6, 0.3, 0.08, 0.01, 0.007, 0.003])
    tests = chi_square(rng.multinomial(2_000, shares, 20_000), rng.multinomial(200, shares, 20_000))
    rejected = float(np.mean(tests.p_value < level))
    assert rejected < level * 1.15 + 3 * np.sqrt(level / 20_000)
