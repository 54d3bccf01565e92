"""Who is told, and when not: decisions without a database."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.alerts.routing import channels_for, decide, unrouted
from driftboard.alerts.severity import Severity
from driftboard.config import AlertSettings, EmailSettings, SlackSettings
from tests.alerts.fakes import NOW, alert

SLACK = SlackSettings(webhook_url="env:SLACK_URL")
EMAIL = EmailSettings(host="localhost", sender="d@example.com", recipients=("a@example.com",))
BOTH = AlertSettings(slack=SLACK, email=EMAIL)
LIMIT = timedelta(seconds=BOTH.rate_limit_seconds)


@pytest.mark.parametrize(
    ("rule", "severity", "expected"),
    [
        ("feature_drift", Severity.CRITICAL, ("slack", "email")),
        ("missing_values", Severity.WARNING, ("slack",)),
        ("schema", Severity.INFO, ()),
        ("feature_drift_unconfirmed", Severity.WARNING, ()),
        ("feature_drift_unconfirmed", Severity.CRITICAL, ()),
    ],
)
def test_warnings_stay_in_slack_and_only_critical_is_mailed(rule, severity, expected):
    """A16: the defaults route a warning somewhere, and wake nobody with it."""
    assert channels_for(alert(rule=rule, severity=severity), BOTH) == expected


@pytest.mark.parametrize(
    ("settings", "rule", "reason"),
    [
        (BOTH, "feature_drift_unconfirmed", "this rule is logged only"),
        (AlertSettings(), "schema", "no channel is configured"),
        (AlertSettings(email=EMAIL), "schema", "every channel asks for more than warning"),
    ],
)
def test_an_unrouted_alert_says_why_nobody_is_told(settings, rule, reason):
    """A16: what goes nowhere is logged with the reason, on the channel `none`."""
    found = alert(rule=rule, severity=Severity.WARNING)
    assert channels_for(found, settings) == ()
    decision = unrouted(found, settings)
    assert (decision.channel, decision.state, decision.reason) == ("none", "logged", reason)


@pytest.mark.parametrize(
    ("last", "state"),
    [
        (None, "queued"),
        (NOW, "suppressed"),
        (NOW - LIMIT + timedelta(seconds=1), "suppressed"),
        (NOW - LIMIT, "queued"),
        (NOW + timedelta(days=1), "queued"),
    ],
)
def test_the_rate_limit_looks_back_only(last, state):
    """A5: a last time in the future, left by a clock set back, suppresses nothing."""
    decision = decide("slack", BOTH, last=last, now=NOW)
    assert decision.state == state
    assert bool(decision.reason) == (state == "suppressed")


@given(st.integers(-(10**6), 10**6))
def test_no_clock_silences_for_longer_than_the_limit(seconds):
    """Suppressed means: told within the limit, before now."""
    decision = decide("slack", BOTH, last=NOW - timedelta(seconds=seconds), now=NOW)
    assert (decision.state == "suppressed") == (0 <= seconds < BOTH.rate_limit_seconds)


def test_a_limit_of_zero_never_suppresses():
    """Zero switches the limit off."""
    settings = AlertSettings(slack=SLACK, rate_limit_seconds=0)
    assert decide("slack", settings, last=NOW, now=NOW).state == "queued"
