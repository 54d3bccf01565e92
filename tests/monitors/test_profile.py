"""Profiles add up, and figures of a sum are those of the rows together."""

from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from driftboard.monitors import Categorical, Detector, profile_from_bytes, profile_to_bytes, report_to_json
from driftboard.monitors.baseline import Baseline, row_slice
from driftboard.monitors.class_figures import class_figures
from driftboard.monitors.classes import recode
from tests.monitors.degenerate_samples import healthy, healthy_values

NOT_ADDITIVE = {"ks", "duplicates"}


def _odd(maker, n, seed):
    """A sample with missing values, unknown levels and outliers."""
    sample, rng = maker(n, seed=seed), np.random.default_rng(seed)
    features = dict(sample.features)
    features["temp"].values[rng.random(n) < 0.1] = np.nan
    features["load"].values[rng.random(n) < 0.05] = np.inf
    features["town"] = Categorical(rng.integers(-1, 5, n), ("Bonn", "Rome", "Oslo", "Nice"))
    sample.labels[rng.random(n) < 0.2] = np.nan
    sample.predicted[rng.random(n) < 0.05] = np.nan
    return replace(sample, features={**features, "extra": features["temp"]})


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("maker", [healthy, healthy_values])
def test_the_profile_of_two_batches_is_that_of_their_rows_together(maker, stored):
    """Every additive field, at random splits; whether the parts were stored meanwhile or not."""
    baseline, rng = Baseline(maker(600)), np.random.default_rng(0)
    for seed in range(12):
        whole = _odd(maker, 150, seed)
        rows = np.arange(150)
        cut = int(rng.integers(0, 151))
        parts = [baseline.profile(row_slice(whole, each), "part") for each in (rows[:cut], rows[cut:])]
        if stored:
            parts = [profile_from_bytes(profile_to_bytes(each)) for each in parts]
        _check(parts[0] + parts[1], baseline.profile(whole, "whole"), "profile")


def _check(added, whole, name):
    if is_dataclass(added):
        for field in fields(added):
            if field.name not in NOT_ADDITIVE | {"names", "errors"}:
                _check(getattr(added, field.name), getattr(whole, field.name), f"{name}.{field.name}")
    elif isinstance(added, tuple) and added and is_dataclass(added[0]):
        for first, second in zip(added, whole, strict=True):
            _check(first, second, name)
    elif isinstance(added, np.ndarray) and added.dtype.kind == "i":
        assert added.tolist() == whole.tolist(), name
    elif isinstance(added, np.ndarray | float):
        assert added == pytest.approx(whole, rel=2e-6, abs=2e-4, nan_ok=True), name
    else:
        assert added == whole, name


def test_errors_keep_their_batches_and_order():
    """The sequential monitor sees one array a batch, oldest first."""
    baseline = Baseline(healthy(600))
    first, second = (baseline.profile(healthy(60, seed=seed), str(seed)) for seed in (1, 2))
    both = first + second
    assert both.names == ("1", "2")
    assert [each.tolist() for each in both.errors] == [first.errors[0].tolist(), second.errors[0].tolist()]


def test_figures_of_a_sum_are_scikit_learns_on_the_rows_together():
    """Accuracy, macro F1 and ECE over four batches, one of which has the classes in another order."""
    baseline, batches = Baseline(healthy(600)), [healthy(80, seed=seed) for seed in range(4)]
    turned = batches[3]
    batches[3] = replace(turned, classes=("yes", "no"), predicted=1 - turned.predicted, labels=1 - turned.labels)
    total = baseline.profile(batches[0], "0")
    for batch in batches[1:]:
        total = total + baseline.profile(batch, "later")
    figures = class_figures(total.outcomes)
    names = ("no", "yes")
    labels, predicted = (
        np.concatenate([recode(getattr(each, what), each.classes, names) for each in batches])
        for what in ("labels", "predicted")
    )
    confidence = np.concatenate([each.confidence for each in batches])
    assert figures.accuracy == pytest.approx(accuracy_score(labels, predicted))
    assert figures.macro_f1 == pytest.approx(f1_score(labels, predicted, average="macro"))
    assert figures.ece == pytest.approx(_textbook_error(confidence, labels == predicted))


def _textbook_error(confidence, right):
    """Expected calibration error over ten bins, row by row."""
    bins = np.ceil(confidence * 10) - 1
    gaps = [abs(right[bins == each].mean() - confidence[bins == each].mean()) for each in np.unique(bins)]
    shares = [np.mean(bins == each) for each in np.unique(bins)]
    return float(np.dot(gaps, shares))


@pytest.mark.parametrize("maker", [healthy, healthy_values])
def test_stored_profiles_are_judged_like_fresh_ones(maker):
    """Reports from the store are the same to the last byte, whatever the order in which they are made."""
    detector = Detector(maker(600))
    fresh = [detector.profile(_odd(maker, 150, seed), str(seed)) for seed in range(6)]
    stored = [profile_from_bytes(profile_to_bytes(each)) for each in fresh]
    again = Detector(maker(600))
    for end in range(1, 7):
        for name, report in detector.judge(fresh[:end]).reports.items():
            other = again.judge(stored[:end]).reports[name]
            assert report_to_json(name, other) == report_to_json(name, report)
