"""From queued rows to recorded outcomes, with a server that plays Slack."""

import logging
from datetime import timedelta
from importlib import import_module

import pytest

from driftboard.alerts.dispatch import DispatchSummary, attempt, backoff, dispatch
from driftboard.alerts.gate import Alert
from driftboard.alerts.record import record_alerts
from driftboard.data import alert_log, open_store
from driftboard.data.alert_log import AlertState
from tests.alerts.fakes import CANARY, MODEL, NOW, alert, record

SECOND = timedelta(seconds=1)
dispatching = import_module("driftboard.alerts.dispatch")  # the package gives the name to the function


@pytest.fixture
def queue(store, model_id, settings):
    """Return a function that records alerts of a batch."""

    def add(*alerts: Alert, batch="b1", **section: object):
        key = store.add_batch(model_id, batch)
        with store.write() as connection:
            record_alerts(
                connection,
                model_id=model_id,
                batch_key=key,
                model=MODEL,
                alerts=alerts,
                settings=settings(**section).alerts,
                now=NOW,
            )

    return add


def test_500_then_200_is_two_posts_and_one_delivery(queue, store, slack, settings):
    """A1: a failed attempt changes nothing but the time of the next one."""
    queue(alert())
    slack.script = [(500, "", {})]
    assert dispatch(store, settings(), now=NOW) == DispatchSummary(retried=1)
    assert dispatch(store, settings(), now=NOW + 5 * SECOND) == DispatchSummary()
    assert dispatch(store, settings(), now=NOW + 11 * SECOND) == DispatchSummary(delivered=1)
    (row,) = store.rows()
    assert (len(slack.posts), str(row.state), row.attempts) == (2, "delivered", 2)


def test_the_features_of_a_batch_are_one_message(queue, store, slack, settings):
    """A2: fifty drifted features of one batch are one POST; another batch is another."""
    queue(*(alert(f"f{n}") for n in range(50)))
    queue(alert("other"), batch="b2")
    assert dispatch(store, settings(), now=NOW) == DispatchSummary(delivered=2)
    headers = [post["blocks"][0]["text"]["text"] for post in slack.posts]
    assert [header.split(": ", 1)[1] for header in headers] == ["Feature drift: f0 +49 more", "Feature drift: other"]
    assert set(store.states()) == {"delivered"}


def test_a_dry_run_sends_nothing_and_says_so(queue, store, slack, settings):
    """A15: a rehearsal is a state of its own, and nothing leaves the machine."""
    queue(alert())
    assert dispatch(store, settings(dry_run=True), now=NOW) == DispatchSummary(dry_run=1)
    (row,) = store.rows()
    assert (str(row.state), row.finished_at is not None, slack.hits) == ("dry_run", True, [])


def test_a_dry_run_needs_no_secret(queue, store, settings):
    """Before anything is configured a rehearsal works."""
    queue(alert())
    assert dispatch(store, settings(dry_run=True), now=NOW).dry_run == 1


def test_retry_after_holds_the_whole_channel(queue, store, slack, settings):
    """A8/N2: nothing is sent on a channel that asked us to wait, even by another process."""
    queue(alert())
    slack.script = [(429, "", {"Retry-After": "120"})]
    assert dispatch(store, settings(), now=NOW).retried == 1
    queue(alert("pay"), batch="b2")
    assert dispatch(store, settings(), now=NOW + 100 * SECOND) == DispatchSummary()
    assert dispatch(store, settings(), now=NOW + 130 * SECOND) == DispatchSummary(delivered=2)
    assert len(slack.posts) == 3


def test_a_refusal_for_good_is_not_repeated(queue, store, slack, settings):
    """N4: one attempt, `failed`, with Slack's word in the log."""
    queue(alert())
    slack.script = [(404, "no_service", {})]
    assert dispatch(store, settings(), now=NOW) == DispatchSummary(failed=1)
    assert dispatch(store, settings(), now=NOW + timedelta(days=1)) == DispatchSummary()
    (row,) = store.rows()
    assert (str(row.state), row.reason, len(slack.posts)) == ("failed", "Slack answered 404 no_service", 1)


def test_slack_down_for_ten_minutes(queue, store, slack, settings):
    """A7/N3: delivered within five minutes of its return, at a pace that grows."""
    queue(alert())
    slack.script = [(503, "", {})] * 1000
    for second in range(0, 600, 10):
        dispatch(store, settings(), now=NOW + second * SECOND)
    assert len(slack.posts) <= 8
    slack.script = []
    for second in range(600, 900, 10):
        dispatch(store, settings(), now=NOW + second * SECOND)
    assert store.states() == ["delivered"]


