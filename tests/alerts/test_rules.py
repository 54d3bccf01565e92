"""The rules: their names, and what is never more than information."""

from pathlib import Path

from driftboard import alerts
from driftboard.alerts.rules import RULES, rule_named


def test_each_rule_is_found_under_its_own_name():
    """The name is the identity: part of the fingerprint, and of the runbook's address."""
    assert all(rule.name == name == rule.runbook for name, rule in RULES.items())


def test_what_is_not_proven_is_information():
    """Nobody is woken by what no budget covers."""
    assert RULES["feature_drift_unconfirmed"].at_most == "info"


def test_each_monitors_rule_has_a_runbook():
    """Who is told of something is told what to do."""
    pages = {path.stem for path in (Path(alerts.__file__).parent / "runbooks").glob("*.md")}
    assert {rule.runbook for rule in RULES.values() if rule.monitor} <= pages


def test_a_rule_of_an_old_row_shows_its_name():
    """Incidents outlive rules."""
    assert rule_named("retired").title == "retired"
