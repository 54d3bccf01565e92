"""Two hundred names made to harm, through every channel at once, each against what really receives it.

What each channel does with them is tested beside it; here the same messages go everywhere, by the way the dispatcher
goes, and what arrives is searched for anything live.
"""

import re
from email import message_from_bytes
from email.policy import default as modern

import pytest

from driftboard.alerts.channels import open_channel
from driftboard.alerts.facts import facts_of, facts_to_json
from driftboard.alerts.message import build
from tests.alerts.incidents import MAIL, NOW, PAGER, affected, alert_settings, incident, notification
from tests.alerts.mail_relay import Relay, serving
from tests.alerts.names import HOSTILE

BASE = "https://board.example"
OURS = (f"{BASE}/alerts?incident=1", f"{BASE}/alerts?runbook=feature_drift")
LIVE = re.compile(r"://|www\.|[\x00-\x09\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069]", re.IGNORECASE)
LIVE_IN_SLACK = re.compile(LIVE.pattern + r"|[<>]", re.IGNORECASE)
LINKS = re.compile(r"<https://board\.example/alerts\?[a-z0-9_=]+\|[A-Za-z ]+>")


def settings_of(fake, relay):
    """Settings of every channel that people read, or that hands on to them."""
    inside = {"allow_hosts": ["localhost"], "allow_private": True}
    channels = {
        "team": {"type": "slack", "webhook_url": "env:SLACK_URL", **inside},
        "mail": MAIL | {"port": relay.port, "tls": "none"},
        "pager": PAGER | {"url": fake.pager_url, **inside},
        "hook": {"type": "webhook", "url": "env:HOOK_URL", **inside},
    }
    return alert_settings(channels=channels)


def messages():
    """One message for every ten names; each is a part, a sentence, a batch, an actor, and sometimes the subject."""
    for first in range(0, len(HOSTILE), 10):
        rows = []
        for number, name in enumerate(HOSTILE[first : first + 10], start=1):
            parts = (affected(name, message=name), affected("b", message=name))
            of = incident(affected=parts, batch_id=name, since=name, subject=name if number % 2 else "")
            facts = facts_of(of, "change", news=(name,), actor=name)
            rows.append(notification(of, notification_id=number, kind="change", payload=facts_to_json(facts)))
        yield rows


def strings(value):
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def live(text, *, pattern=LIVE):
    """Return what is live in a text besides our own links."""
    for ours in OURS:
        text = text.replace(ours, "")
    return pattern.findall(text)


@pytest.fixture
def arrived(slack, authority):
    """Send everything everywhere; return posts by path and mails."""
    with serving(Relay(), authority, tls="none") as relay:
        settings = settings_of(slack, relay)
        for rows in messages():
            for name in ("team", "mail", "hook"):
                open_channel(name, settings).send(build(rows, base_url=BASE, now=NOW, repeated=False))
            for row in rows:
                open_channel("pager", settings).send(build([row], base_url=BASE, now=NOW, repeated=False))
    posts = {}
    for (path, headers, _), post in zip(slack.requests, slack.posts, strict=True):
        posts.setdefault(path.split("/")[1], []).append((headers, post))
    return posts, relay.mails


def test_nothing_live_arrives_by_any_channel(arrived):
    """A22/A23/N8: 0 live markup in Slack, PagerDuty, webhook and mail; headers and recipients exactly as sent."""
    posts, mails = arrived
    assert {path: len(each) for path, each in posts.items()} == {"services": 20, "v2": 200, "hook": 20}
    for path, each in posts.items():
        for headers, post in each:
            assert set(headers) <= {
                *("Host", "Accept-Encoding", "Content-Length", "User-Agent", "Connection", "Content-Type"),
                "X-Notification-Id",
            }
            for text in strings(post):
                told = LINKS.sub("", text) if path == "services" else text.replace("<", "").replace("\n", " ")
                assert live(told) == [], (path, text)
    assert len(mails) == 20
    for envelope in mails:
        assert envelope.rcpt_tos == ["oncall@example.com"]
        mail = message_from_bytes(envelope.content, policy=modern)
        ours = {"From", "To", "Subject", "Date", "Message-ID", "References", "In-Reply-To", "Auto-Submitted"}
        assert set(mail.keys()) - {"X-Peer", "X-MailFrom", "X-RcptTo"} == ours | {"Content-Type", "MIME-Version"}
        assert live(mail["Subject"]) == []
        assert live(mail.get_body(("plain",)).get_content().replace("\r\n", "\n")) == []


def test_the_search_finds_what_is_live():
    """The negative control: most of the names would be found as they are."""
    assert len([name for name in HOSTILE if live(name, pattern=LIVE_IN_SLACK)]) > 150
    assert live("<!channel>", pattern=LIVE_IN_SLACK)
    assert live("https://evil.example")
