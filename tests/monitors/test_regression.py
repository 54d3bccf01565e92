"""Regression scores against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_ind
from sklearn.metrics import mean_absolute_error as sklearn_mae
from sklearn.metrics import r2_score
from sklearn.metrics import root_mean_squared_error as sklearn_rmse

from driftboard.monitors.regression import growth_z, mean_absolute_error, r_squared, root_mean_squared_error

VALUE = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))
PAIRS = st.lists(st.tuples(VALUE, VALUE), min_size=2, max_size=50)


@given(PAIRS)
def test_scores_are_scikit_learns(pairs):
    """MAE, RMSE and R²; R² is unknown for constant labels."""
    labels, predicted = np.array(pairs).T
    assert mean_absolute_error(labels, predicted) == pytest.approx(sklearn_mae(labels, predicted))
    assert root_mean_squared_error(labels, predicted) == pytest.approx(sklearn_rmse(labels, predicted))
    ours = r_squared(labels, predicted)
    if np.ptp(labels) == 0:
        assert ours is None or np.var(labels) > 0
    else:
        assert ours == pytest.approx(r2_score(labels, predicted), rel=1e-6, abs=1e-6)


def test_growth_is_welchs_statistic():
    """The z is SciPy's Welch t statistic."""
    rng = np.random.default_rng(2)
    batch, reference = rng.exponential(1.2, 80), rng.exponential(1.0, 900)
    assert growth_z(batch, reference) == pytest.approx(ttest_ind(batch, reference, equal_var=False).statistic)


def test_growth_from_a_perfect_reference_is_certain():
    """No spread on either side: any growth is beyond luck, none is none."""
    assert growth_z(np.ones(3), np.zeros(3)) == np.inf
    assert growth_z(np.zeros(3), np.zeros(3)) == 0.0
