"""How rows leave the outbox: what is due, who may take it, and whose word counts on what came of it."""

from datetime import UTC, datetime, timedelta

import pytest

from driftboard.data.channel_states import ChannelState, channel_state, save_channel_state
from driftboard.data.delivery import drop, due_channels, due_rows, lease_holders, take, tried
from driftboard.data.outbox import Delivery, NewNotification, attempts_of, enqueue, recent_notifications, supersede
from driftboard.data.outcomes import Outcome, record
from driftboard.data.queue_age import messages_since, waiting_since

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
ARRIVED = Outcome("ok", Delivery.DELIVERED, reference="over there")
FAILED = Outcome("retry", Delivery.QUEUED, "it failed", 500, NOW + 5 * SECOND)


def queue(store, *, wait=timedelta(0), created=NOW, **changes: object) -> int:
    """Queue one notification that belongs to no incident; return its id."""
    values = {
        "incident_id": None,
        "fingerprint": "f",
        "model": "m",
        "kind": "test",
        "step": 0,
        "channel": "hook",
        "severity": "critical",
        "payload": "{}",
        "not_before": created + wait,
        "created_at": created,
    }
    with store.write() as connection:
        enqueue(connection, [NewNotification(**(values | changes))])
        return recent_notifications(connection, limit=1)[0].notification_id


def claimed(store, *ids: int, owner="one", now=NOW):
    """Take rows, and say no more."""
    with store.write() as connection:
        return take(connection, ids, owner=owner, now=now, until=now + LEASE)


def recorded(store, rows, outcome, *, now=NOW) -> list[int]:
    """Record an outcome; return the ids of the rows it decided."""
    with store.write() as connection:
        return [row.notification_id for row in record(connection, rows, outcome, now=now)]


def due(store, *, now=NOW) -> list[int]:
    """Ids of what may leave now."""
    with store.read() as connection:
        return [row.notification_id for row in due_rows(connection, "hook", now=now)]


def row_of(store, notification_id: int):
    """A row as it stands."""
    with store.read() as connection:
        rows = recent_notifications(connection)
    return next(row for row in rows if row.notification_id == notification_id)


def outcomes(store, notification_id: int) -> list[str]:
    """How its attempts ended."""
    with store.read() as connection:
        return [each.outcome for each in attempts_of(connection, [notification_id])]


def test_a_claim_writes_the_attempt_before_anything_is_sent(store):
    """Owner, lease and number of the attempt are in the row, and the attempt is `started`."""
    one = queue(store)
    (row,) = claimed(store, one)
    assert (row.attempts, row.lease_owner, row.lease_until) == (1, "one", NOW + LEASE)
    assert outcomes(store, one) == ["started"]


def test_a_row_that_left_the_queue_meanwhile_is_not_claimed(store):
    """What was superseded between choosing and claiming is not sent; what is claimed is not superseded."""
    one, two = queue(store), queue(store)
    with store.write() as connection:
        supersede(connection, [one], reason="newer news", now=NOW)
    assert [row.notification_id for row in claimed(store, one, two)] == [two]
    with store.write() as connection:
        supersede(connection, [two], reason="newer news", now=NOW)
    assert row_of(store, two).state is Delivery.QUEUED


@pytest.mark.parametrize(
    ("wait", "created", "is_due"),
    [
        (0, NOW, True),
        (30, NOW, False),
        (30, NOW - 31 * SECOND, True),
        (0, NOW + 30 * SECOND, True),
        (0, NOW + 300 * HOUR, True),
        (30, NOW + 300 * HOUR, True),
        (8 * 3600, NOW, False),
    ],
)
def test_when_a_row_that_was_never_tried_is_due(store, wait, created, is_due):
    """At its time; and whatever the clock was when it was made, it waits no longer than it was meant to."""
    queue(store, wait=wait * SECOND, created=created)
    assert bool(due(store)) is is_due
    with store.read() as connection:
        assert bool(due_channels(connection, now=NOW)) is is_due


@pytest.mark.parametrize(("wait", "is_due"), [(0, True), (60, False), (3600, False), (2 * 3600, True)])
def test_when_a_retry_is_due(store, wait, is_due):
    """At its time; no retry lies two hours ahead but by a clock that was set back."""
    one = queue(store)
    recorded(store, claimed(store, one), Outcome("retry", Delivery.QUEUED, not_before=NOW + wait * SECOND))
    assert bool(due(store)) is is_due


def test_first_pages_go_first(store):
    """A page is not held up by what was queued before it."""
    first = queue(store, kind="reminder", severity="warning")
    page = queue(store, kind="fire", fingerprint="g")
    assert due(store) == [page, first]