def test_it_gives_up_after_the_last_attempt(settings, monkeypatch):
    """A7: after about a day a message is `failed`, never silently dropped."""
    monkeypatch.setenv("SLACK_URL", "https://localhost:9/x")
    last = dispatching.MAX_ATTEMPTS
    assert attempt([record(attempts=last - 1)], settings()).state is AlertState.QUEUED
    outcome = attempt([record(attempts=last)], settings())
    assert outcome.state is AlertState.FAILED
    assert outcome.reason.startswith(f"gave up after {last} attempts: ")
    assert sum((backoff(n) for n in range(1, last)), timedelta()) > timedelta(hours=23)


@pytest.mark.usefixtures("slack")
def test_one_dead_channel_does_not_stop_another(queue, store, settings):
    """N1: with the mail relay dead, Slack is still told."""
    email = {"host": "localhost", "port": 9, "sender": "d@example.com", "recipients": ["a@example.com"]}
    queue(alert(), email=email)
    assert dispatch(store, settings(email=email), now=NOW) == DispatchSummary(delivered=1, retried=1)
    assert [(row.channel, str(row.state)) for row in store.rows()] == [("slack", "delivered"), ("email", "queued")]


def test_the_network_is_not_touched_inside_a_transaction(queue, store, slack, settings, monkeypatch):
    """A12: while a message is on its way no transaction is open, so that logging is not held up."""
    queue(alert())
    seen = []

    def spy(group, config):
        seen.append(store.open_transactions)
        return attempt(group, config)

    monkeypatch.setattr(dispatching, "attempt", spy)
    dispatch(store, settings(), now=NOW)
    assert (seen, len(slack.posts)) == ([0], 1)


def test_a_dispatcher_that_dies_gives_its_rows_back(queue, store, slack, settings):
    """A13: claimed but never finished is due again after the lease, and sent."""
    queue(alert())
    with store.write() as connection:
        alert_log.claim(connection, now=NOW, lease=dispatching.LEASE)
    assert dispatch(store, settings(), now=NOW + dispatching.LEASE / 2) == DispatchSummary()
    assert dispatch(store, settings(), now=NOW + dispatching.LEASE) == DispatchSummary(delivered=1)
    assert len(slack.posts) == 1


def test_a_missing_secret_is_worth_a_retry(queue, store, settings):
    """What the operator can repair is not thrown away."""
    queue(alert())
    assert dispatch(store, settings(), now=NOW) == DispatchSummary(retried=1)
    assert store.rows()[0].reason == "the environment variable SLACK_URL is not set"


def test_an_unforeseen_error_does_not_stop_the_rest(queue, store, slack, settings, monkeypatch):
    """A bug in one message is recorded, without its text, and the run goes on."""
    queue(alert())

    def broken(*_: object, **__: object):
        raise RuntimeError(CANARY)

    monkeypatch.setattr(dispatching, "build", broken)
    assert dispatch(store, settings(), now=NOW) == DispatchSummary(retried=1)
    assert (store.rows()[0].reason, slack.hits) == ("unexpected RuntimeError", [])


def test_a_channel_no_longer_configured_says_so(settings):
    """A row of a channel that was removed waits, with the reason."""
    outcome = attempt([record(channel="email")], settings())
    assert (outcome.state, outcome.reason) == (AlertState.QUEUED, "the channel 'email' is not configured")


def test_the_limit_of_one_run(queue, store, slack, settings):
    """A run ends; the rest is for the next one."""
    for n in range(5):
        queue(alert(f"f{n}"), batch=f"b{n}")
    assert dispatch(store, settings(), now=NOW, limit=2).delivered == 2
    assert dispatch(store, settings(), now=NOW).delivered == 3
    assert len(slack.posts) == 5


def test_the_secret_is_nowhere(queue, store, slack, settings, caplog, tmp_path):
    """N9: after every kind of outcome the webhook is in no log and in no byte of the database."""
    caplog.set_level(logging.DEBUG)
    answers = [(500, slack.url, {}), (200, slack.url, {}), (429, CANARY, {}), (404, slack.url, {})]
    slack.script = list(answers)
    queue(alert())
    for n in range(len(answers)):
        dispatch(store, settings(), now=NOW + n * timedelta(hours=2))
    assert len(slack.posts) == len(answers)
    files = list(tmp_path.glob("log.sqlite*"))
    assert files
    assert not any(CANARY.encode() in file.read_bytes() for file in files)
    assert CANARY not in caplog.text + repr(settings())


def test_the_real_store_will_do(settings, tmp_path):
    """The protocol is the one the log's own store offers."""
    with open_store(tmp_path / "real.sqlite") as real:
        assert dispatch(real, settings(), now=NOW) == DispatchSummary()
        with real.write() as connection:
            assert alert_log.claim(connection, now=NOW, lease=dispatching.LEASE) == ()
