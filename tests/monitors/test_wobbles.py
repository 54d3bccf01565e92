"""The wobble of every kind of test."""

from dataclasses import fields, replace

import numpy as np

from driftboard.monitors import Categorical, Numeric, Sample
from driftboard.monitors.baseline import Baseline, numeric_columns, row_slice
from driftboard.monitors.extremes import extreme_share
from driftboard.monitors.wobble import Wobble
from driftboard.monitors.wobbles import Wobbles, error_counts, measure_wobbles, recall_counts
from tests.monitors.degenerate_samples import healthy, healthy_values
from tests.monitors.samples import TOWNS, classified

DAYS, ROWS = 20, 150


def _measured(sample, *, days=DAYS):
    baseline = Baseline(sample)
    pieces = np.array_split(np.arange(sample.n), days)
    own = [baseline.profile(row_slice(sample, each), "") for each in pieces]
    return measure_wobbles(baseline, own, extreme_share(numeric_columns(sample), pieces))


def _wobbling(wobbles):
    """The names of the kinds in which some subject wobbles."""
    found = ((each.name, getattr(wobbles, each.name)) for each in fields(wobbles))
    return {name for name, wobble in found if isinstance(wobble, Wobble) and wobble.wobbles.any()}


def test_independent_rows_wobble_in_hardly_anything():
    """Of any task: two deviations are exceeded by luck once in fifty subjects or so."""
    for maker in (healthy, healthy_values):
        measured = _measured(maker(DAYS * ROWS))
        wobbles = [getattr(measured, each.name) for each in fields(Wobbles)]
        assert sum(int(each.wobbles.sum()) for each in wobbles if isinstance(each, Wobble)) <= 2


def test_each_kind_of_day_shows_where_it_belongs():
    """Days that differ in a number, a town, missing values, errors, confidence: each in its own tests."""
    rng = np.random.default_rng(0)
    sample, day = classified(DAYS * ROWS), np.repeat(np.arange(DAYS), ROWS)
    temp = sample.features["temp"].values + 5 * rng.normal(size=DAYS)[day]
    temp[rng.random(temp.size) < rng.uniform(0, 0.4, DAYS)[day]] = np.nan
    town = np.where(rng.random(temp.size) < rng.uniform(0, 0.6, DAYS)[day], 2, sample.features["town"].codes)
    wrong = rng.random(temp.size) < rng.uniform(0, 0.5, DAYS)[day]
    days = replace(
        sample,
        features={**sample.features, "temp": Numeric(temp), "town": Categorical(town, TOWNS)},
        labels=np.where(wrong, (sample.predicted + 1) % 3, sample.predicted),
        confidence=np.clip(sample.confidence - 0.2 * rng.random(DAYS)[day], 0, 1),
    )
    found = _wobbling(_measured(days))
    assert {"inputs", "levels", "missing_inputs", "errors", "recalls", "outputs"} <= found
    assert "predicted" not in found


def test_seven_batches_tell_nothing():
    """Whatever they hold."""
    sorted_rows = Sample(1_000, {"x": Numeric(np.arange(1_000.0))})
    assert _wobbling(_measured(sorted_rows, days=7)) == set()
    assert _wobbling(_measured(sorted_rows, days=8)) == {"inputs"}


def test_errors_and_misses_are_counted():
    """Of each profile; none for regression."""
    sample = classified(400)
    profile = Baseline(sample).profile(sample, "x")
    errors, labels = error_counts([profile, profile])
    assert errors[:, 0].tolist() == [int((sample.labels != sample.predicted).sum())] * 2
    assert labels[:, 0].tolist() == [400, 400]
    misses, support = recall_counts([profile], 3)
    assert (misses.sum(), support.sum()) == (errors[0, 0], 400)
    values = healthy_values(50)
    assert error_counts([Baseline(values).profile(values, "x")])[1].sum() == 0
