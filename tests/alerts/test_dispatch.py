"""What is queued is sent once, in order, at the pace of each channel; and what happens when it is not taken."""

import logging
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from driftboard.alerts.attempt import TOO_LATE
from driftboard.alerts.channels.wire import Wire
from driftboard.alerts.claim import Grip, claim
from driftboard.alerts.dispatch import dispatch
from driftboard.data.channel_states import channel_state
from driftboard.data.heartbeats import DISPATCHER, beat, heartbeats
from driftboard.data.incident import IncidentState
from driftboard.data.incidents import open_incidents, update_incident
from tests.alerts.fakes import CANARY
from tests.alerts.incidents import NOW
from tests.alerts.queued import (
    HOOK,
    SECOND,
    apart,
    attempts,
    dispatcher,
    opened,
    page,
    queue,
    rows,
    settings,
    states,
    told,
)

HOUR = timedelta(hours=1)
GRIP = Grip("one", timedelta(seconds=60))


def take(store, configured, channel="hook", *, grip=GRIP, now=NOW):
    """Claim, and do no more: as one that dies."""
    with store.write() as connection:
        return claim(connection, channel, configured.alerts, grip, now=now)


def state_of(store, channel="hook"):
    """How a channel stands."""
    with store.read() as connection:
        return channel_state(connection, channel)


def own_incidents(store):
    """Rule and subject of what is wrong with driftboard itself."""
    with store.read() as connection:
        return [(each.rule, each.subject) for each in open_incidents(connection) if each.model_id is None]


def test_a_page_is_delivered_and_written_down(store, slack):
    """One page: one post, one attempt that says ok, a row that says delivered and by what name over there."""
    page(store)
    summary = dispatch(store, settings(), now=NOW)
    (row,) = rows(store)
    assert (summary.delivered, states(store), attempts(store)) == (1, ["delivered"], ["ok"])
    assert told(slack) == [("fire", "f1")]
    assert row.provider_ref == slack.posts[0]["message"]["id"]
    assert row.finished_at is not None


def test_a_dry_run_is_a_state_and_opens_nothing(store, slack, monkeypatch):
    """In a dry run nothing is sent, no secret is looked for, and the row says `dry_run`."""
    monkeypatch.delenv("HOOK_URL")
    page(store)
    summary = dispatch(store, settings(dry_run=True), now=NOW)
    assert (summary.dry_run, states(store), attempts(store)) == (1, ["dry_run"], [])
    assert slack.connections == 0


def test_a_server_error_is_tried_again(store, slack):
    """A 500 is no delivery: the row waits, and the next attempt is made when its time has come, not before."""
    slack.script = [(500, "", {})]
    page(store)
    one = dispatcher(store)
    assert one.run_once(NOW).retried == 1
    assert one.run_once(NOW + 0.5 * SECOND).delivered == 0
    assert one.run_once(NOW + 2 * SECOND).delivered == 1
    assert attempts(store) == ["retry", "ok"]
    assert [post["message"]["repeated"] for post in slack.posts] == [False, False]


def test_retry_after_blocks_the_channel_and_survives_a_restart(store, slack):
    """After a 429 nothing is sent by the channel until the time it named, whoever dispatches; other channels go on."""
    both = apart()
    slack.script = [(429, "", {"Retry-After": "60"})]
    page(store, 1)
    dispatch(store, both, now=NOW)
    page(store, 2, now=NOW + SECOND)
    page(store, 3, now=NOW + SECOND, channel="team")
    dispatch(store, both, now=NOW + 50 * SECOND)  # a dispatcher of its own: it knows only what is stored
    assert len(slack.posts) == 2
    assert state_of(store).is_blocked(NOW + 50 * SECOND)
    dispatch(store, both, now=NOW + 61 * SECOND)
    assert states(store) == ["delivered"] * 3


def test_a_block_ends_when_the_clock_was_set_back(store, slack):
    """A block that ends in more than an hour was written by another clock: it holds nothing up."""
    slack.script = [(429, "", {"Retry-After": "60"})]
    page(store)
    dispatch(store, settings(), now=NOW)
    dispatch(store, settings(), now=NOW - 24 * HOUR)
    assert states(store)[0] == "delivered"


