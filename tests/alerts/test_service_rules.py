"""The rules about services: what the table says, and when a rule has held all through its time."""

from datetime import timedelta

import pytest

from driftboard.alerts.rules import RULES
from driftboard.alerts.service_rules import ServiceRule, firing, objectives_of, service_rules
from driftboard.config import Settings
from driftboard.data.service import Stretch
from driftboard.data.service_counts import HOUR
from tests.alerts.services import BEGIN, CHURN, EVERY, asked, by_minute, predicted, service_settings

SETTINGS = service_settings()


def rule_of(name: str, severity: str = "critical", settings: Settings = SETTINGS) -> ServiceRule:
    """One row of the table."""
    (found,) = [each for each in service_rules(settings) if (each.rule, each.severity) == (name, severity)]
    return found


def first_firing(rule: ServiceRule, counts, minutes: int = 200) -> int | None:
    """The first minute at which a rule fires."""
    stretches = by_minute(counts)
    at = (n for n in range(minutes) if firing(rule, stretches, now=BEGIN + n * EVERY, settings=SETTINGS) is not None)
    return next(at, None)


def test_the_table_holds_what_was_configured():
    """Thresholds, times and severities are those of the settings, whose defaults are the usual ones."""
    said = {(each.rule, str(each.severity)): (each.threshold, each.hold // EVERY) for each in service_rules(SETTINGS)}
    assert said == {
        ("high_error_rate", "critical"): (0.05, 5),
        ("high_error_rate", "warning"): (0.02, 10),
        ("high_latency", "critical"): (1.0, 10),
        ("high_latency", "warning"): (0.75, 15),
        ("low_confidence", "warning"): (0.2, 60),
        ("low_accuracy", "critical"): (0.7, 30),
    }


def test_each_is_a_rule_that_incidents_know():
    """With a runbook, and not graver than that rule may be."""
    for each in service_rules(SETTINGS):
        assert each.severity.rank <= RULES[each.rule].at_most.rank
        assert each.runbook == RULES[each.rule].runbook


def test_a_model_may_be_promised_something_else():
    """By its whole key, by its name; without a promise of latency there is no rule about it."""
    models = {"churn": {"latency_p95": 0.1}, "churn:3@production": {"latency_p95": 1.0}, "quiet": {"latency_p95": None}}
    settings = service_settings(slo={"models": models})
    assert [objectives_of(settings, each).latency_p95 for each in (CHURN, "churn", "churn:4@production", None)] == [
        1.0,
        0.1,
        0.1,
        0.5,
    ]
    assert {each.threshold for each in service_rules(settings, CHURN) if each.rule == "high_latency"} == {2.0, 1.5}
    assert "high_latency" not in {each.rule for each in service_rules(settings, "quiet")}


def test_a_threshold_beyond_what_is_counted_can_still_be_exceeded():
    """Twice an objective of 10 s lies above the last bound: what is in the last cell exceeds it."""
    settings = service_settings(slo={"latency_p95": 10.0})
    rule = rule_of("high_latency", settings=settings)
    slow = by_minute([asked(60, took=30.0)] * 30)
    assert firing(rule, slow, now=BEGIN + 20 * EVERY, settings=settings) == 10.0


def test_it_fires_once_it_has_held_for_its_time():
    """Every request fails from minute 20 on: above 5 % at minute 21, so at 26, not at 25."""
    counts = [asked(60)] * 20 + [asked(60, failed=60)] * 20
    assert first_firing(rule_of("high_error_rate"), counts) == 26


@pytest.mark.parametrize(("failed", "fires"), [(6, False), (7, True)])
def test_it_fires_above_its_threshold_only(failed: int, fires: bool):
    """6 of 120 is 5 %, which is allowed."""
    stretches = by_minute([asked(120, failed=failed)] * 30)
    now = BEGIN + 20 * EVERY
    assert (firing(rule_of("high_error_rate"), stretches, now=now, settings=SETTINGS) is not None) is fires


def test_the_value_is_the_newest():
    """Over the five minutes that end with the last whole one."""
    counts = [asked(60, failed=30)] * 29 + [asked(60, failed=60)]
    now = BEGIN + 30 * EVERY + timedelta(seconds=59)
    assert firing(rule_of("high_error_rate"), by_minute(counts), now=now, settings=SETTINGS) == pytest.approx(0.6)


def test_one_good_moment_begins_it_anew():
    """A bad minute is above the limit for five evaluations, one too few; a second one makes it six."""
    bad, good = [asked(60, failed=30)], [asked(60)]
    assert first_firing(rule_of("high_error_rate"), bad + good * 5 + bad * 20) == 12
    assert first_firing(rule_of("high_error_rate"), bad * 2 + good * 30) == 6


def test_too_little_says_nothing():
    """All of 19 requests in five minutes failed, or 4 of 40: no evidence. The control has one more."""
    rule = rule_of("high_error_rate")
    assert first_firing(rule, [asked(3, failed=3)] * 60) is None
    assert first_firing(rule, ([asked(40, failed=4)] + [asked(0)] * 4) * 12) is None
    assert first_firing(rule, [asked(4, failed=4)] * 60) is not None
    assert first_firing(rule, ([asked(40, failed=5)] + [asked(0)] * 4) * 12) is not None


def test_a_gap_is_no_evidence():
    """Nothing is asked for an hour: the rule does not hold while nothing is there to measure."""
    counts = [asked(60, failed=30)] + [asked(0)] * 60 + [asked(60, failed=30)] * 10
    assert first_firing(rule_of("high_error_rate"), counts) == 67


def test_latency_is_read_off_the_histogram():
    """One request in ten takes 2 s: p95 is half way up the cell from 1.5 to 2 s."""
    counts = [asked(100, slow=10)] * 40
    rule = rule_of("high_latency")
    assert first_firing(rule, counts) == 11
    value = firing(rule, by_minute(counts), now=BEGIN + 30 * EVERY, settings=SETTINGS)
    assert value == pytest.approx(1.75)


def test_confidence_has_a_rule_over_an_hour():
    """A quarter of the predictions is unsure; the rule fires after its hour, at the twentieth prediction and later."""
    counts = [predicted(20, unsure=5)] * 130
    assert first_firing(rule_of("low_confidence", "warning"), counts) == 61
    assert first_firing(rule_of("low_confidence", "warning"), [predicted(20, unsure=4)] * 130) is None


def test_hours_are_not_taken_for_minutes():
    """What was folded cannot be placed in five minutes."""
    hours = (Stretch(BEGIN, HOUR, asked(3600, failed=3600)),)
    assert firing(rule_of("high_error_rate"), hours, now=BEGIN + 10 * EVERY, settings=SETTINGS) is None


def test_accuracy_is_not_told_by_counts():
    """Reports tell it; a count never does."""
    assert first_firing(rule_of("low_accuracy"), [asked(60, failed=60)] * 100) is None
