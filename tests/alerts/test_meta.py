"""What driftboard finds wrong with itself."""

from datetime import timedelta

import pytest

from driftboard.alerts.meta import Health, is_well, troubles
from driftboard.alerts.watch import watch
from driftboard.data.channel_states import ChannelState, save_channel_state
from driftboard.data.heartbeats import WORKER, Heartbeat
from driftboard.data.incidents import open_incidents
from driftboard.data.queue_age import Waiting
from tests.alerts.incidents import NOW
from tests.alerts.queued import page, settings

MINUTE = timedelta(minutes=1)
WELL = Health(channels=("hook",), states={}, waiting={}, hearts=())


def heart(age, *, component=WORKER, interval=60.0):
    """A part that was last seen so long ago."""
    return Heartbeat(component, NOW - age, interval, "box/4026531836", 7)


def health(**changes: object) -> Health:
    """Good health, but for these."""
    return Health(**({"channels": ("hook",), "states": {}, "waiting": {}, "hearts": ()} | changes))


@pytest.mark.parametrize(
    "fine",
    [
        WELL,
        health(states={"hook": ChannelState("hook", status="failing", failures=3)}),
        health(states={"old": ChannelState("old", status="broken")}),
        health(waiting={"hook": Waiting(NOW - 5 * MINUTE, page=True)}),
        health(waiting={"old": Waiting(NOW - 50 * MINUTE, page=True)}),
        health(hearts=(heart(5 * MINUTE),)),
        health(hearts=(heart(20 * MINUTE, interval=600.0),)),
        health(hearts=(heart(timedelta(days=-1)),)),
        health(hearts=(heart(50 * MINUTE, component="dispatcher:gone"),)),
    ],
)
def test_nothing_is_wrong(fine):
    """A hiccup is no trouble, nor is what belongs to a channel that is configured no more, nor a clock set back."""
    assert troubles(fine, now=NOW) == ()
    assert is_well(fine, now=NOW)


@pytest.mark.parametrize(
    ("bad", "rule", "words"),
    [
        (
            health(states={"hook": ChannelState("hook", status="broken", reason="the webhook answered 404")}),
            "channel_broken",
            "The channel hook does not take messages: the webhook answered 404.",
        ),
        (
            health(waiting={"hook": Waiting(NOW - 6 * MINUTE, page=True)}),
            "queue_stalled",
            "Messages to hook have not gone out since 2026-03-01 11:54 UTC.",
        ),
        (
            health(hearts=(heart(6 * MINUTE),)),
            "worker_stalled",
            "No batch has been judged since 2026-03-01 11:54 UTC: the worker on box stands still.",
        ),
    ],
)
def test_trouble_has_a_rule_and_a_sentence(bad, rule, words):
    """Each trouble is one incident in one sentence, and the heartbeat outside is not told that all is well."""
    (trouble,) = troubles(bad, now=NOW)
    assert (trouble.rule, trouble.message) == (rule, words)
    assert not is_well(bad, now=NOW)


def test_a_queue_without_a_page_in_it_is_a_warning():
    """Nobody is called at night because information waits."""
    (trouble,) = troubles(health(waiting={"hook": Waiting(NOW - 6 * MINUTE, page=False)}), now=NOW)
    assert trouble.severity == "warning"


def test_trouble_becomes_an_incident_and_ends_with_it(store):
    """What is wrong is opened once, and ended when it is no more."""
    broken = ChannelState("hook", status="broken", reason="gone")
    for state, expected in ((broken, ["channel_broken"]), (broken, ["channel_broken"]), (ChannelState("hook"), [])):
        with store.write() as connection:
            save_channel_state(connection, state)
        watch(store, settings().alerts, now=NOW)
        with store.read() as connection:
            assert [each.rule for each in open_incidents(connection)] == expected


def test_a_queue_that_stands_still_is_noticed(store):
    """A page that waits though its time came long ago is trouble; in a dry run nothing waits."""
    page(store)
    late = NOW + 6 * MINUTE
    watch(store, settings(dry_run=True).alerts, now=late)
    with store.read() as connection:
        assert len(open_incidents(connection)) == 1
    watch(store, settings().alerts, now=late)
    with store.read() as connection:
        assert [each.rule for each in open_incidents(connection)] == ["feature_drift", "queue_stalled"]
