"""Growth of the mean absolute error against SciPy."""

import numpy as np
import pytest
from scipy.stats import ttest_ind

from driftboard.monitors import Sample
from driftboard.monitors.outcomes import value_outcomes
from driftboard.monitors.regression import growth_z


def _outcomes(errors):
    sample = Sample(errors.size, {}, "regression", predicted=errors, labels=np.zeros(errors.size))
    return value_outcomes(sample, centre=0.0)


def test_growth_is_welchs_statistic():
    """The z is SciPy's Welch t statistic, from sums that add up."""
    rng = np.random.default_rng(2)
    batch, reference = rng.exponential(1.2, 80), rng.exponential(1.0, 900)
    theirs = ttest_ind(batch, reference, equal_var=False).statistic
    assert growth_z(_outcomes(batch), _outcomes(reference)) == pytest.approx(theirs)
    halves = _outcomes(batch[:30]) + _outcomes(batch[30:])
    assert growth_z(halves, _outcomes(reference)) == pytest.approx(theirs)


def test_growth_from_a_perfect_reference_is_certain():
    """No spread on either side: any growth is beyond luck, none is none."""
    assert growth_z(_outcomes(np.ones(3)), _outcomes(np.zeros(3))) == np.inf
    assert growth_z(_outcomes(np.zeros(3)), _outcomes(np.zeros(3))) == 0.0


@pytest.mark.parametrize("errors", [np.empty(0), np.full(5, 1e200), np.full(5, 1.7e308)])
def test_no_telling_without_rows_or_with_errors_too_large_to_be_squared(errors):
    """Neither an exception nor evidence."""
    assert growth_z(_outcomes(errors), _outcomes(np.ones(9))) == 0.0
    assert growth_z(_outcomes(np.ones(9)), _outcomes(errors)) == 0.0
