"""A canary secret is in no text that we make: every channel, every outcome, every logger at DEBUG."""

import logging
import traceback

import pytest

from driftboard.alerts.channels import open_channel
from driftboard.alerts.trial import try_channel
from driftboard.errors import DriftboardError
from tests.alerts.fakes import CANARY
from tests.alerts.incidents import MAIL, NOW, PAGER, alert_settings
from tests.alerts.mail_relay import Relay, serving

BASE = "https://board.example"
WEB = ("team", "hook", "pager")


@pytest.fixture
def relay(authority, trusted):
    """Yield a relay that wants a password."""
    del trusted
    with serving(Relay(), authority) as relay:
        yield relay


@pytest.fixture
def settings(slack, relay, monkeypatch):
    """Settings of channels whose every secret is, or holds, the canary."""
    inside = {"allow_hosts": ["localhost"], "allow_private": True}
    monkeypatch.setenv("MAIL_PASSWORD", CANARY)
    monkeypatch.setenv("HOOK_KEY", CANARY)
    login = {"username": "board", "password": "env:MAIL_PASSWORD"}
    channels = {
        "team": {"type": "slack", "webhook_url": "env:SLACK_URL", **inside},
        "hook": {"type": "webhook", "url": "env:HOOK_URL", "signing_key": "env:HOOK_KEY", **inside},
        "pager": PAGER | {"url": slack.pager_url, **inside},
        "mail": MAIL | {"port": relay.port, **login},
    }
    return alert_settings(channels=channels)


def told_of(name, settings):
    """Everything that could be shown of one attempt: error, cause, context, traceback, reprs."""
    try:
        channel = open_channel(name, settings)
        said = [repr(channel), str(channel), repr(try_channel(name, settings, base_url=BASE, now=NOW))]
    except DriftboardError as error:
        said = [repr(error), str(error), repr(error.__cause__), *traceback.format_exception(error)]
    return "".join(said)


@pytest.mark.parametrize(
    "step",
    [
        (200, CANARY, {}),
        (302, "", {"Location": f"https://evil.example/{CANARY}"}),
        (403, f"no such {CANARY}", {"X-Seen": CANARY}),
        (429, CANARY, {"Retry-After": CANARY}),
        (500, f"<html>{CANARY}</html>", {}),
        "reset",
        "accept_then_reset",
    ],
    ids=str,
)
@pytest.mark.parametrize("name", WEB)
def test_no_failure_tells_the_secret(slack, settings, caplog, name, step):
    """N9: what the other side echoes, and what the libraries log, does not get through."""
    caplog.set_level(logging.DEBUG)
    slack.script = [step]
    told = told_of(name, settings)
    assert slack.connections >= 1
    assert CANARY not in told + caplog.text


def test_no_success_tells_the_secret(slack, relay, settings, caplog, capfd):
    """N9: nor does a delivery, by any channel; each one really carried its secret."""
    caplog.set_level(logging.DEBUG, logger="driftboard")
    told = "".join(told_of(name, settings) for name in (*WEB, "mail")) + repr(settings) + str(settings)
    assert CANARY not in told + caplog.text + "".join(capfd.readouterr())
    paths = [path for path, _, _ in slack.requests]
    assert sum(CANARY in path for path in paths) == 2
    assert slack.posts[-1]["routing_key"].startswith(CANARY)
    assert relay.logins == [CANARY]


@pytest.mark.parametrize(("variable", "name"), [("SLACK_URL", "team"), ("HOOK_URL", "hook")])
@pytest.mark.parametrize(
    "value", [CANARY, f"http://localhost/{CANARY}", f"https://u:{CANARY}@localhost/", f"https://evil.example/{CANARY}"]
)
def test_no_mistake_tells_the_secret(settings, monkeypatch, variable, name, value):
    """A24/A25: a secret that is no address is refused in words that do not repeat it."""
    monkeypatch.setenv(variable, value)
    told = told_of(name, settings)
    assert "ConfigError" in told
    assert CANARY not in told


def test_the_search_finds_a_secret_that_is_told(settings):
    """The negative control: the text of a careless error would be found."""
    del settings
    assert CANARY in "".join(traceback.format_exception(ValueError(f"cannot open https://localhost/{CANARY}")))