def test_a_lease_is_seen_until_it_ends(store):
    """While it lasts; and not at all when it ends later than any lease could."""
    one = queue(store)
    claimed(store, one)

    def holders(now):
        with store.read() as connection:
            return lease_holders(connection, "hook", now=now, lease=LEASE)

    assert holders(NOW + 59 * SECOND) == {"one"}
    assert holders(NOW + 61 * SECOND) == frozenset()
    assert holders(NOW - HOUR) == frozenset()


def test_an_outcome_ends_the_lease(store):
    """Delivered: the row says so, by what name over there, and is nobody's."""
    one = queue(store)
    assert recorded(store, claimed(store, one), ARRIVED) == [one]
    row = row_of(store, one)
    assert (row.state, row.provider_ref, row.lease_owner) == (Delivery.DELIVERED, "over there", "")
    assert outcomes(store, one) == ["ok"]


def test_who_lost_the_lease_decides_nothing(store):
    """A failure that comes late leaves the row with whoever has it now; the attempt is written down all the same."""
    one = queue(store)
    late = claimed(store, one)
    claimed(store, one, owner="two", now=NOW + LEASE)
    assert recorded(store, late, FAILED) == []
    row = row_of(store, one)
    assert (row.lease_owner, row.attempts, row.state) == ("two", 2, Delivery.QUEUED)
    assert outcomes(store, one) == ["retry", "started"]


def test_a_late_success_counts(store):
    """While another holds the row it is left to him, who finds that it arrived; when nobody does, it is delivered."""
    one = queue(store)
    late = claimed(store, one)
    other = claimed(store, one, owner="two", now=NOW + LEASE)
    assert recorded(store, late, ARRIVED) == []
    assert row_of(store, one).lease_owner == "two"
    recorded(store, other, FAILED)
    with store.read() as connection:
        assert tried(connection, [one])[one].arrived
    assert recorded(store, late, ARRIVED) == [one]
    assert row_of(store, one).state is Delivery.DELIVERED


def test_an_attempt_that_nobody_ended_may_have_arrived(store):
    """Whoever claims after a crash learns that there was an attempt, and it is `unknown` from then on."""
    one = queue(store)
    claimed(store, one)
    with store.read() as connection:
        before = tried(connection, [one])[one]
    assert (before.perhaps, before.arrived, before.first_at) == (True, False, NOW)
    claimed(store, one, owner="two", now=NOW + LEASE)
    assert outcomes(store, one) == ["unknown", "started"]


def test_a_dropped_row_keeps_its_reason(store):
    """What is not sent says why; what was delivered is not dropped any more."""
    one, two = queue(store), queue(store)
    recorded(store, claimed(store, two), ARRIVED)
    with store.write() as connection:
        drop(connection, [one, two], state=Delivery.SUPPRESSED, reason="silenced by ada", now=NOW)
    assert (row_of(store, one).state, row_of(store, one).reason) == (Delivery.SUPPRESSED, "silenced by ada")
    assert row_of(store, two).state is Delivery.DELIVERED


def test_a_queue_waits_since_the_first_attempt(store):
    """A retry moves the time a row is due, and not the time since when somebody waits for it."""
    assert waits(store) == {}
    one = queue(store, created=NOW - HOUR, wait=HOUR)
    recorded(store, claimed(store, one), FAILED)
    queue(store, wait=HOUR)
    assert waits(store) == {"hook": NOW}


def waits(store):
    """Since when each channel's queue waits, a minute later."""
    with store.read() as connection:
        return {name: each.since for name, each in waiting_since(connection, now=NOW + 60 * SECOND).items()}


def test_messages_are_counted_not_rows(store):
    """Rows that left as one message are one; what was refused is none."""
    one, two, three = queue(store), queue(store), queue(store)
    recorded(store, claimed(store, one, two), ARRIVED)
    recorded(store, claimed(store, three, now=NOW + SECOND), FAILED)
    with store.read() as connection:
        since = {"since": NOW - HOUR, "now": NOW + HOUR, "created": NOW - HOUR}
        assert messages_since(connection, "hook", **since) == 1


def test_a_channel_that_was_never_used_is_well(store):
    """And may send at once; what was stored of one is read again."""
    with store.write() as connection:
        assert channel_state(connection, "hook") == ChannelState("hook")
        for until in (NOW + SECOND, NOW + 60 * SECOND):
            save_channel_state(connection, ChannelState("hook", blocked_until=until, status="failing", reason="500"))
        state = channel_state(connection, "hook")
    assert (state.free_at(NOW), state.free_at(NOW + HOUR)) == (NOW + 60 * SECOND, NOW + HOUR)
    assert state.free_at(NOW - 2 * HOUR) == NOW - 2 * HOUR  # that block was written by another clock
