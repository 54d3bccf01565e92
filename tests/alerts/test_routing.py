"""Where an incident goes, and what is wrong with a policy that pydantic lets pass."""

import pytest

from driftboard.alert_settings import Match
from driftboard.alerts.routing import channels_for, lint, matches
from driftboard.alerts.rules import RULES
from driftboard.data.model_key import ModelKey
from driftboard.rule_names import RULE_NAMES
from tests.alerts.incidents import MAIL, PAGER, SLACK, affected, alert_settings, incident

HUB = {"type": "alertmanager", "urls": ["http://127.0.0.1:9093"]}


@pytest.mark.parametrize(("severity", "told"), [("info", ()), ("warning", ("team",)), ("critical", ("team", "mail"))])
def test_without_routes_a_channel_takes_what_is_grave_enough(severity: str, told: tuple[str, ...]) -> None:
    """A16: warnings stay in Slack, only critical is e-mailed."""
    assert channels_for(incident(severity=severity), alert_settings()) == told


def test_the_first_route_that_matches_decides() -> None:
    """By model, rule and severity; the least severity of a channel holds within a route, too."""
    routes = [
        {"match": {"model": "flights", "rule": "*_drift"}, "channels": ["mail"]},
        {"match": {"environment": "staging"}, "channels": []},
        {"channels": ["team"]},
    ]
    given = alert_settings(routes=routes)
    assert channels_for(incident(), given) == ("mail",)
    assert channels_for(incident(severity="warning"), given) == ()
    assert channels_for(incident(rule="schema"), given) == ("team",)
    assert channels_for(incident(rule="schema", model=ModelKey("flights", "2", "staging")), given) == ()
    assert channels_for(incident(rule="queue_stalled", model=None, model_id=None), given) == ("team",)


def test_what_no_route_takes_goes_to_nobody() -> None:
    """As written; the lint says so."""
    given = alert_settings(routes=[{"match": {"model": "other"}, "channels": ["team", "mail"]}])
    assert channels_for(incident(), given) == ()
    assert any("no route takes every critical incident" in line for line in lint(given))


def test_a_route_by_subject_takes_an_incident_with_such_a_part() -> None:
    """One part is enough; brackets in a name are just brackets."""
    about = incident(affected=(affected("age"), affected("x[0]")))
    assert matches(Match(subject="x[0]"), about)
    assert not matches(Match(subject="x[1]"), about)
    assert not matches(Match(subject="ag"), about)
    assert matches(Match(subject="a?e"), about)


@pytest.mark.parametrize("rule", ["channel_broken", "queue_stalled"])
def test_a_broken_channel_is_not_told_that_it_is_broken(rule: str) -> None:
    """The others are."""
    about = incident(rule=rule, subject="team", model=None, model_id=None)
    assert channels_for(about, alert_settings()) == ("mail",)


def test_the_names_of_the_rules_are_those_that_the_configuration_knows() -> None:
    """Two lists, since the configuration stands below the rules."""
    assert tuple(RULES) == RULE_NAMES


def test_a_sound_policy_has_nothing_to_say() -> None:
    """With and without routes."""
    assert lint(alert_settings()) == ()
    assert lint(alert_settings(routes=[{"channels": ["team", "mail"]}])) == ()


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"dry_run": True}, "dry run: messages are recorded and none is sent"),
        ({"channels": {}}, "no channel is configured: nobody is told"),
        ({"routes": [{"channels": ["team"]}]}, "channel 'mail' is in no route"),
        ({"routes": [{"channels": []}]}, "no route takes every critical incident"),
        ({"channels": {"hub": HUB, "pager": PAGER}}, "channels 'pager' and 'hub' are told of the same incidents"),
        (
            {"channels": {"hub": HUB, "mail": MAIL}, "escalation": [{"after": "15m", "channels": ["hub"]}]},
            "channel 'hub' is in the escalation",
        ),
    ],
)
def test_what_is_probably_not_meant_is_listed(changes: dict, line: str) -> None:
    """A15, A16: a rehearsal that nobody ends, a page that goes nowhere, a page that comes twice."""
    assert any(each.startswith(line) for each in lint(alert_settings(**changes)))


def test_one_owner_is_enough() -> None:
    """An Alertmanager beside a Slack channel is no double page."""
    assert lint(alert_settings(channels={"hub": HUB, "team": SLACK})) == ()
