"""Two classifiers on the same predictions."""

import math
import time
from dataclasses import asdict

import numpy as np
import pytest
from scipy.stats import binomtest, false_discovery_control
from sklearn.metrics import accuracy_score, f1_score

from driftboard.monitors import Categorical, Verdict
from driftboard.monitors.paired_classes import compare_classes


def two_models(n, *, seed=0, right=(0.85, 0.90), classes=3):
    """Labels, and predictions of a champion and a challenger that are right so often, independently."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n).astype(float)
    predicted = [np.where(rng.random(n) < share, labels, (labels + 1) % classes) for share in right]
    return labels, *predicted


def test_the_figures_are_those_of_scipy_and_scikit_learn():
    """Accuracy, McNemar's p and macro F1, over rows that have all three."""
    labels, first, second = two_models(800)
    labels[:100], first[100:150], second[150:180] = -1, -1, np.nan
    report = compare_classes(labels, first, second)
    used = slice(180, None)
    wins = [
        int(np.sum((a[used] == labels[used]) & (b[used] != labels[used])))
        for a, b in ((first, second), (second, first))
    ]
    assert (report.n, report.n_labelled) == (720, 620)
    assert report.figures.champion == accuracy_score(labels[used], first[used])
    assert report.figures.challenger == accuracy_score(labels[used], second[used])
    assert (report.figures.champion_better, report.figures.challenger_better) == tuple(wins)
    assert report.figures.p_value == binomtest(wins[0], sum(wins)).pvalue
    assert report.macro_f1.champion == pytest.approx(f1_score(labels[used], first[used], average="macro"))
    assert report.macro_f1.challenger == pytest.approx(f1_score(labels[used], second[used], average="macro"))


def test_macro_f1_is_over_the_classes_that_were_labelled():
    """A class that only a model names is a wrong prediction, not a class with an F1 of its own."""
    labels, first = np.repeat([0.0, 1.0], 50), np.repeat([0.0, 1.0], 50)
    second = np.where(np.arange(100) % 10 == 0, 7.0, labels)
    report = compare_classes(labels, first, second)
    expected = f1_score(labels, second, labels=[0, 1], average="macro", zero_division=0)
    assert (report.macro_f1.champion, report.macro_f1.challenger) == (1.0, pytest.approx(expected))


def test_the_bootstrap_interval_is_that_of_resampled_rows():
    """Drawing counts of cells is drawing rows: the intervals agree within Monte-Carlo error."""
    labels, first, second = two_models(300)
    report = compare_classes(labels, first, second)
    rng = np.random.default_rng(1)
    differences = []
    for _ in range(400):
        rows = rng.integers(0, 300, 300)
        scores = [f1_score(labels[rows], each[rows], average="macro") for each in (first, second)]
        differences.append(scores[1] - scores[0])
    low, high = np.quantile(differences, (0.025, 0.975))
    assert (report.macro_f1.interval.low, report.macro_f1.interval.high) == (
        pytest.approx(low, abs=0.012),
        pytest.approx(high, abs=0.012),
    )


def test_the_sentence_can_be_acted_on():
    """Who, how good, on what, by how much, and whether it may be luck; the better one's figures come first."""
    labels, first, second = two_models(2000)
    names = ("churn:1", "churn:2")
    forward = compare_classes(labels, first, second, names=names)
    assert (forward.verdict, forward.better) == (Verdict.INFO, "challenger")
    assert forward.message == (
        "churn:2 is better: accuracy 90.3 % against 85.4 % on the same 2,000 labelled predictions, "
        "+5.0 points (2.9 to 7.0), 1 chance in 500,000 of that by luck."
    )
    back = compare_classes(labels, second, first, names=names)
    assert back.better == "champion"
    assert back.message == forward.message.replace("churn:2", "churn:1")


def test_two_equal_models_are_called_equal_as_often_as_the_level_says():
    """At most 5 % of comparisons of models of the same accuracy name one as better."""
    named = sum(
        compare_classes(*two_models(200, seed=seed, right=(0.9, 0.9))).better is not None for seed in range(200)
    )
    assert named <= 16


def test_no_difference_says_how_many_labels_would_tell():
    """A small gain on few labels is no result, and not the end of it."""
    report = compare_classes(*two_models(200, seed=6, right=(0.86, 0.9)), names=("v1", "v2"))
    assert (report.verdict, report.better) == (Verdict.OK, None)
    assert report.message.startswith("neither is seen to be better: v2 has accuracy ")
    assert f"; about {report.figures.needed:,} would tell." in report.message
    assert report.figures.needed > 200


def test_segments_are_corrected_for_their_number():
    """The challenger is worse in one country alone; small countries are counted, not judged."""
    labels, first, second = two_models(3000, right=(0.9, 0.9))
    country = Categorical(np.arange(3000) % 5, ("NO", "DE", "FR", "IT", "SE"))
    town = Categorical(np.where(np.arange(3000) < 20, 0, -1), ("Bonn",))
    rng = np.random.default_rng(3)
    second = np.where((country.codes == 1) & (rng.random(3000) < 0.15), (labels + 1) % 3, second)
    report = compare_classes(labels, first, second, segments={"country": country, "town": town})
    assert {each.level: each.better for each in report.segments} == {
        "NO": None, "DE": "champion", "FR": None, "IT": None, "SE": None,
    }  # fmt: skip
    assert report.small_segments == 1
    expected = false_discovery_control([each.figures.p_value for each in report.segments])
    assert [each.adjusted_p for each in report.segments] == pytest.approx(expected)
    german = next(each for each in report.segments if each.level == "DE")
    alone = compare_classes(*(each[country.codes == 1] for each in (labels, first, second)))
    assert german.figures == alone.figures


@pytest.mark.parametrize(
    ("n", "labelled", "verdict", "words"),
    [
        (0, 0, Verdict.NO_DATA, "have no prediction in common"),
        (40, 0, Verdict.NO_DATA, "have 40 predictions in common, none of them with a label"),
        (40, 12, Verdict.INSUFFICIENT, "12 labelled predictions of both the champion and the challenger are too few"),
    ],
)
def test_what_cannot_be_compared_is_said(n, labelled, verdict, words):
    """Never raised."""
    labels, first, second = two_models(n)
    labels[labelled:] = -1
    report = compare_classes(labels, first, second, segments={"c": Categorical(np.zeros(n, np.int64), ("x",))})
    assert report.verdict is verdict
    assert words in report.message
    assert report.better is None


def test_a_report_holds_plain_finite_numbers():
    """Also where the two never disagree."""
    labels, first, _ = two_models(50)
    report = compare_classes(labels, first, first)
    figures = asdict(report.figures) | asdict(report.macro_f1)
    assert all(
        type(each) in (int, float) and math.isfinite(each)
        for each in figures.values()
        if each is not None and not isinstance(each, dict)
    )
    assert report.message.endswith("luck does that 100 times in 100.")


def test_a_hundred_thousand_rows_take_a_second():
    """The bootstrap draws cells, not rows."""
    models = two_models(100_000, classes=10)
    start = time.perf_counter()
    compare_classes(*models, segments={"s": Categorical(np.arange(100_000) % 3000, tuple(map(str, range(3000))))})
    assert time.perf_counter() - start < 2
