"""The PagerDuty channel, against a server that plays the Events API v2 and checks its limits."""

import pytest

from driftboard.alerts.channels.address import checked
from driftboard.alerts.channels.pagerduty import HOSTS, PagerDutyChannel, dedup_key
from driftboard.alerts.channels.wire import Wire
from driftboard.alerts.facts import facts_of
from driftboard.alerts.message import build
from driftboard.channel_settings import PagerDutySettings
from driftboard.data.model_key import ModelKey
from driftboard.errors import ChannelError, ConfigError
from tests.alerts.fakes import CANARY, pagerduty_complaint
from tests.alerts.incidents import NOW, PAGER, affected, incident, notification
from tests.alerts.names import HOSTILE

BASE = "https://board.example"


def channel(fake, *, deadline=5.0):
    """Make a channel that writes to the fake, as to a relay."""
    relay = {"url": fake.pager_url, "allow_hosts": ["localhost"], "allow_private": True}
    return PagerDutyChannel("pager", PagerDutySettings.model_validate(PAGER | relay), wire=Wire(deadline))


def message(*notifications: object):
    """One message to PagerDuty."""
    return build(notifications or [notification()], base_url=BASE, now=NOW, repeated=False)


def test_an_incident_is_triggered_acknowledged_and_resolved_by_one_key(slack):
    """All that is told of an incident goes by its dedup key, which is the receipt's reference."""
    receipts = [
        channel(slack).send(message(notification(kind=kind)))
        for kind in ("fire", "change", "escalate", "acknowledge", "resolve")
    ]
    assert [post["event_action"] for post in slack.posts] == ["trigger"] * 3 + ["acknowledge", "resolve"]
    (key,) = {post["dedup_key"] for post in slack.posts}
    assert {receipt.reference for receipt in receipts} == {key}
    assert key.startswith(f"driftboard-{incident().fingerprint}")
    assert {post["routing_key"] for post in slack.posts} == {f"{CANARY}-key"}


def test_an_event_says_what_is_wrong_and_where_to_look(slack):
    """Summary, severity, source and time; the evidence and the links with it."""
    channel(slack).send(message())
    (event,) = slack.posts
    payload = event["payload"]
    assert payload["summary"] == "CRITICAL Feature drift: age in flights:2@production. Age drifts: PSI 0.3."
    assert (payload["severity"], payload["source"]) == ("critical", "flights:2@production")
    assert payload["timestamp"] == "2026-03-01T12:00:00+00:00"
    assert payload["custom_details"]["evidence"] == "Age drifts: PSI 0.3."
    assert [link["href"] for link in event["links"]] == [
        f"{BASE}/alerts?incident=1",
        f"{BASE}/alerts?runbook=feature_drift",
    ]


def test_the_end_of_one_versions_incident_does_not_close_the_others():
    """Two live versions have one fingerprint, so the key tells them apart; episodes share it."""
    old, new = (incident(model=ModelKey("flights", version)) for version in ("1", "2"))
    again = incident(model=ModelKey("flights", "2"), episode=2)
    keys = [dedup_key(facts_of(each, "fire")) for each in (old, new, again)]
    assert keys[0] != keys[1] == keys[2]


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [((400, "bad", {}), True), ((403, "", {}), True), ((429, "", {"Retry-After": "7"}), False), ((502, "", {}), False)],
)
def test_each_answer_is_classified(slack, answer, permanent):
    """N2/N3/N4: 400 and 403 for good, 429 when it says, 5xx later; what it said is not repeated."""
    slack.script = [answer]
    with pytest.raises(ChannelError, match=rf"^PagerDuty answered {answer[0]}$") as caught:
        channel(slack).send(message())
    assert (caught.value.permanent, caught.value.status) == (permanent, answer[0])
    assert caught.value.retry_after == (7 if answer[0] == 429 else None)


def test_200_is_not_202(slack):
    """A stranger's page is no delivery."""
    slack.script = [(200, "ok", {})]
    with pytest.raises(ChannelError):
        channel(slack).send(message())


@pytest.mark.parametrize(("step", "unknown"), [("reset", False), ("accept_then_reset", True)])
def test_an_unknown_outcome_is_said_to_be(slack, step, unknown):
    """After the event has left, no answer means that it may have arrived."""
    slack.script = [step]
    with pytest.raises(ChannelError) as caught:
        channel(slack).send(message())
    assert (caught.value.permanent, caught.value.unknown) == (False, unknown)


@pytest.mark.parametrize("region", ["us", "eu"])
def test_by_default_it_is_pagerdutys_own_address(slack, region):
    """Of the region, and never one inside."""
    del slack
    made = PagerDutyChannel("pager", PagerDutySettings.model_validate(PAGER | {"region": region}))
    assert (made._target.host, made._target.path) == (HOSTS[region], "/v2/enqueue")
    with pytest.raises(ChannelError):
        checked(["127.0.0.1"], made._target)


def test_a_relay_must_be_named(slack):
    """S4: another host only by allow_hosts."""
    with pytest.raises(ConfigError, match="allow_hosts"):
        PagerDutyChannel("pager", PagerDutySettings.model_validate(PAGER | {"url": slack.pager_url}))


@pytest.mark.parametrize("name", [*HOSTILE[::10], "x" * 60_000])
def test_any_name_makes_an_event_within_the_limits(slack, name):
    """N7/N8: the summary is one line of at most 1,024 characters, the event far below 512 KB."""
    parts = tuple(affected(f"{name}{n}", message=name) for n in range(50))
    of = incident(affected=parts, batch_id=name, subject=name)
    channel(slack).send(message(notification(of)))
    (event,) = slack.posts
    assert event["payload"]["summary"].isprintable()
    assert len(slack.requests[0][2]) < 64 * 1024


def test_the_fake_refuses_what_pagerduty_would():
    """The negative control of the limits."""
    payload = {"summary": "x" * 1025, "severity": "critical", "source": "s"}
    event = {"event_action": "trigger", "dedup_key": "k", "routing_key": "r", "payload": payload}
    assert pagerduty_complaint(event, 100) == "invalid payload"
    assert pagerduty_complaint(event, 600_000) == "invalid event"
    assert pagerduty_complaint(event | {"payload": payload | {"summary": "x"}}, 100) is None
