"""Figures of predicted values against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from driftboard.monitors.outcomes import value_outcomes
from driftboard.monitors.sample import Sample
from driftboard.monitors.value_figures import ValueFigures, value_figures

VALUE = st.floats(-1e4, 1e4).map(lambda value: round(value, 3))


def figures_of(labels, predicted, centre):
    """The figures of two arrays."""
    return value_figures(
        value_outcomes(Sample(labels.size, {}, "regression", (), predicted, labels=labels), centre=centre)
    )


@given(st.lists(st.tuples(VALUE, VALUE), min_size=2, max_size=50), VALUE)
def test_figures_are_scikit_learns(pairs, centre):
    """MAE, RMSE and R² from sums alone, whatever the centre; R² is unknown for constant labels."""
    labels, predicted = np.array(pairs).T
    ours = figures_of(labels, predicted, centre)
    assert ours.mae == pytest.approx(mean_absolute_error(labels, predicted))
    assert ours.rmse == pytest.approx(root_mean_squared_error(labels, predicted))
    assert ours.bias == pytest.approx(float(np.mean(predicted - labels)), abs=1e-9)
    if np.ptp(labels) > 1:
        assert ours.r2 == pytest.approx(r2_score(labels, predicted), rel=1e-4, abs=1e-4)


def test_a_far_centre_spoils_nothing():
    """Labels of 10⁹ ± 1 keep their spread because the sums are about their mean."""
    rng = np.random.default_rng(6)
    labels = 1e9 + rng.normal(0, 1, 1000)
    predicted = labels + rng.normal(0, 0.3, 1000)
    assert figures_of(labels, predicted, 1e9).r2 == pytest.approx(r2_score(labels, predicted), abs=1e-9)


def test_constant_labels_have_no_r2():
    """Also where rounding leaves them a spread of its own."""
    assert figures_of(np.full(7, 0.1), np.ones(7), 0.3).r2 is None
    assert figures_of(np.full(7, 0.1), np.ones(7), 0.1).r2 is None


def test_overflow_is_none_and_not_infinity():
    """Squares of 10²⁰⁰ have no finite sum; the mean of the absolute errors still has."""
    figures = figures_of(np.array([1e200, -1e200]), np.array([0.0, 0.0]), 0.0)
    assert (figures.mae, figures.rmse, figures.r2) == (1e200, None, None)
    assert figures_of(np.empty(0), np.empty(0), 0.0) == ValueFigures(0, None, None, None, None)
