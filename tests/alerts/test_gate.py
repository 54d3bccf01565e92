"""The gate: what each finding is worth."""

import pytest

from driftboard.alerts.gate import gate
from driftboard.alerts.rules import RULES
from driftboard.monitors.report import Verdict
from tests.alerts.fakes import a_test, feature, features, performance, predictions

CRITICAL, WARNING, INVALID = Verdict.CRITICAL, Verdict.WARNING, Verdict.INVALID

TABLE = [
    ("psi and ks", features(feature(psi=0.3, ks=True)), [("feature_drift", "age", "critical")]),
    ("psi and chi-square", features(feature(psi=0.3, chi_square=True)), [("feature_drift", "age", "critical")]),
    ("psi alone", features(feature(psi=0.3, ks=False)), [("feature_drift_unconfirmed", "age", "warning")]),
    ("psi, no test", features(feature(psi=0.3)), [("feature_drift_unconfirmed", "age", "warning")]),
    ("psi at the limit", features(feature(psi=0.2, ks=True)), [("feature_drift", "age", "critical")]),
    (
        "middling psi",
        features(feature("age", WARNING, psi=0.15, ks=True)),
        [("feature_drift_unconfirmed", "age", "warning")],
    ),
    (
        "ks alone",
        features(feature("age", WARNING, psi=0.01, ks=True)),
        [("feature_drift_unconfirmed", "age", "warning")],
    ),
    ("missing", features(feature("age", WARNING, psi=0.0, missing=0.2)), [("missing_values", "age", "warning")]),
    (
        "missing and drift",
        features(feature(psi=0.3, ks=True, missing=0.2)),
        [("feature_drift", "age", "critical"), ("missing_values", "age", "warning")],
    ),
    ("gone", features(feature("age", INVALID)), [("schema", "age", "warning")]),
    ("unknown features", features(unexpected=("new", "newer")), [("schema", "", "info")]),
    ("label shift", predictions(WARNING, chi_square=a_test(rejects=True)), [("label_shift", "", "warning")]),
    (
        "label shift stays a warning",
        predictions(CRITICAL, chi_square=a_test(rejects=True)),
        [("label_shift", "", "warning")],
    ),
    ("value shift", predictions(WARNING, value_ks=a_test(rejects=True)), [("label_shift", "", "warning")]),
    ("confidence", predictions(WARNING, confidence_ks=a_test(rejects=True)), [("confidence_shift", "", "warning")]),
    (
        "both",
        predictions(WARNING, chi_square=a_test(rejects=True), confidence_ks=a_test(rejects=True)),
        [("label_shift", "", "warning"), ("confidence_shift", "", "warning")],
    ),
    (
        "too few values for the index",
        features(feature("age", WARNING, psi=0.9, ks=True, missing=0.9)),
        [("feature_drift_unconfirmed", "age", "warning"), ("missing_values", "age", "warning")],
    ),
    (
        "confidence by a hair",
        predictions(
            WARNING,
            chi_square=a_test(rejects=True),
            confidence_ks=a_test(rejects=True),
            mean_confidence=0.81,
            reference_mean_confidence=0.80,
        ),
        [("label_shift", "", "warning")],
    ),
    ("unexplained warning", predictions(WARNING), [("label_shift", "", "warning")]),
    ("predictions invalid", predictions(INVALID), [("schema", "", "warning")]),
    ("decay", performance(CRITICAL), [("performance_decay", "", "critical")]),
    ("calibration", performance(WARNING), [("performance_decay", "", "warning")]),
    ("performance invalid", performance(INVALID), [("schema", "", "warning")]),
]


@pytest.mark.parametrize(("report", "expected"), [pytest.param(*row[1:], id=row[0]) for row in TABLE])
def test_each_finding_is_worth_what_the_table_says(report, expected):
    """A18: every kind of report passes the gate, with the severity the issue gives it."""
    alerts = gate([report])
    assert [(each.rule, each.subject, each.severity) for each in alerts] == expected
    assert all(each.rule in RULES and each.message for each in alerts)


@pytest.mark.parametrize("verdict", [Verdict.OK, Verdict.INFO, Verdict.INSUFFICIENT, Verdict.NO_DATA])
def test_nothing_passes_that_the_monitor_did_not_notice(verdict):
    """Numbers from too few rows do not page, however large they are."""
    reports = [
        features(feature("age", verdict, psi=9.0, ks=True, missing=0.9)),
        predictions(verdict, chi_square=a_test(rejects=True), confidence_ks=a_test(rejects=True)),
        performance(verdict),
    ]
    assert gate(reports) == ()


def test_agreement_is_per_feature():
    """A19: PSI on one feature and KS on another confirm nothing."""
    report = features(feature("one", psi=0.3, ks=False), feature("two", WARNING, psi=0.01, ks=True))
    assert {each.rule for each in gate([report])} == {"feature_drift_unconfirmed"}


def test_severity_does_not_come_from_words():
    """A20: a feature called decay_rate, critical by name only, stays a warning."""
    report = features(feature("critical decay_rate", psi=0.3, ks=False))
    (alert,) = gate([report])
    assert (alert.rule, alert.severity) == ("feature_drift_unconfirmed", "warning")


def test_the_most_serious_comes_first():
    """Alerts are ranked by severity, features of one severity by their PSI."""
    report = features(feature("gone", INVALID), feature("mild", psi=0.25, ks=True), feature("wild", psi=2.0, ks=True))
    alerts = gate([predictions(WARNING, chi_square=a_test(rejects=True)), report, performance(CRITICAL)])
    assert [each.subject for each in alerts] == ["wild", "mild", "", "", "gone"]


def test_the_limit_of_missing_values_is_an_argument():
    """The report does not carry the limit, the settings do."""
    report = features(feature("age", WARNING, psi=0.0, missing=0.2))
    assert gate([report], missing_points=0.3)[0].rule == "feature_drift_unconfirmed"


def test_the_sentence_of_an_alert_is_the_monitors_own():
    """What the report says and what the pager reads are one text."""
    drift = features(feature(psi=0.3, ks=True))
    assert gate([drift])[0].message == drift.features[0].message
    decay = performance(CRITICAL)
    assert gate([decay])[0].message == decay.message
