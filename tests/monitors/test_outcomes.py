"""Counts of labelled rows: their figures are scikit-learn's, and two halves add up to the whole."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss

from driftboard.monitors.class_figures import class_figures
from driftboard.monitors.outcomes import class_outcomes, value_outcomes
from driftboard.monitors.sample import Categorical, Sample

CLASSES = ("ok", "late", "lost")
CODE = st.sampled_from([-1.0, 0.0, 1.0, 2.0, 3.0, np.nan])
ROWS = st.lists(st.tuples(CODE, CODE, st.floats(0, 1)), max_size=60)
VALUE = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))


def classified(rows, *, seed=0):
    """A sample whose model knows a fourth class that the reference does not."""
    labels, predicted, confidence = (np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))
    scores = np.random.default_rng(seed).dirichlet((1, 1, 1, 1), len(rows))
    return Sample(len(rows), {}, "classification", (*CLASSES, "stolen"), predicted, confidence, labels, scores)


def flat(outcomes):
    """Everything counted, as one array."""
    parts = [getattr(outcomes, each.name) for each in fields(outcomes) if each.name != "reliability"]
    inner = [outcomes.reliability.n, outcomes.reliability.confidence, outcomes.reliability.hits]
    return np.concatenate([np.ravel(part) for part in (*parts, *inner)])


@given(ROWS.filter(bool), ROWS.filter(bool))
def test_two_samples_add_up_to_both_together(first, second):
    """Each count and sum of a + b is that of the rows of a and b in one sample: no window needs the rows again."""
    one, other = classified(first, seed=1), classified(second, seed=2)
    scores = np.concatenate([one.scores, other.scores])
    both = replace(classified(first + second), scores=scores)
    added = class_outcomes(one, CLASSES) + class_outcomes(other, CLASSES)
    assert flat(added) == pytest.approx(flat(class_outcomes(both, CLASSES)))


@given(ROWS.filter(bool))
def test_the_counts_are_those_of_scikit_learn(rows):
    """Confusion, hits and F1 with labels missing on either side and a class that the reference never had."""
    sample = classified(rows)
    outcomes = class_outcomes(sample, CLASSES)
    known = (sample.labels >= 0) & (sample.predicted >= 0)
    labels, predicted = sample.labels[known], sample.predicted[known]
    assert outcomes.n == labels.size
    if labels.size == 0:
        return
    theirs = confusion_matrix(labels, predicted, labels=[0, 1, 2, 3])
    assert outcomes.confusion.tolist() == theirs.tolist()
    assert outcomes.hits / outcomes.n == accuracy_score(labels, predicted)
    fixed = [0, 1, 2, 3] if 3 in {*labels, *predicted} else [0, 1, 2]
    figures = class_figures(outcomes)
    for average, ours in (("macro", figures.macro_f1), ("weighted", figures.weighted_f1)):
        assert ours == pytest.approx(f1_score(labels, predicted, labels=fixed, average=average, zero_division=0))


def test_two_different_new_classes_are_not_a_hit():
    """They share the last place of the matrix, but the one is not the other."""
    classes = ("ok", "stolen", "burnt")
    sample = Sample(2, {}, "classification", classes, np.array([1.0, 1.0]), labels=np.array([1.0, 2.0]))
    outcomes = class_outcomes(sample, ("ok",))
    assert outcomes.confusion.tolist() == [[0, 0], [0, 2]]
    assert outcomes.hits == 1
    assert class_figures(outcomes).accuracy == 0.5


def test_classes_are_matched_by_name():
    """A batch whose model lists its classes in another order gives the same counts, scores included."""
    rng = np.random.default_rng(3)
    scores = rng.dirichlet((1, 1, 1), 100)
    predicted, labels = scores.argmax(axis=1).astype(float), rng.integers(0, 3, 100).astype(float)
    sample = Sample(100, {}, "classification", CLASSES, predicted, scores.max(axis=1), labels, scores)
    turned = replace(sample, classes=CLASSES[::-1], predicted=2 - predicted, labels=2 - labels, scores=scores[:, ::-1])
    assert flat(class_outcomes(turned, CLASSES)) == pytest.approx(flat(class_outcomes(sample, CLASSES)))


def test_log_loss_and_squares_are_those_of_the_scores():
    """Log loss is scikit-learn's, with a score of exactly 0 for what happened; squares are summed over classes."""
    rng = np.random.default_rng(4)
    scores = rng.dirichlet((0.5, 0.5, 0.5), 300)
    scores[0] = (0.0, 1.0, 0.0)
    labels = rng.integers(0, 3, 300).astype(float)
    labels[0] = 0
    sample = Sample(
        300, {}, "classification", CLASSES, scores.argmax(axis=1).astype(float), labels=labels, scores=scores
    )
    outcomes = class_outcomes(sample, CLASSES)
    assert outcomes.log_loss / 300 == pytest.approx(log_loss(labels, scores, labels=[0, 1, 2]))
    assert outcomes.squares == pytest.approx(((scores - np.eye(3)[labels.astype(int)]) ** 2).sum())


