"""Whatever arrives: no exception, no NaN in a report, and never `ok` where data is absent or broken."""

import dataclasses
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftboard.monitors import (
    Categorical,
    FeatureMonitor,
    Numeric,
    PerformanceMonitor,
    PredictionMonitor,
    Sample,
    report_from_json,
    report_to_json,
)

MONITORS = {"feature": FeatureMonitor, "prediction": PredictionMonitor, "performance": PerformanceMonitor}
TOWNS = ("Oslo", "Bonn")


def _sample(task="classification", n=200, features=None):
    rng = np.random.default_rng(n)
    healthy = {"temp": Numeric(rng.normal(size=n)), "town": Categorical(rng.integers(0, 2, n), TOWNS)}
    codes = rng.integers(0, 2, n).astype(np.float64)
    predicted = codes if task == "classification" else rng.normal(size=n)
    classes = ("no", "yes") if task == "classification" else ()
    labels = np.where(rng.random(n) < 0.9, predicted, 1 - predicted)
    chosen = healthy if features is None else features
    return Sample(n, chosen, task, classes, predicted, rng.uniform(0.5, 1, n), labels)


def _filled(value, task):
    full, n = np.full(200, value), 200
    codes = np.full(200, -1)
    features = {"temp": Numeric(full), "town": Categorical(codes, TOWNS)}
    return Sample(n, features, task, ("no", "yes") if task == "classification" else (), full, full, full)


def _batches(task):
    healthy = _sample(task)
    temp, town = healthy.features["temp"], healthy.features["town"]
    return {
        "empty": Sample(0, task=task),
        "empty with columns": _sample(task, n=0),
        "no columns at all": Sample(200, task=task),
        "one row": _sample(task, n=1),
        "all NaN": _filled(np.nan, task),
        "all inf": _filled(np.inf, task),
        "all -inf": _filled(-np.inf, task),
        "all huge": _filled(1.7e308, task),
        "missing feature": replace(healthy, features={"town": town}, labels=np.empty(0), predicted=np.empty(0)),
        "swapped columns": replace(
            healthy, features={"temp": town, "town": temp}, labels=np.empty(0), predicted=np.full(200, -1.0)
        ),
        "another task": _sample("regression" if task == "classification" else "classification", features={}),
    }


def _odd_but_sound(task):
    healthy = _sample(task)
    return {
        "constant": replace(healthy, features={**healthy.features, "temp": Numeric(np.zeros(200))}),
        "all equal": replace(healthy, predicted=np.zeros(200), labels=np.zeros(200), confidence=np.ones(200)),
        "class never seen": replace(healthy, classes=("no", "maybe", "{yes}"), predicted=np.full(200, 2.0)),
        "class beyond the list": replace(healthy, predicted=np.full(200, 99.0), labels=np.full(200, 98.0)),
        "no classes": replace(healthy, classes=()),
        "extra feature": replace(healthy, features={**healthy.features, "%s{0}\n": Numeric(np.zeros(200))}),
        "codes beyond the levels": replace(healthy, features={"town": Categorical(np.full(200, 9), TOWNS)}),
        "confidence beyond one": replace(healthy, confidence=np.full(200, 7.0)),
    }


def _numbers(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [number for each in value for number in _numbers(each)]
    return [value] if isinstance(value, float) else []


def _check(name, report):
    assert all(math.isfinite(number) for number in _numbers(dataclasses.asdict(report)))
    assert report_from_json(name, report_to_json(name, report)) == report
    assert report.message.endswith(".")
    for part in getattr(report, "features", ()):
        assert part.message.endswith(".")


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("name", MONITORS)
@pytest.mark.parametrize("case", _batches("classification"))
def test_absent_or_broken_data_is_never_ok(name, case, task):
    """Every monitor answers with a verdict that is not ok."""
    reference = _sample(task, n=1_000)
    if case == "another task" and name == "feature":
        pytest.skip("features have no task")
    report = MONITORS[name](reference).report(_batches(task)[case])
    _check(name, report)
    if not (case == "all huge" and name == "performance"):  # every label predicted right
        assert report.verdict != "ok"


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("name", MONITORS)
@pytest.mark.parametrize("case", _odd_but_sound("classification"))
def test_odd_data_gives_a_report(name, case, task):
    """No exception and no NaN."""
    _check(name, MONITORS[name](_sample(task, n=1_000)).report(_odd_but_sound(task)[case]))


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("name", MONITORS)
@pytest.mark.parametrize("case", _batches("classification") | _odd_but_sound("classification"))
def test_an_odd_reference_gives_a_report(name, case, task):
    """A reference may be as broken as a batch; one without rows is never ok."""
    reference = (_batches(task) | _odd_but_sound(task))[case]
    report = MONITORS[name](reference).report(_sample(task))
    _check(name, report)
    if case in {"empty", "empty with columns", "no columns at all", "one row", "all NaN"}:
        assert report.verdict != "ok"


ARRAYS = st.lists(st.sampled_from([np.nan, np.inf, -np.inf, -1.0, 0.0, 1.0, 2.0, 5.5, 1e308]), min_size=60, max_size=60)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["classification", "regression"]), ARRAYS, ARRAYS, ARRAYS, st.booleans())
def test_any_values_give_a_report(task, predicted, labels, values, as_reference):
    """Arrays of anything a float can be, on either side of the comparison."""
    numbers = [np.array(each) for each in (predicted, values, labels)]
    levels = np.clip(np.nan_to_num(numbers[1]), -1, 5).astype(np.int64)
    features = {"temp": Numeric(numbers[1]), "town": Categorical(levels, TOWNS)}
    odd = Sample(60, features, task, ("no", "yes"), *numbers)
    for name, monitor in MONITORS.items():
        reference, batch = (odd, _sample(task)) if as_reference else (_sample(task, n=300), odd)
        _check(name, monitor(reference).report(batch))


@pytest.mark.parametrize("name", MONITORS)
def test_a_healthy_batch_is_ok(name):
    """The table above would be worth little if nothing ever were."""
    assert MONITORS[name](_sample(n=1_000)).report(_sample()).verdict == "ok"


@pytest.mark.parametrize("name", MONITORS)
def test_monitors_read_only(name):
    """A sample is not changed by being looked at: its arrays may be shared and read-only."""
    sample = _sample()
    arrays = (sample.predicted, sample.labels, sample.confidence)
    for array in (*arrays, sample.features["temp"].values, sample.features["town"].codes):
        array.flags.writeable = False
    assert MONITORS[name](sample).report(sample).verdict == "ok"
