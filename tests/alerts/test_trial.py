"""`driftboard alerts test`: real messages through every channel, to servers that take them or do not."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from driftboard import cli
from driftboard.data import open_store
from driftboard.data.channel_states import ChannelState, channel_state, save_channel_state
from tests.alerts.fakes import CANARY
from tests.alerts.mail_relay import Relay, serving

CONFIG = """
[dashboard]
base_url = "https://board.example"
[alerts.channels.team]
type = "slack"
webhook_url = "env:SLACK_URL"
allow_hosts = ["localhost"]
allow_private = true
[alerts.channels.pager]
type = "pagerduty"
routing_key = "env:PAGER_KEY"
url = "{pager_url}"
allow_hosts = ["localhost"]
allow_private = true
[alerts.channels.mail]
type = "email"
host = "localhost"
port = {port}
sender = "board@example.com"
recipients = ["oncall@example.com"]
"""
LOG = Path("driftboard-data") / "driftboard.sqlite"


@pytest.fixture
def relay(authority, slack, tmp_path, monkeypatch):
    """Yield a mail relay; the configuration beside us names it and the fake."""
    monkeypatch.chdir(tmp_path)
    with serving(Relay(), authority) as relay:
        Path("driftboard.toml").write_text(CONFIG.format(pager_url=slack.pager_url, port=relay.port), encoding="utf-8")
        yield relay


@pytest.fixture
def run(monkeypatch, capsys):
    """Return a function that runs `driftboard alerts test`; it returns exit code, lines and errors."""

    def command(*arguments: str):
        monkeypatch.setattr(sys, "argv", ["driftboard", "alerts", "test", *arguments])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        said = capsys.readouterr()
        return stopped.value.code, said.out.splitlines(), said.err.splitlines()

    return command


def test_every_channel_delivers_a_message(slack, relay, run):
    """N11: each route is proved end to end, also in a dry run, which is said."""
    code, lines, _ = run()
    assert code == 0
    assert lines == [
        "mail   delivered",
        "pager  delivered",
        "team   delivered",
        "note: alerts.dry_run is true, so nothing but this test is sent",
    ]
    trigger, resolve, post = slack.posts
    assert (trigger["event_action"], resolve["event_action"]) == ("trigger", "resolve")
    assert trigger["dedup_key"] == resolve["dedup_key"]
    assert trigger["payload"]["severity"] == "info"
    assert post["text"] == "TEST of the channel team: nothing is wrong"
    assert b"Subject: [driftboard] TEST of the channel mail: nothing is wrong" in relay.mails[0].content


def test_what_fails_says_why_and_what_to_do(slack, relay, run):
    """N11: one line each; the others are tried all the same, and the exit code is 1."""
    del relay
    slack.script = [(503, "", {}), (404, "no_service", {})]
    code, lines, errors = run()
    assert code == 1
    network = "try again; if it stays so, look at the network between here and there"
    address = "look at the channel's address and secret: trying again will not help"
    assert lines[:3] == [
        "mail   delivered",
        f"pager  failed     PagerDuty answered 503 -> {network}",
        f"team   failed     Slack answered 404 no_service -> {address}",
    ]
    assert CANARY not in "\n".join([*lines, *errors])


def test_an_unknown_outcome_is_said_to_be(slack, relay, run):
    """After the message has left, only a look at the other side can tell."""
    del relay
    slack.script = ["accept_then_reset"]
    code, lines, _ = run("team")
    assert code == 1
    assert lines[0].startswith("team  failed     Slack cannot be reached: ")
    assert lines[0].endswith(" -> it may have arrived all the same: look there")


def test_a_secret_that_is_missing_is_named(slack, relay, run, monkeypatch):
    """The line says which variable to set."""
    del slack, relay
    monkeypatch.delenv("SLACK_URL")
    code, lines, _ = run("team")
    assert (code, lines[0]) == (1, "team  failed     the environment variable SLACK_URL is not set")


def test_only_the_channels_that_are_named_are_tried(slack, relay, run):
    """Twice named is once tried."""
    code, lines, _ = run("team", "team")
    assert (code, len(lines), len(slack.posts), relay.mails) == (0, 2, 1, [])


def test_an_unknown_name_is_an_error(slack, relay, run):
    """One line, with the names there are; nothing is sent."""
    code, _, errors = run("team", "taem")
    assert code == 2
    assert errors == ["error: no channel is called 'taem': known are mail, pager, team"]
    assert (slack.posts, relay.mails) == ([], [])


def test_without_channels_it_says_what_to_add(tmp_path, monkeypatch, run):
    """Nothing to try is not a success."""
    monkeypatch.chdir(tmp_path)
    code, _, errors = run()
    assert (code, errors) == (2, ["error: no channel is configured: add [alerts.channels.NAME]"])
    assert not LOG.exists()


def test_a_channel_that_was_broken_is_not_any_more(slack, relay, run):
    """A message that arrived proves the channel: the log says so at once; one that did not changes nothing."""
    del relay
    now = datetime.now(UTC)
    with open_store(LOG) as store, store.write() as connection:
        for name in ("team", "pager"):
            save_channel_state(connection, ChannelState(name, failures=3, status="broken", changed_at=now))
    slack.script = [(403, "", {})]
    assert run()[0] == 1
    with open_store(LOG) as store, store.read() as connection:
        assert [channel_state(connection, name).status for name in ("team", "pager")] == ["ok", "broken"]
