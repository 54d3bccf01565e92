"""The Slack channel, against a server that plays Slack over https and checks Slack's limits."""

import time

import pytest

from driftboard.alerts.channels import open_channel
from driftboard.alerts.channels.slack import SlackChannel
from driftboard.alerts.channels.slack_blocks import blocks_of, escaped
from driftboard.alerts.channels.wire import Wire
from driftboard.alerts.message import build
from driftboard.channel_settings import SlackSettings
from driftboard.errors import ChannelError, ConfigError
from tests.alerts.fakes import CANARY, slack_complaint
from tests.alerts.incidents import NOW, SLACK, affected, alert_settings, incident, notification
from tests.alerts.names import HOSTILE

BASE = "https://board.example"


def message(*notifications: object, **changes: object):
    """One message to Slack."""
    return build(notifications or [notification()], base_url=BASE, now=NOW, **({"repeated": False} | changes))


def send(told=None, *, deadline=5.0):
    """Send one message to the fake."""
    channel = SlackChannel("team", SlackSettings.model_validate(SLACK), wire=Wire(deadline))
    return channel.send(told or message())


def test_delivered_means_200_and_ok(slack):
    """A9: one POST, answered 200 ok, is a delivery; what arrived names model, evidence, time and links."""
    assert open_channel("team", alert_settings()).send(message()).remark == ""
    (post,) = slack.posts
    header, section, links = post["blocks"]
    assert header["text"]["text"] == post["text"] == "CRITICAL Feature drift: age in flights:2@production"
    lines = section["text"]["text"].splitlines()
    assert lines[:2] == ["Age drifts: PSI 0.3.", "Model flights:2@production"]
    assert "Detected at 2026-03-01T12:00:00Z" in lines
    assert links["elements"][0]["text"] == (
        f"<{BASE}/alerts?incident=1|Open the incident>  <{BASE}/alerts?runbook=feature_drift|What to do>"
    )


@pytest.mark.parametrize(
    ("answer", "permanent", "text"),
    [
        ((200, "invalid_token", {}), True, "Slack answered 200 invalid_token"),
        ((200, "<html>Sign in</html>", {}), False, "Slack answered 200"),
        ((302, "", {"Location": "/login"}), True, "Slack answered 302"),
        ((400, "invalid_payload", {}), True, "Slack answered 400 invalid_payload"),
        ((403, "invalid_token", {}), True, "Slack answered 403 invalid_token"),
        ((404, "no_service", {}), True, "Slack answered 404 no_service"),
        ((410, "channel_is_archived", {}), True, "Slack answered 410 channel_is_archived"),
        ((429, "rate_limited", {}), False, "Slack answered 429 rate_limited"),
        ((500, "", {}), False, "Slack answered 500"),
        ((503, "no", {}), False, "Slack answered 503 no"),
    ],
)
def test_each_answer_is_classified(slack, answer, permanent, text):
    """A8/A9/N4: 429, 5xx and strangers' pages are worth a retry; Slack's own refusals are not; one POST each."""
    slack.script = [answer]
    with pytest.raises(ChannelError) as caught:
        send()
    assert (caught.value.permanent, str(caught.value), caught.value.status) == (permanent, text, answer[0])
    assert len(slack.hits) == 1


def test_429_says_when(slack):
    """A8/N2: the time Slack asked for is kept."""
    slack.script = [(429, "", {"Retry-After": "30"})]
    with pytest.raises(ChannelError) as caught:
        send()
    assert caught.value.retry_after == 30


@pytest.mark.parametrize(("step", "unknown"), [("reset", False), ("accept_then_reset", True), ("drip", True)])
def test_an_unknown_outcome_is_said_to_be(slack, step, unknown):
    """N3: after the message has left, no answer means that it may have arrived."""
    slack.script = [step]
    with pytest.raises(ChannelError) as caught:
        send(deadline=0.6)
    assert (caught.value.permanent, caught.value.unknown) == (False, unknown)


def test_only_slack_is_written_to(monkeypatch):
    """A24/A26: another host must be named, and the error does not repeat the address."""
    monkeypatch.setenv("SLACK_URL", f"https://evil.example/{CANARY}")
    with pytest.raises(ConfigError, match="allow_hosts") as caught:
        send()
    assert CANARY not in str(caught.value)


def test_a_secret_that_is_not_there_is_named(monkeypatch):
    """The error names the variable to set."""
    monkeypatch.delenv("SLACK_URL", raising=False)
    with pytest.raises(ConfigError, match="SLACK_URL is not set"):
        send()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_only_text(name):
    """A22/N8: whatever a feature or batch is called, no mention, link or image is live."""
    of = incident(affected=(affected(name, message=name), affected("b")), batch_id=name)
    *texts, links = blocks_of(message(notification(of)))
    for text in (block["text"] for block in texts):
        assert text["type"] == "plain_text"
        assert not set("<>") & set(text["text"])
        assert "://" not in text["text"]
        assert text["text"].replace("\n", "").isprintable()
    (element,) = links["elements"]
    assert element["text"].count("<") == element["text"].count(">") == element["text"].count("|") == 2
    assert element["text"].startswith(f"<{BASE}/alerts?incident=1|")


def test_hostile_names_arrive(slack):
    """N8: what is sent is what was made: Slack takes it, and its text is not read for markup."""
    for name in HOSTILE[::20]:
        send(message(notification(incident(affected=(affected(name, message=name),)))))
    assert len(slack.posts) == 10
    assert all(post["mrkdwn"] is False and not set("<>") & set(post["text"]) for post in slack.posts)


def test_sizes_stay_within_slacks_limits(slack):
    """A32/N7: ten thousand features with long names that grow when escaped, in five hundred incidents."""
    parts = tuple(affected("<" * 500 + str(n), message="&" * 500) for n in range(10_000))
    told = message(notification(incident(affected=parts)), *(notification(notification_id=n) for n in range(2, 501)))
    send(told)
    blocks = slack.posts[0]["blocks"]
    assert len(blocks) == 42
    assert blocks[-1]["text"]["text"] == "+480 more incidents"


def test_the_fake_refuses_what_slack_would():
    """The negative control: without our cuts the same message is refused."""
    post = {"text": "x", "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "x" * 3001}}]}
    assert slack_complaint(post) == "invalid_blocks"
    assert slack_complaint({"text": "x", "blocks": [{"type": "divider"}] * 51}) == "invalid_blocks"


def test_escaping_is_what_keeps_a_mention_dead():
    """The negative control: the raw name is a live mention, the escaped one is not."""
    assert "<!channel>" not in escaped("<!channel>", 100)
    assert escaped("a & b", 100) == "a &amp; b"


@pytest.mark.slow
def test_by_default_ten_seconds_are_all_it_takes(slack):
    """A11/N1: against a server that drips, the seed waited 32 s; here it is 10.5 s at most, with nothing configured."""
    slack.script = ["drip"]
    started = time.monotonic()
    with pytest.raises(ChannelError, match="no complete answer within 10 s"):
        open_channel("team", alert_settings()).send(message())
    assert time.monotonic() - started <= 10.5
