"""The gate: what each finding is worth."""

from dataclasses import replace
from typing import get_args

import pytest

from driftboard.alerts.gate import gate
from driftboard.alerts.rules import RULES
from driftboard.monitors.finding import Evidence, Finding, Kind
from driftboard.monitors.report import Report
from driftboard.monitors.verdict import Verdict
from tests.alerts.batches import quality, relations
from tests.alerts.fakes import features, finding, performance, predictions
from tests.alerts.incidents import alert_settings

SEVERITY = {"critical": "critical", "warning": "warning", "invalid": "warning", "info": "info"}
INFORMATION = ("note", "multivariate", "sequential")
KINDS = [kind for kind in get_args(Kind) if kind not in INFORMATION]
REPORTS = {
    "feature": features,
    "relations": relations,
    "quality": quality,
    "prediction": predictions,
    "performance": performance,
}
EVIDENCE = Evidence(1, "b1", 1000, 5000, 1e-6, 1e-3, 0.3, "PSI", 0.1, 0.2)


def read(*reports: Report, **settings: object):
    """Readings by rule."""
    return {each.rule: each for each in gate(reports, alert_settings(**settings))}


def told(kind, *findings: Finding, **changes: object):
    """The reading of a kind from its own monitor's report."""
    return read(REPORTS[RULES[kind].monitor](*findings, **changes))[kind]


def test_every_kind_but_information_has_a_rule():
    """A18: no finding a monitor can make is without a way to somebody, and no rule is without a kind."""
    assert {name for name, rule in RULES.items() if rule.monitor} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verdict", Verdict)
def test_a_finding_is_worth_its_verdict(kind, verdict):
    """Critical pages, warning and invalid warn, info is kept, never above what the rule allows; nothing else is bad."""
    seen = told(kind, finding(kind, verdict, "age"), finding("performance_decay", Verdict.OK)).seen
    worth = SEVERITY.get(verdict)
    expected = (
        {} if worth is None else {"age": min(worth, RULES[kind].at_most, key=["info", "warning", "critical"].index)}
    )
    assert {subject: each.severity for subject, each in seen.items()} == expected


@pytest.mark.parametrize("kind", INFORMATION)
def test_information_has_no_reading(kind):
    """It is for those who look at the dashboard, whatever its verdict."""
    assert not any(each.seen for each in read(performance(finding(kind, Verdict.CRITICAL))).values())


def test_a_monitor_that_said_nothing_has_no_readings():
    """What is missing from the reports is neither bad nor clear."""
    assert {RULES[name].monitor for name in read(features(), quality())} == {"feature", "quality"}


@pytest.mark.parametrize("verdict", [Verdict.INSUFFICIENT, Verdict.NO_DATA])
@pytest.mark.parametrize("kind", ["feature_drift", "relation_change", "missing_values", "label_shift", "recall_decay"])
def test_a_report_that_could_not_tell_is_not_judged(kind, verdict):
    """Too little data is not all clear."""
    held = finding("note", verdict), finding("performance_decay", verdict)
    assert not told(kind, *held, verdict=verdict).judged
    assert told(kind, finding("performance_decay", Verdict.OK)).judged


def test_one_sparse_feature_is_left_out_and_the_others_are_judged():
    """A feature with too few values is neither bad nor clear."""
    sparse, bad = finding("feature_drift", Verdict.INSUFFICIENT, "a"), finding("feature_drift", Verdict.CRITICAL, "b")
    reading = told("feature_drift", sparse, bad)
    assert (reading.judged, set(reading.seen), reading.blank) == (True, {"b"}, {"a"})


def test_the_mix_that_cannot_be_told_does_not_clear_the_confidence():
    """A finding about the whole model says of its own rule only that it could not tell."""
    readings = read(predictions(finding("label_shift", Verdict.INSUFFICIENT), finding("confidence_shift", Verdict.OK)))
    assert (readings["label_shift"].judged, readings["confidence_shift"].judged) == (False, True)


def test_what_labels_tell_waits_for_them():
    """A provisional performance has no reading, but for the estimate; nor has one whose labels are all to come."""
    decay, estimated = finding("performance_decay", Verdict.CRITICAL), finding("estimated_decay", Verdict.WARNING)
    assert set(read(performance(decay, estimated, provisional=True))) == {"estimated_decay"}
    assert set(read(performance(verdict=Verdict.NO_DATA))) == {"estimated_decay"}
    assert set(read(performance(decay))["performance_decay"].seen) == {""}
    assert not read(performance(verdict=Verdict.INSUFFICIENT))["performance_decay"].judged


def test_a_small_batch_does_not_clear_the_estimate():
    """Fewer than a thousand predictions are not estimated."""
    small, large = (replace(performance(finding("performance_decay", Verdict.OK)), n=n) for n in (999, 1000))
    assert not read(small)["estimated_decay"].judged
    assert read(large)["estimated_decay"].judged


def test_biased_labels_do_not_make_too_few_labels_enough():
    """A warning about who is labelled says nothing of the performance."""
    readings = read(performance(finding("label_bias", Verdict.WARNING), verdict=Verdict.WARNING))
    assert readings["label_bias"].seen
    assert not readings["performance_decay"].judged


def test_predictions_that_cannot_be_used_break_the_schema():
    """A18: a report that is invalid and has no finding that says so is told all the same, and clears nothing."""
    report = replace(predictions(verdict=Verdict.INVALID), message="none of 9 requests has a prediction.")
    readings = read(report)
    assert readings["schema"].seen[""].message == "none of 9 requests has a prediction."
    assert not readings["label_shift"].judged
    classic = read(predictions(finding("schema", Verdict.INVALID), verdict=Verdict.INVALID))
    assert classic["schema"].seen[""].message == "the monitor's clause."


def test_severity_does_not_come_from_words():
    """A20: a feature called critical decay_rate stays a warning."""
    reading = told("feature_drift", finding("feature_drift", Verdict.WARNING, "critical decay_rate"))
    assert reading.seen["critical decay_rate"].severity == "warning"


def test_the_policy_caps_and_switches_off():
    """A rule is at most what the configuration says, and has no reading when it is off."""
    bad = features(finding("feature_drift", Verdict.CRITICAL, "age"))
    capped = read(bad, rules={"feature_drift": {"severity": "warning"}})
    assert capped["feature_drift"].seen["age"].severity == "warning"
    assert "feature_drift" not in read(bad, rules={"feature_drift": {"enabled": False}})


def test_of_two_findings_on_one_subject_the_graver_counts_then_the_larger():
    """Values below the range and above it are one problem."""

    def risen(verdict, text, effect):
        return Finding(verdict, text, "out_of_range", "age", replace(EVIDENCE, effect=effect))

    large, grave, small = (
        risen(Verdict.WARNING, "large", 0.9),
        risen(Verdict.CRITICAL, "grave", 0.3),
        risen(Verdict.CRITICAL, "small", 0.2),
    )
    seen = told("out_of_range", large, small, grave).seen["age"]
    assert (seen.message, seen.weight) == ("grave.", pytest.approx(1.5))


def test_the_weight_is_the_effect_as_a_multiple_of_a_page():
    """Without evidence, or without a floor, it is 0."""
    none = told("feature_drift", finding("feature_drift", Verdict.CRITICAL, "age")).seen["age"]
    floorless = Finding(Verdict.CRITICAL, "x", "feature_drift", "age", replace(EVIDENCE, page_floor=0.0))
    assert (none.weight, told("feature_drift", floorless).seen["age"].weight) == (0.0, 0.0)
