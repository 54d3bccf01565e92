"""Runbooks."""

import re
import shlex

import pytest

from driftboard import cli
from driftboard.alerts.rules import RULES
from driftboard.alerts.runbooks import runbook, slugs

COMMAND = re.compile(r"`(driftboard [^`]+)`")


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
    assert "\n1. `driftboard alerts show ID`" in text
    assert "`driftboard alerts explain ID`" in text


@pytest.mark.parametrize("slug", slugs())
def test_every_command_in_a_runbook_can_be_typed(slug):
    """Each command exists, with these options."""
    commands = COMMAND.findall(runbook(slug))
    assert commands
    for command in commands:
        assert understood(command), command


@pytest.mark.parametrize("wrong", ["driftboard dance", "driftboard alerts dance", "driftboard alerts ack --loudly"])
def test_a_command_that_is_not_there_would_be_noticed(wrong):
    """The negative control."""
    assert not understood(wrong)


@pytest.mark.parametrize("slug", ["", "nothing", "../gate", "../../SECURITY"])
def test_there_are_no_other_pages(slug):
    """A slug from an address cannot reach another file."""
    with pytest.raises(LookupError, match="no runbook"):
        runbook(slug)


def understood(command: str) -> bool:
    """Whether there is such a command with such options: help for it is asked for, nothing is run."""
    return cli.run_command_line([*shlex.split(command)[1:], "--help"]) == 0