@pytest.mark.parametrize("days", [-1, 365])
def test_a_clock_that_jumps_holds_nothing_up_and_gives_nothing_up(store, slack, days):
    """A row in its backoff is sent at once, or fails and is tried again, when the clock jumps by a day or a year."""
    slack.script = [(500, "", {})] * 3
    page(store)
    one = dispatcher(store)
    one.run_once(NOW)
    then = NOW + timedelta(days=days)
    for second in (0, 3, 10, 30):
        one.run_once(then + second * SECOND)
    assert states(store)[0] == "delivered"


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_a_refusal_is_final_and_the_stand_in_is_told_once(store, slack, status):
    """A permanent error: one attempt, a dead row, a broken channel, one copy on the fallback, an own incident."""
    stands_in = apart(fallback="team")
    slack.script = [(status, "", {})]
    about = page(store)
    for second in range(3):
        dispatch(store, stands_in, now=NOW + second * SECOND)
    mine = [(row.channel, str(row.state)) for row in rows(store) if row.incident_id == about.incident_id]
    assert mine[0] == ("hook", "dead")
    assert [each for each in mine if each[0] == "team"] == [("team", "delivered")]
    assert state_of(store).status == "broken"
    assert own_incidents(store) == [("channel_broken", "hook")]
    assert sum(hit == ("POST", slack.requests[0][0]) for hit in slack.hits) == 1


def test_the_next_success_mends_the_channel(store, slack):
    """A channel that takes a message again is ok, and the incident about it ends."""
    slack.script = [(404, "", {})]
    page(store, 1)
    dispatch(store, settings(), now=NOW)
    assert own_incidents(store) == [("channel_broken", "hook")]
    page(store, 2, now=NOW + SECOND)
    dispatch(store, settings(), now=NOW + SECOND)
    assert (state_of(store).status, own_incidents(store)) == ("ok", [])


def test_after_a_day_it_is_given_up(store, slack):
    """What was tried for as long as `give_up` says, and often enough, is dead, and the channel broken."""
    slack.script = [(503, "", {})] * 20
    page(store)
    one = dispatcher(store, settings(give_up="1h"))
    for minutes in range(0, 121, 6):
        one.run_once(NOW + timedelta(minutes=minutes))
    (row, *_) = rows(store)
    assert (str(row.state), state_of(store).status) == ("dead", "broken")
    assert row.reason.startswith("gave up after ")


def test_what_came_later_is_not_given_up_with_what_it_was_merged_with(store, slack):
    """A row queued in the last minute of a long outage has its own time."""
    slack.script = [(503, "", {})] * 12
    page(store, 1)
    one = dispatcher(store, settings(give_up="1h"))
    for minutes in range(0, 60, 6):
        one.run_once(NOW + timedelta(minutes=minutes))
    page(store, 2, now=NOW + timedelta(minutes=60))
    one.run_once(NOW + timedelta(minutes=61))
    assert states(store)[:2] == ["dead", "queued"]


def test_an_unknown_outcome_waits_and_says_that_it_repeats(store, slack):
    """A connection that breaks after the request may have delivered it: half a minute, then marked as repeated."""
    slack.script = ["accept_then_reset"]
    page(store)
    one = dispatcher(store)
    one.run_once(NOW)
    assert attempts(store) == ["unknown"]
    one.run_once(NOW + 29 * SECOND)
    assert len(slack.posts) == 1
    one.run_once(NOW + 31 * SECOND)
    assert [post["message"]["repeated"] for post in slack.posts] == [False, True]


def test_a_dead_dispatchers_message_is_repeated_after_the_lease(store, slack):
    """Nobody touches what another has claimed until its lease ends; then its attempt is unknown, and repeated."""
    page(store)
    assert len(take(store, settings()).rows) == 1
    dispatch(store, settings(), now=NOW + 59 * SECOND)
    assert slack.posts == []
    dispatch(store, settings(), now=NOW + 61 * SECOND)
    assert attempts(store) == ["unknown", "ok"]
    assert slack.posts[0]["message"]["repeated"]


def test_one_message_in_flight_per_channel(store):
    """While a message of a channel is claimed, no other of it is, whoever asks."""
    page(store, 1)
    page(store, 2, model="other")
    assert len(take(store, settings()).rows) == 1
    assert take(store, settings(), grip=Grip("two", GRIP.lease)).rows == ()


def test_a_killed_process_is_succeeded_at_once(store, slack, monkeypatch):
    """A lease whose owner's process is gone from this host is nobody's."""
    page(store)
    take(store, settings())
    with store.write() as connection:
        beat(connection, f"{DISPATCHER}one", interval_seconds=10, now=NOW)
    dispatch(store, settings(), now=NOW + SECOND)
    assert slack.posts == []  # it lives: this very process has beaten
    monkeypatch.setattr("driftboard.data.heartbeats._runs", lambda pid: pid < 0)
    dispatch(store, settings(), now=NOW + 2 * SECOND)
    assert states(store) == ["delivered"]


