"""Whatever arrives: no exception, no warning, no NaN in a report, and never `ok` where nothing could be compared."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftboard.monitors import (
    CalibratedPolicy,
    Categorical,
    ClassicPolicy,
    Detector,
    MultivariateMonitor,
    Numeric,
    Sample,
    Verdict,
    profile_from_bytes,
    profile_to_bytes,
    report_from_json,
    report_to_json,
    sequential_report,
)
from driftboard.monitors.label_bias import label_bias
from tests.monitors.degenerate_samples import BY_CASE, healthy, healthy_values

ROWS, REFERENCE_ROWS = 130, 520
LEAST_VALUES, LEAST_LABELS = 20, 30
PLAIN = {str, int, float, bool, type(None), Verdict}
POLICIES = (CalibratedPolicy(), ClassicPolicy())


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: type(policy).__name__)
@pytest.mark.parametrize("case", BY_CASE)
def test_an_odd_batch_is_judged(case, policy):
    """A sound reference meets any batch, alone and after healthy ones."""
    sound = healthy_values if case.startswith("values") else healthy
    batch = BY_CASE[case](ROWS)
    detector = Detector(sound(REFERENCE_ROWS), policy)
    _check(sound(REFERENCE_ROWS), batch, detector.update(batch).reports)
    detector.update(sound(ROWS, seed=1))
    _check(None, batch, detector.update(batch).reports)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: type(policy).__name__)
@pytest.mark.parametrize("case", BY_CASE)
def test_an_odd_reference_is_judged_by(case, policy):
    """Any reference meets a sound batch, and its own like."""
    reference = BY_CASE[case](REFERENCE_ROWS)
    sound = (healthy_values if case.startswith("values") else healthy)(ROWS)
    detector = Detector(reference, policy)
    _check(reference, sound, detector.update(sound).reports)
    odd = BY_CASE[case](ROWS)
    _check(None, odd, detector.update(odd).reports)
    _check(reference, odd, detector.judge([detector.profile(odd, "odd")]).reports)


@pytest.mark.parametrize("case", BY_CASE)
def test_odd_samples_beside_the_detector(case):
    """All features together, the errors in their order and the bias of labels have an answer as well."""
    sound, odd = healthy(REFERENCE_ROWS), BY_CASE[case](ROWS)
    for reference, batch in ((sound, odd), (BY_CASE[case](REFERENCE_ROWS), healthy(ROWS)), (odd, odd)):
        report = MultivariateMonitor(reference).report(batch)
        _check_report("multivariate", report)
        assert report.verdict != "ok" or not _nothing_to_compare(reference, batch, "feature", least=1)
    errors = Detector(sound).profile(odd).errors
    _check_report("sequential", sequential_report([*errors, *errors], ["a", "b"], task="regression"))
    bias = label_bias(odd)
    assert bias is None or {type(value) for value in _values(dataclasses.asdict(bias))} <= PLAIN


ANY = st.lists(st.sampled_from([np.nan, np.inf, -np.inf, -1.0, 0.0, 1.0, 2.0, 5.5, 1e308]), min_size=60, max_size=60)


@settings(max_examples=30)
@given(st.sampled_from(["classification", "regression"]), ANY, ANY, ANY, st.booleans())
def test_any_values_are_judged(task, predicted, labels, values, as_reference):
    """Arrays of anything a float can be, on either side of the comparison."""
    numbers = [np.array(each) for each in (predicted, values, labels)]
    levels = np.clip(np.nan_to_num(numbers[1]), -1, 5).astype(np.int64)
    features = {"temp": Numeric(numbers[1]), "town": Categorical(levels, ("Oslo", "Bonn"))}
    odd = Sample(60, features, task, ("no", "yes"), *numbers)
    sound = (healthy if task == "classification" else healthy_values)(REFERENCE_ROWS)
    reference, batch = (odd, sound) if as_reference else (sound, odd)
    _check(reference, batch, Detector(reference).update(batch).reports)


@pytest.mark.parametrize("sound", [healthy, healthy_values])
def test_a_healthy_batch_is_ok(sound):
    """The table above would be worth little if nothing ever were."""
    detector = Detector(sound(REFERENCE_ROWS))
    reports = detector.update(sound(ROWS)).reports
    assert {name: str(report.verdict) for name, report in reports.items()} == dict.fromkeys(reports, "ok")


@pytest.mark.parametrize("case", BY_CASE)
def test_odd_profiles_survive_being_stored(case):
    """What the store keeps of any batch gives the same reports as the fresh one."""
    detector, odd = Detector(healthy(REFERENCE_ROWS)), BY_CASE[case](ROWS)
    profile = detector.profile(odd, "odd")
    stored = profile_from_bytes(profile_to_bytes(profile))
    fresh, again = detector.judge([profile]).reports, detector.judge([stored]).reports
    for name, report in fresh.items():
        assert report_to_json(name, again[name]) == report_to_json(name, report)


def _check(reference, batch, reports):
    for name, report in reports.items():
        _check_report(name, report)
        if reference is not None and _nothing_to_compare(reference, batch, name):
            assert report.verdict != "ok", (name, report.message)


def _check_report(name, report):
    values = list(_values(dataclasses.asdict(report)))
    assert {type(value) for value in values} <= PLAIN
    assert all(math.isfinite(value) for value in values if isinstance(value, float))
    text = report_to_json(name, report)
    assert report_to_json(name, report_from_json(name, text)) == text
    assert report.message.endswith(".")
    for part in report.features if name in ("feature", "quality") else ():
        assert part.message.endswith(".")


def _values(value):
    if isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _values(each)
    else:
        yield value


def _nothing_to_compare(reference, batch, monitor, *, least=LEAST_VALUES):
    """Whether the two have too little in common for this monitor, counted without any of its code."""
    if monitor == "quality":
        return reference.n == 0 or batch.n == 0 or not (reference.features or batch.features)
    if monitor == "performance":
        return min(_labelled(reference), _labelled(batch)) < LEAST_LABELS or reference.task != batch.task
    if monitor == "prediction":
        return min(_predicted(reference), _predicted(batch)) < least or reference.task != batch.task
    if monitor == "feature":
        both = reference.features.keys() & batch.features.keys()
        return not any(_comparable(reference.features[name], batch.features[name], least) for name in both)
    return monitor == "relations" and min(reference.n, batch.n) < least


def _comparable(first, second, least):
    return type(first) is type(second) and min(_present(first), _present(second)) >= least


def _present(column):
    return int(np.sum(~np.isnan(column.values)) if isinstance(column, Numeric) else np.sum(column.codes >= 0))


def _predicted(sample):
    known = ~np.isnan(sample.predicted) & ((sample.predicted >= 0) | (sample.task == "regression"))
    return int(known.sum())


def _labelled(sample):
    if not sample.labels.size or not sample.predicted.size:
        return 0
    if sample.task == "regression":
        return int(np.sum(np.isfinite(sample.labels) & np.isfinite(sample.predicted)))
    return int(np.sum((sample.labels >= 0) & (sample.predicted >= 0)))
