"""What each kind of channel can be told."""

from typing import get_args

import pytest
from pydantic import TypeAdapter

from driftboard.alerts.channels import open_channel
from driftboard.alerts.channels.kinds import merges, takes
from driftboard.alerts.facts import Kind
from driftboard.channel_settings import ChannelSettings
from driftboard.errors import ConfigError
from tests.alerts.incidents import MAIL, PAGER, SLACK, alert_settings

HOOK = {"type": "webhook", "url": "env:HOOK_URL", "allow_hosts": ["localhost"]}
MANAGER = {"type": "alertmanager", "urls": ["http://127.0.0.1:9093"]}
DOOR = {"type": "apprise", "url": "env:APPRISE_URL"}
ALL = frozenset(get_args(Kind))
PEOPLE = ALL - {"acknowledge"}
TABLE = [
    (SLACK, PEOPLE, True),
    (MAIL, PEOPLE, True),
    (DOOR, PEOPLE, True),
    (HOOK, ALL, True),
    (PAGER, {"fire", "change", "escalate", "acknowledge", "resolve"}, False),
    (MANAGER, {"fire", "change", "resolve"}, False),
]
IDS = [str(given["type"]) for given, _, _ in TABLE]


@pytest.mark.parametrize(("given", "kinds", "merging"), TABLE, ids=IDS)
def test_each_channel_takes_what_means_anything_to_it(given, kinds, merging):
    """People hear all but acknowledgements; PagerDuty and Alertmanager remind by themselves, and never merge."""
    settings = TypeAdapter(ChannelSettings).validate_python(given)
    assert {kind for kind in ALL if takes(settings, kind)} == kinds
    assert merges(settings) is merging


@pytest.mark.parametrize(("given", "kinds", "merging"), TABLE, ids=IDS)
def test_an_open_channel_says_the_same(monkeypatch, given, kinds, merging):
    """What the settings say before a channel is opened, it says once it is; its name is the configuration's."""
    monkeypatch.setenv("SLACK_URL", "https://localhost/x")
    monkeypatch.setenv("HOOK_URL", "https://localhost/x")
    monkeypatch.setenv("PAGER_KEY", "x")
    monkeypatch.setenv("APPRISE_URL", "jsons://localhost/x")
    channel = open_channel("mine", alert_settings(channels={"mine": given}))
    assert (channel.name, channel.merges) == ("mine", merging)
    assert {kind for kind in ALL if channel.takes(kind)} == kinds


def test_a_channel_that_is_not_configured_is_an_error():
    """With what to add."""
    with pytest.raises(ConfigError, match=r"add \[alerts\.channels\.nobody\]"):
        open_channel("nobody", alert_settings())