def test_who_stood_still_does_not_send(store, slack):
    """The fence: a claim that is older than the lease allows for is given back, not sent."""
    page(store)
    late = dispatcher(store, lease=timedelta(seconds=1), deadline=0.6)  # there is no time at all
    assert late.run_once(NOW, limit=1).retried > 0
    assert (slack.connections, states(store)) == (0, ["queued"])
    assert rows(store)[0].reason == TOO_LATE
    assert dispatcher(store).run_once(NOW + SECOND).delivered == 1


def test_older_news_is_never_overtaken(store, slack):
    """While older news of an incident waits for its next attempt, newer news of it waits, too; others do not."""
    slack.script = [(500, "", {})]
    about = page(store, 1)
    one = dispatcher(store)
    one.run_once(NOW)
    queue(store, about, kind="change", now=NOW)
    page(store, 2, model="other", now=NOW)
    one.run_once(NOW + 0.1 * SECOND)
    assert told(slack) == [("fire", "f1"), ("fire", "f2")]
    one.run_once(NOW + 2 * SECOND)
    assert told(slack)[2:] == [("fire", "f1"), ("change", "f1")]


def test_what_waits_for_company_comes_along(store, slack):
    """A first message that waits is told together with the graver news of the same incident, and before it."""
    about = opened(store)
    queue(store, about, wait=30 * SECOND, severity="warning")
    queue(store, about, kind="change")
    dispatch(store, settings(), now=NOW)
    assert [sorted(each["kind"] for each in post["incidents"]) for post in slack.posts] == [["change", "fire"]]


def test_one_model_one_message_and_a_flood_is_one_too(store, slack):
    """What is due of one model leaves in one message; of more than five models, everything does."""
    for number in range(3):
        page(store, number)
        page(store, number, model="second")
    assert dispatch(store, settings(), now=NOW).delivered == 2
    for number in range(8):
        page(store, number, model=f"m{number}", now=NOW + SECOND)
    assert dispatch(store, settings(), now=NOW + SECOND).delivered == 1
    assert [post["message"]["n_incidents"] for post in slack.posts] == [3, 3, 8]


def test_a_pager_is_told_one_by_one(store, slack):
    """Where an incident is an object over there, each has a message of its own."""
    pager = {"type": "pagerduty", "routing_key": "env:PAGER_KEY", "url": slack.pager_url, "min_seconds": 0}
    pager |= {"allow_hosts": ["localhost"], "allow_private": True}
    for number in range(3):
        page(store, number, channel="pager")
    assert dispatch(store, settings({"pager": pager}), now=NOW).delivered == 3


def test_the_pace_of_a_channel_is_kept(store, slack):
    """Between two messages of one channel lies the time that it was given; the pass waits for it."""
    del slack
    page(store, 1, model="one")
    page(store, 2, model="two")
    started = time.monotonic()
    assert dispatch(store, settings({"hook": HOOK | {"min_seconds": 0.5}}), now=NOW).delivered == 2
    assert time.monotonic() - started >= 0.5


def test_the_hourly_budget_defers_but_never_a_first_page(store, slack):
    """Once the hour's messages are spent, news waits and is merged; a first page leaves at once, and takes it along."""
    tight = settings({"hook": HOOK | {"max_per_hour": 1}})
    dispatch(store, tight, now=NOW)
    about = page(store, 1)
    dispatch(store, tight, now=NOW)
    for step in range(3):
        queue(store, about, kind="reminder", step=step, now=NOW + SECOND)
    dispatch(store, tight, now=NOW + 2 * SECOND)
    assert len(slack.posts) == 1
    page(store, 2, now=NOW + 3 * SECOND)
    dispatch(store, tight, now=NOW + 3 * SECOND)
    assert [post["message"]["n_incidents"] for post in slack.posts] == [1, 5 - 1]


def test_the_budget_comes_back(store, slack):
    """What was deferred leaves when the hour is over."""
    tight = settings({"hook": HOOK | {"max_per_hour": 1}})
    about = page(store, 1)
    dispatch(store, tight, now=NOW)
    queue(store, about, kind="change", now=NOW + SECOND)
    dispatch(store, tight, now=NOW + 59 * 60 * SECOND)
    assert len(slack.posts) == 1
    dispatch(store, tight, now=NOW + HOUR + SECOND)
    assert told(slack)[1] == ("change", "f1")


