"""Runbooks."""

import pytest

from driftboard.alerts.rules import RULES
from driftboard.alerts.runbooks import runbook, slugs


def test_every_rule_has_a_runbook_and_every_runbook_a_rule():
    """No alert names a page that is not there."""
    assert set(slugs()) == {rule.runbook for rule in RULES.values()}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_a_runbook_says_what_to_do(rule):
    """Title as in the message, five checks, and when to roll back, retrain or relabel."""
    text = runbook(rule.runbook)
    assert text.startswith(f"# {rule.title}\n")
    assert all(f"\n{n}. " in text for n in range(1, 6))
    assert "`driftboard run`" in text
    assert all(word in text.lower() for word in ("roll back", "retrain", "relabel"))


@pytest.mark.parametrize("slug", ["", "nothing", "../gate", "../../SECURITY"])
def test_there_are_no_other_pages(slug):
    """A slug from an address cannot reach another file."""
    with pytest.raises(LookupError, match="no runbook"):
        runbook(slug)
