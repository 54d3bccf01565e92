"""Labelled rows: which they are, and their classes by name."""

import numpy as np
import pytest

from driftboard.monitors.labelled import class_scores, labelled_classes, labelled_values
from driftboard.monitors.sample import Sample


def test_only_rows_with_both_sides_count():
    """A failed request and a label that has not arrived are not labelled rows; NaN codes are neither."""
    predicted, labels = np.array([0.0, -1.0, 1.0, np.nan, 1.0]), np.array([0.0, 0.0, -1.0, 1.0, np.nan])
    labelled = labelled_classes(Sample(5, {}, "classification", ("a", "b"), predicted, labels=labels), ("a", "b"))
    assert labelled.rows.tolist() == [True, False, False, False, False]
    assert labelled.right.tolist() == [True]


def test_a_class_beside_the_list_is_new_and_compared_by_name():
    """Both unknown names share the last place, and only the same name is right."""
    predicted, labels = np.array([1.0, 1.0, 0.0, 7.0]), np.array([1.0, 2.0, 1.0, 7.0])
    sample = Sample(4, {}, "classification", ("a", "x", "y"), predicted, labels=labels)
    labelled = labelled_classes(sample, ("b", "a"))
    assert labelled.labels.tolist() == [2, 2, 2, 2]
    assert labelled.predicted.tolist() == [2, 2, 1, 2]
    assert labelled.right.tolist() == [True, False, False, True]


@pytest.mark.parametrize(
    "sample",
    [Sample(0), Sample(2), Sample(2, {}, "classification", ("a",), np.zeros(2)), Sample(2, {}, "regression")],
)
def test_samples_without_labels_have_no_labelled_rows(sample):
    """The mask keeps the sample's length and is all false."""
    assert labelled_classes(sample, ("a",)).rows.tolist() == [False] * sample.n
    assert labelled_values(sample).tolist() == [False] * sample.n


@pytest.mark.parametrize("shape", [(0, 0), (2,), (2, 1), (1, 2)])
def test_scores_that_do_not_fit_are_none(shape):
    """A table of another shape than rows by classes cannot be matched with them."""
    sample = Sample(2, {}, "classification", ("a", "b"), scores=np.ones(shape))
    assert class_scores(sample, ("b", "a")).shape == (0, 2)
