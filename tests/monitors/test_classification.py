"""Classification scores against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score
from sklearn.metrics import confusion_matrix as sklearn_confusion_matrix

from driftboard.monitors.calibration import reliability_counts
from driftboard.monitors.classification import accuracy, confusion_matrix, expected_calibration_error, macro_f1

PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@given(PAIRS)
def test_scores_are_scikit_learns_over_the_fixed_class_list(pairs):
    """Confusion matrix, accuracy and macro F1, with classes that occur on one side only or nowhere (C12)."""
    labels, predicted = np.array(pairs).T
    confusion = confusion_matrix(labels, predicted, 6)
    fixed = list(range(6))
    assert confusion.tolist() == sklearn_confusion_matrix(labels, predicted, labels=fixed).tolist()
    assert accuracy(confusion) == pytest.approx(accuracy_score(labels, predicted))
    theirs = f1_score(labels, predicted, labels=fixed, average="macro", zero_division=0)
    assert macro_f1(confusion) == pytest.approx(theirs)


def test_calibration_error_is_the_weighted_gap():
    """Two bins, computed by hand: 0.75·|1/3 - 0.85| + 0.25·|1 - 0.55|."""
    bins = reliability_counts(np.array([0.85, 0.85, 0.85, 0.55]), np.array([True, False, False, True])).bins()
    assert expected_calibration_error(bins) == pytest.approx(0.75 * (0.85 - 1 / 3) + 0.25 * 0.45)
    assert bins[1].interval.low < 1 / 3 < bins[1].interval.high


def test_rows_without_a_confidence_leave_the_calibration_error():
    """They are in no bin and not in n either, so they cannot make it smaller (C19)."""
    confidence, right = np.array([0.9, 0.8, 0.7]), np.array([False, False, True])
    whole = expected_calibration_error(reliability_counts(confidence, right).bins())
    holes = reliability_counts(np.append(confidence, [np.nan] * 97), np.append(right, [True] * 97)).bins()
    assert expected_calibration_error(holes) == pytest.approx(whole)
    assert sum(each.n for each in holes) == 3


def test_no_confidence_at_all_has_no_calibration_error():
    """None, not zero: nothing is known."""
    assert expected_calibration_error(reliability_counts(np.full(5, np.nan), np.ones(5, dtype=bool)).bins()) is None
