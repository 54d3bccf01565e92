"""The webhook channel, against an https server."""

import hashlib
import hmac
import re

import pytest

from driftboard.alerts.channels.webhook import WebhookChannel
from driftboard.alerts.channels.wire import Wire
from driftboard.alerts.message import build
from driftboard.channel_settings import WebhookSettings
from driftboard.errors import ChannelError, ConfigError
from tests.alerts.incidents import NOW, affected, incident, notification
from tests.alerts.names import HOSTILE

BASE = "https://board.example"
HOOK = {"type": "webhook", "url": "env:HOOK_URL", "allow_hosts": ["localhost"], "allow_private": True}


def channel(*, deadline=5.0, **changes: object):
    """Make a channel that writes to the fake."""
    return WebhookChannel("hook", WebhookSettings.model_validate(HOOK | changes), wire=Wire(deadline))


def message(*notifications: object):
    """One message to the webhook."""
    return build(notifications or [notification()], base_url=BASE, now=NOW, repeated=False)


def test_a_message_is_json(slack):
    """What happened, for a machine: ids, times in UTC, links; the receipt is the message's id."""
    receipt = channel().send(message(notification(kind="change"), notification(notification_id=2, kind="resolve")))
    (post,) = slack.posts
    assert post["version"] == 1
    assert post["message"]["id"] == receipt.reference == slack.requests[0][1]["X-Notification-Id"]
    assert post["message"]["n_incidents"] == 2
    first, second = post["incidents"]
    assert (first["kind"], second["kind"], first["rule"]) == ("change", "resolve", "feature_drift")
    assert (first["model"], first["model_version"], first["environment"]) == ("flights", "2", "production")
    assert (first["since"], first["opened_at"]) == ("2026-03-01T10:00:00Z", "2026-03-01T12:00:00Z")
    assert (first["affected"], first["n_affected"], first["url"]) == (["age"], 1, f"{BASE}/alerts?incident=1")


def test_a_receiver_can_tell_who_speaks(slack, monkeypatch):
    """The signature is over time and body as they arrive; another key, time or body does not fit."""
    monkeypatch.setenv("HOOK_KEY", "shared")
    channel(signing_key="env:HOOK_KEY").send(message())
    _, headers, body = slack.requests[0]
    at, signed = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["X-Driftboard-Signature"]).groups()
    assert int(at) == int(NOW.timestamp())

    def expected(key, time, text):
        return hmac.new(key, time + b"." + text, hashlib.sha256).hexdigest()

    assert signed == expected(b"shared", at.encode(), body)
    assert signed != expected(b"other", at.encode(), body)
    assert signed != expected(b"shared", b"0", body)
    assert signed != expected(b"shared", at.encode(), body + b" ")


def test_without_a_key_nothing_is_signed(slack):
    """No header claims what is not so."""
    channel().send(message())
    assert "X-Driftboard-Signature" not in slack.requests[0][1]


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_is_a_delivery(slack, status):
    """That is all that is asked of a receiver."""
    slack.script = [(status, "", {})]
    assert channel().send(message()).remark == ""


@pytest.mark.parametrize(("status", "permanent"), [(302, True), (401, True), (404, True), (429, False), (500, False)])
def test_each_answer_is_classified(slack, status, permanent):
    """A10/N3/N4: redirects and refusals are for good."""
    slack.script = [(status, "", {"Location": slack.url})]
    with pytest.raises(ChannelError, match=rf"the webhook answered {status}") as caught:
        channel().send(message())
    assert caught.value.permanent is permanent
    assert len(slack.hits) == 1


def test_its_host_must_be_named(slack):
    """S4: there is no host that a webhook is on by nature."""
    del slack
    with pytest.raises(ConfigError, match="allow_hosts"):
        channel(allow_hosts=[])


def test_a_host_inside_must_be_allowed(slack):
    """S4: naming a host does not open the private network."""
    with pytest.raises(ChannelError, match="allow_private"):
        channel(allow_private=False).send(message())
    assert slack.connections == 0


def test_ten_thousand_features_in_five_hundred_incidents_are_capped(slack):
    """N7: twenty incidents of twenty parts are listed, all are counted."""
    parts = tuple(affected(f"f{n}" * 100, message="x" * 9000) for n in range(10_000))
    channel().send(message(*(notification(incident(affected=parts), notification_id=n) for n in range(1, 501))))
    (post,) = slack.posts
    assert (len(post["incidents"]), post["message"]["n_incidents"]) == (20, 500)
    assert post["incidents"][0]["n_affected"] == 10_000
    assert len(slack.requests[0][2]) < 256 * 1024


@pytest.mark.parametrize("name", HOSTILE[::10])
def test_a_name_is_one_harmless_line(slack, name):
    """N8: what the receiver prints as it is does no harm."""
    of = incident(affected=(affected(name, message=name),), batch_id=name, subject=name, since=name)
    channel().send(message(notification(of)))
    (post,) = slack.posts
    (told,) = post["incidents"]
    for text in (told["subject"], told["batch"], told["headline"], told["evidence"], *told["affected"]):
        assert text.isprintable()
        assert "://" not in text