def test_a_row_without_all_its_scores_is_not_scored():
    """NaN, infinity and anything beyond 1 leave log loss and histograms, not accuracy."""
    scores = np.array([[0.5, 0.5, 0.0], [np.nan, 0.5, 0.5], [np.inf, 0.0, 0.0], [1.5, -0.5, 0.0]])
    sample = Sample(4, {}, "classification", CLASSES, np.zeros(4), labels=np.zeros(4), scores=scores)
    outcomes = class_outcomes(sample, CLASSES)
    assert (outcomes.n, outcomes.n_scored, int(outcomes.histograms.sum())) == (4, 1, 3)
    assert outcomes.log_loss == pytest.approx(-np.log(0.5))


@pytest.mark.parametrize(
    "sample",
    [
        Sample(0),
        Sample(3, {}, "classification", CLASSES),
        Sample(3, {}, "classification", CLASSES, np.zeros(3)),
        Sample(3, {}, "classification", CLASSES, np.zeros(3), labels=np.full(3, -1.0)),
        Sample(3, {}, "regression", (), np.ones(3), labels=np.ones(3)),
        Sample(1, {"a": Categorical(np.zeros(1, dtype=np.int64), ("x",))}, "classification", CLASSES),
    ],
)
def test_without_labels_nothing_is_counted(sample):
    """Empty batches, missing labels and a sample of the other task count zero rows and raise nothing."""
    outcomes = class_outcomes(sample, CLASSES)
    assert not flat(outcomes).any()
    assert outcomes.confusion.shape == (4, 4)
    assert class_figures(outcomes).accuracy is None


def test_scores_of_a_wrong_shape_are_no_scores():
    """A table that does not fit the class list cannot be read, and is not guessed at."""
    sample = Sample(2, {}, "classification", CLASSES, np.zeros(2), labels=np.zeros(2), scores=np.ones((2, 2)))
    assert class_outcomes(sample, CLASSES).n_scored == 0


@settings(deadline=None)
@given(st.lists(st.tuples(VALUE, VALUE), min_size=1, max_size=40), st.integers(0, 40))
def test_sums_of_values_add_up(pairs, cut):
    """The sums of two parts are those of the whole, wherever it is cut."""
    labels, predicted = np.array(pairs).T
    parts = [
        value_outcomes(Sample(part.size, {}, "regression", (), part, labels=y), centre=5.0)
        for part, y in ((predicted[:cut], labels[:cut]), (predicted[cut:], labels[cut:]))
    ]
    whole = value_outcomes(Sample(len(pairs), {}, "regression", (), predicted, labels=labels), centre=5.0)
    for each in fields(whole):
        added = getattr(parts[0] + parts[1], each.name)
        assert added == pytest.approx(getattr(whole, each.name), rel=1e-9, abs=1e-3)


def test_values_that_are_not_finite_are_left_out():
    """NaN, infinity and a missing label are no rows; a classification sample has none."""
    predicted, labels = np.array([1.0, np.nan, np.inf, 2.0]), np.array([2.0, 1.0, 1.0, np.nan])
    assert value_outcomes(Sample(4, {}, "regression", (), predicted, labels=labels), centre=0.0).n == 1
    assert value_outcomes(Sample(4, {}, "classification", CLASSES, predicted, labels=labels), centre=0.0).n == 0
    assert value_outcomes(Sample(0, {}, "regression"), centre=0.0).n == 0
