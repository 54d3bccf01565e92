"""ROC-AUC from histograms against scikit-learn's, which needs the rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from driftboard.monitors.auc import area_under_curve, macro_auc, score_histograms

PAIRS = st.lists(st.tuples(st.integers(0, 200), st.booleans()), min_size=2, max_size=80)


def area(scores, labels):
    """The area of one class against the rest."""
    return area_under_curve(score_histograms(np.column_stack([1 - scores, scores]), labels.astype(np.int64))[1])


@given(PAIRS.filter(lambda pairs: len({label for _, label in pairs}) == 2))
def test_exact_on_multiples_of_a_step(pairs):
    """Ties count half, as in the trapezoids of the curve."""
    steps, labels = np.array(pairs).T
    assert area(steps / 200, labels) == pytest.approx(roc_auc_score(labels, steps), abs=1e-12)


@pytest.mark.parametrize(("a", "b"), [(2, 3), (0.5, 0.5), (1, 9), (0.2, 0.2), (8, 1)])
def test_close_on_continuous_scores(a, b):
    """Within 0.001, from well spread to well separated scores."""
    rng = np.random.default_rng(7)
    scores = rng.beta(a, b, 20_000)
    labels = rng.random(20_000) < scores
    assert area(scores, labels) == pytest.approx(roc_auc_score(labels, scores), abs=0.001)


@pytest.mark.parametrize(("a", "b"), [(1, 50), (1, 200), (0.5, 300)])
def test_close_where_events_are_rare(a, b):
    """Of 2 % to 2 in a thousand, where nearly every score is below 0.01 and steps of 1/200 would be 0.06 off."""
    rng = np.random.default_rng(9)
    scores = rng.beta(a, b, 100_000)
    labels = rng.random(100_000) < scores
    assert area(scores, labels) == pytest.approx(roc_auc_score(labels, scores), abs=0.002)


def test_macro_is_the_mean_over_classes():
    """One against the rest, as scikit-learn's `multi_class="ovr"`."""
    rng = np.random.default_rng(8)
    scores = rng.dirichlet((1, 2, 3), 5000)
    labels = np.array([rng.choice(3, p=row) for row in scores])
    ours = macro_auc(score_histograms(scores, labels))
    assert ours == pytest.approx(roc_auc_score(labels, scores, multi_class="ovr"), abs=0.002)


def test_one_class_alone_has_no_area():
    """Nothing to compare with is None, and so is a model of too many classes."""
    assert area(np.array([0.2, 0.9]), np.array([1, 1])) is None
    assert macro_auc(score_histograms(np.full((5, 21), 1 / 21), np.arange(5))) is None
    assert macro_auc(score_histograms(np.empty((0, 3)), np.empty(0, dtype=np.int64))) is None
