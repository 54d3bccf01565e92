"""Figures of classified rows against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss, precision_recall_fscore_support, roc_auc_score

from driftboard.monitors.class_figures import class_figures, per_class
from driftboard.monitors.classification import confusion_matrix
from driftboard.monitors.outcomes import class_outcomes
from driftboard.monitors.sample import Sample

PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60)


@given(PAIRS)
def test_precision_recall_and_f1_are_scikit_learns(pairs):
    """Of each class, with classes that occur on one side only or nowhere."""
    labels, predicted = np.array(pairs).T
    theirs = np.array(precision_recall_fscore_support(labels, predicted, labels=range(5), zero_division=0))
    ours = per_class(confusion_matrix(labels, predicted, 5))
    assert [(each.precision, each.recall, each.f1, each.support) for each in ours] == [
        pytest.approx(tuple(row)) for row in theirs.T
    ]


def test_figures_of_a_binary_model_are_scikit_learns():
    """Log loss, Brier score (ours is over both classes: twice theirs) and AUC of the positive class."""
    rng = np.random.default_rng(5)
    chance = rng.beta(2, 3, 4000)
    labels = (rng.random(4000) < chance).astype(float)
    scores = np.column_stack([1 - chance, chance])
    predicted = (chance > 0.5).astype(float)
    sample = Sample(4000, {}, "classification", ("no", "yes"), predicted, scores.max(axis=1), labels, scores)
    figures = class_figures(class_outcomes(sample, ("no", "yes")))
    assert figures.n_scored == 4000
    assert figures.log_loss == pytest.approx(log_loss(labels, chance))
    assert figures.brier == pytest.approx(2 * brier_score_loss(labels, chance))
    assert figures.auc == pytest.approx(roc_auc_score(labels, chance), abs=0.002)
    assert figures.ece < 0.03


def test_nothing_counted_has_no_figures():
    """None everywhere: zero rows are no evidence of zero accuracy."""
    figures = class_figures(class_outcomes(Sample(0), ("no", "yes")))
    given = (figures.accuracy, figures.macro_f1, figures.weighted_f1, figures.auc)
    assert (*given, figures.log_loss, figures.brier, figures.ece) == (None,) * 7
