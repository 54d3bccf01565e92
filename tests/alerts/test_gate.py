"""The gate: what each finding is worth."""

from typing import get_args

import pytest

from driftboard.alerts.gate import gate
from driftboard.alerts.rules import RULES, rule_named
from driftboard.monitors.finding import Kind
from driftboard.monitors.verdict import Verdict
from tests.alerts.fakes import features, finding, performance, predictions

SEVERITY = {
    Verdict.CRITICAL: "critical",
    Verdict.WARNING: "warning",
    Verdict.INVALID: "warning",
    Verdict.INFO: "info",
}
INFORMATION = ("note", "multivariate", "sequential")
KINDS = [kind for kind in get_args(Kind) if kind not in INFORMATION]


def test_every_kind_but_information_has_a_rule_and_every_rule_a_kind():
    """A18: no finding a monitor can make is without a way to somebody."""
    assert set(RULES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verdict", Verdict)
def test_a_finding_is_worth_its_verdict(kind, verdict):
    """Critical pages, warning and invalid warn, info is kept, and nothing else passes."""
    alerts = gate([predictions(finding(kind, verdict, subject="age"))])
    expected = [(kind, "age", SEVERITY[verdict])] if verdict in SEVERITY else []
    assert [(each.rule, each.subject, each.severity) for each in alerts] == expected


@pytest.mark.parametrize("kind", INFORMATION)
def test_information_is_never_an_alert(kind):
    """It is for those who look at the dashboard, whatever its verdict."""
    assert gate([performance(finding(kind, Verdict.CRITICAL))]) == ()


def test_verdicts_of_reports_and_numbers_do_not_matter():
    """Only findings pass: a report that is critical and lists none raises none."""
    assert gate([performance(verdict=Verdict.CRITICAL), features(verdict=Verdict.CRITICAL)]) == ()


def test_a_provisional_performance_raises_nothing():
    """Alerts wait until the labels are mature; those of the inputs do not."""
    decay, drift = finding("performance_decay", Verdict.CRITICAL), finding("feature_drift", Verdict.CRITICAL, "age")
    assert [each.rule for each in gate([performance(decay, provisional=True), features(drift)])] == ["feature_drift"]
    assert [each.rule for each in gate([performance(decay)])] == ["performance_decay"]


def test_severity_does_not_come_from_words():
    """A20: a feature called critical decay_rate stays a warning."""
    (alert,) = gate([features(finding("feature_drift", Verdict.WARNING, "critical decay_rate"))])
    assert (alert.rule, alert.severity) == ("feature_drift", "warning")


def test_the_most_serious_comes_first_and_the_monitors_order_is_kept():
    """Alerts are ranked by severity; within one, in the order in which the monitors said them."""
    warning = predictions(finding("label_shift", Verdict.WARNING), finding("confidence_shift", Verdict.WARNING))
    drift = features(
        finding("feature_drift", Verdict.CRITICAL, "wild"),
        finding("feature_drift", Verdict.CRITICAL, "mild"),
        finding("feature_drift", Verdict.INFO, "slight"),
    )
    ranked = [each.subject or each.rule for each in gate([warning, drift])]
    assert ranked == ["wild", "mild", "label_shift", "confidence_shift", "slight"]


def test_the_sentence_of_an_alert_is_the_monitors_own():
    """What the report says and what the pager reads are one text; a name keeps its first letter."""
    (alert,) = gate([features(finding("feature_drift", Verdict.CRITICAL, "age", text="age moved: KS 0.21"))])
    assert alert.message == "age moved: KS 0.21."


@pytest.mark.parametrize("name", ["feature_drift_unconfirmed"])
def test_what_is_not_proven_is_only_logged(name):
    """Nobody is told of what no budget covers."""
    assert [rule.name for rule in RULES.values() if rule.logged_only].count(name) == 1


def test_a_rule_of_an_old_row_shows_its_name():
    """Alerts outlive rules."""
    assert rule_named("retired").title == "retired"
