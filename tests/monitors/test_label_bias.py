"""Whether the labelled rows of a batch are like the others."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, ks_2samp

from driftboard.monitors.label_bias import label_bias
from driftboard.monitors.sample import Categorical, Numeric, Sample

TOWNS = ("Oslo", "Bonn", "Nice")


def batch(n=1_000, *, seed=0, labelled=None):
    """Two numeric features, one with missing values, a categorical one, two classes; a third of the rows labelled."""
    rng = np.random.default_rng(seed)
    features = {
        "amount": Numeric(rng.lognormal(3, 1, n)),
        "age": Numeric(np.where(rng.random(n) < 0.1, np.nan, rng.integers(18, 80, n))),
        "town": Categorical(rng.choice(3, n, p=(0.6, 0.3, 0.1)), TOWNS),
    }
    predicted = rng.choice(2, n).astype(np.float64)
    has_label = rng.random(n) < 1 / 3 if labelled is None else labelled(features, predicted)
    labels = np.where(has_label, predicted, -1.0)
    return Sample(n, features, "classification", ("no", "yes"), predicted, np.empty(0), labels)


def test_a_thousand_random_halves_hardly_ever_warn():
    """Labels that came to rows at random: at most a handful may be called different, and none of them is."""
    warned = sum(label_bias(batch(300, seed=seed)).warns for seed in range(1_000))
    assert warned <= 2


def test_without_the_floor_the_rate_of_false_alarms_is_that_asked_for():
    """Evidence alone at 5 % on 1,000 random splits: no more than 5 % and some luck, and not next to nothing."""
    warned = sum(label_bias(batch(300, seed=seed), alpha=0.05, floor=0.0).warns for seed in range(1_000))
    assert 10 <= warned <= 70


def test_labels_of_large_amounts_first_are_noticed():
    """The distance and its p-value are SciPy's, the sentence names the feature and who is not spoken for."""
    sample = batch(labelled=lambda features, _: features["amount"].values > 25)
    bias = label_bias(sample)
    (worst, *_) = bias.differences
    amount = sample.features["amount"].values
    theirs = ks_2samp(amount[sample.labels >= 0], amount[sample.labels < 0])
    assert (worst.name, worst.measure, worst.statistic) == ("amount", "KS", theirs.statistic)
    assert bias.n_labelled + bias.n_unlabelled == 1_000
    assert bias.message == (
        "labelled rows are not like the others: `amount` KS 1.00 (p < 1e-12): "
        f"the score may not hold for the {bias.n_unlabelled:,} others"
    )


def test_a_partial_shift_has_scipys_distance_and_p_value():
    """A feature with ties, of which larger values are labelled more often."""
    rng = np.random.default_rng(1)
    size = rng.integers(0, 30, 1_500).astype(np.float64)
    labels = np.where(rng.random(1_500) < 0.2 + 0.4 * (size > 12), 1.0, np.nan)
    sample = Sample(1_500, {"size": Numeric(size)}, "regression", predicted=np.zeros(1_500), labels=labels)
    (found,) = label_bias(sample).differences
    theirs = ks_2samp(size[~np.isnan(labels)], size[np.isnan(labels)], method="asymp")
    assert found.statistic == pytest.approx(theirs.statistic, abs=1e-12)
    assert np.log10(found.p_value) == pytest.approx(np.log10(theirs.pvalue), rel=0.05)


def test_labels_of_one_town_are_noticed():
    """Levels are compared by chi-square, as SciPy computes it, and by total variation."""
    rng = np.random.default_rng(0)
    often = np.array([0.2, 0.7, 0.2])
    sample = batch(labelled=lambda features, _: rng.random(1_000) < often[features["town"].codes])
    (found,) = label_bias(sample).differences
    codes, labelled = sample.features["town"].codes, sample.labels >= 0
    table = np.array([np.bincount(codes[side], minlength=3) for side in (labelled, ~labelled)])
    assert found.p_value == pytest.approx(chi2_contingency(table, correction=False).pvalue, rel=1e-9)
    shares = table / table.sum(axis=1, keepdims=True)
    assert found.statistic == pytest.approx(np.abs(shares[0] - shares[1]).sum() / 2)
    assert (found.name, found.of, found.measure) == ("town", "feature", "TV")