def test_what_nobody_wants_any_more_is_not_sent(store, slack):
    """A warning that is over when its turn comes is superseded, with the reason; a page is sent all the same."""
    del slack
    warning, critical = opened(store, 1, severity="warning"), opened(store, 2)
    queue(store, warning)
    queue(store, critical)
    with store.write() as connection:
        for about in (warning, critical):
            over = replace(about, state=IncidentState.RESOLVED, resolved_at=NOW, resolution="recovered")
            update_incident(connection, over)
    summary = dispatch(store, settings(), now=NOW)
    assert summary.suppressed == 1
    assert [str(row.state) for row in rows(store)[:2]] == ["superseded", "delivered"]
    assert rows(store)[0].reason


def test_an_unreadable_row_holds_nothing_up(store, slack):
    """A row that no message can be made of is dead; those it would have been merged with are sent."""
    about = page(store, 2)
    queue(store, about, kind="digest", incident_id=None, payload="{}", now=NOW)
    dispatch(store, settings(), now=NOW)
    assert (states(store), told(slack)) == (["delivered", "dead"], [("fire", "f2")])


def test_a_secret_that_is_missing_may_still_come(store, slack, monkeypatch):
    """Without its secret a channel fails, in words that say what to do; once it is there, the message goes out."""
    url = slack.hook_url
    monkeypatch.delenv("HOOK_URL")
    page(store)
    one = dispatcher(store)
    assert one.run_once(NOW).retried == 1
    assert rows(store)[0].reason == "the environment variable HOOK_URL is not set"
    monkeypatch.setenv("HOOK_URL", url)
    assert one.run_once(NOW + 2 * SECOND).delivered == 1


def test_a_slow_channel_holds_up_no_other(store, slack, monkeypatch):
    """While one channel's server lets it wait, the other channel's message arrives."""
    monkeypatch.setattr("driftboard.alerts.channels.webhook.Wire", partial(Wire, deadline=2.0))
    both = apart()
    slack.script = ["drip"]
    page(store, 1, channel="hook", now=datetime.now(UTC))
    stop = threading.Event()
    loop = threading.Thread(target=dispatcher(store, both).run, args=(stop, 0.05))
    loop.start()
    try:
        until(lambda: len(slack.posts) == 1)
        page(store, 3, channel="team", now=datetime.now(UTC))
        until(lambda: "delivered" in states(store), seconds=1.9)
        assert states(store) == ["queued", "delivered"]
    finally:
        stop.set()
        loop.join()


def test_the_loop_beats_and_takes_its_leave(store, slack):
    """A running dispatcher is seen in the log, and no longer after it has ended in order."""
    del slack
    stop = threading.Event()
    loop = threading.Thread(target=dispatcher(store, owner="me").run, args=(stop, 0.05))
    loop.start()
    until(lambda: hearts(store) == [f"{DISPATCHER}me"])
    stop.set()
    loop.join()
    assert hearts(store) == []


def test_nothing_is_under_way_once_it_has_ended(store, monkeypatch):
    """Whoever ran it closes the log next: what watches the services has had its last look by then."""
    looked, stop = [], threading.Event()

    def look_slowly(log, _settings, *, now):
        del now
        stop.set()
        time.sleep(0.5)
        with log.read() as connection:
            looked.append(heartbeats(connection))

    monkeypatch.setattr("driftboard.alerts.duties.watch_services", look_slowly)
    dispatcher(store).run(stop, 0.05)
    assert len(looked) == 1


def test_nothing_secret_is_logged_or_stored(store, slack, caplog):
    """Whatever the other side answers, neither the log nor the database holds the address."""
    caplog.set_level(logging.DEBUG)
    slack.script = [(404, CANARY, {}), (500, CANARY, {}), (302, "", {"Location": f"https://localhost/{CANARY}"})]
    for number in range(3):
        page(store, number, model=f"m{number}")
    dispatch(store, settings(), now=NOW)
    assert slack.posts
    assert CANARY not in caplog.text
    assert CANARY not in repr(rows(store)) + repr(state_of(store))
    if not store.on_server:
        stored = b"".join(file.read_bytes() for file in store.path.parent.glob(f"{store.path.name}*"))
        assert CANARY.encode() not in stored
        assert b"feature_drift" in stored  # the control: what is stored would be found, in the file or its log


def hearts(store):
    """Who is at work."""
    with store.read() as connection:
        return [each.component for each in heartbeats(connection)]


def until(true, *, seconds=10.0):
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)