def test_labels_of_one_predicted_class_are_noticed():
    """Only what was refused comes back: the prediction differs, though no input does."""
    rng = np.random.default_rng(0)
    sample = batch(labelled=lambda _, predicted: rng.random(1_000) < 0.1 + 0.5 * predicted)
    bias = label_bias(sample)
    assert [(each.name, each.of) for each in bias.differences] == [("predicted", "prediction")]
    assert "the prediction TV" in bias.message


def test_a_value_missing_where_the_label_is_missing_is_noticed():
    """A missing value counts as a value: rows with an age are not rows without one."""
    bias = label_bias(batch(4_000, labelled=lambda features, _: np.isnan(features["age"].values)))
    assert bias.differences[0].name == "age"
    codes = np.where(np.arange(400) < 200, -1, 0)
    labels = np.where(np.arange(400) < 200, 1.0, np.nan)
    sample = Sample(400, {"town": Categorical(codes, TOWNS)}, "regression", predicted=np.zeros(400), labels=labels)
    assert label_bias(sample).differences[0].statistic == 1.0


@pytest.mark.parametrize("labelled", [0, 49, 951, 1_000])
def test_too_few_rows_on_either_side_say_nothing(labelled):
    """Nothing is compared below 50."""
    assert label_bias(batch(labelled=lambda *_: np.arange(1_000) < labelled)) is None


def test_failed_requests_are_on_neither_side():
    """They never get a label, and their inputs are often odd: that is not a bias of the labels."""
    sample = batch()
    predicted = np.where(np.arange(1_000) < 300, -1.0, sample.predicted)
    amount = np.where(np.arange(1_000) < 300, 1e9, sample.features["amount"].values)
    labels = np.where(predicted < 0, -1.0, sample.labels)
    failed = Sample(1_000, {"amount": Numeric(amount)}, "classification", ("no", "yes"), predicted, labels=labels)
    bias = label_bias(failed)
    assert bias.n_labelled + bias.n_unlabelled == 700
    assert not bias.warns
    assert bias.message == "labelled rows are like the others in 2 columns"


def test_the_rows_drawn_of_a_large_batch_are_always_the_same():
    """The same report twice, and a batch of 50 features and 200,000 rows takes well under a second."""
    rng = np.random.default_rng(0)
    features = {f"f{i}": Numeric(rng.normal(size=200_000)) for i in range(50)}
    labels = np.where(rng.random(200_000) < 0.3, 1.0, np.nan)
    sample = Sample(200_000, features, "regression", predicted=rng.normal(size=200_000), labels=labels)
    started = time.perf_counter()
    first = label_bias(sample, floor=0.0, alpha=1.0)
    assert time.perf_counter() - started < 2
    assert first == label_bias(sample, floor=0.0, alpha=1.0)
    assert (first.n_labelled + first.n_unlabelled, first.n_tests) == (200_000, 51)


@given(
    st.integers(100, 300),
    st.lists(st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1.0, 1e308]), min_size=1, max_size=5),
    st.integers(0, 99),
)
def test_no_value_makes_it_raise_or_report_nan(n, values, seed):
    """Constant, infinite, missing columns; codes beyond the levels: finite statistics and p-values."""
    rng = np.random.default_rng(seed)
    features = {"x": Numeric(rng.choice(values, n)), "y": Categorical(rng.integers(-1, 9, n), TOWNS)}
    labels = np.where(np.arange(n) % 2 == 0, rng.choice(values, n), np.nan)
    bias = label_bias(
        Sample(n, features, "regression", predicted=rng.choice(values, n), labels=labels), floor=0.0, alpha=9.0
    )
    for each in bias.differences if bias else ():
        assert 0 <= each.statistic <= 1
        assert 0 <= each.p_value <= 1
