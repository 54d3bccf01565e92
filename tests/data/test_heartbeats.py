"""Signs of life, and whose leases are nobody's."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

from driftboard.data.heartbeats import DISPATCHER, WORKER, beat, dead_owners, heartbeats, take_leave, this_host

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)


def beating(store, component, *, now=NOW):
    """Beat once."""
    with store.write() as connection:
        beat(connection, component, interval_seconds=10, now=now)


def seen(store):
    """Who was seen, and when."""
    with store.read() as connection:
        return {each.component: each.at for each in heartbeats(connection)}


def dead(store, *owners: str, now=NOW):
    """Which of these are dead."""
    with store.read() as connection:
        return dead_owners(connection, owners, now=now, lease=LEASE)


def test_the_newest_beat_counts(store):
    """A component has one row, with the time, the host and the process of its newest beat."""
    beating(store, WORKER)
    beating(store, WORKER, now=NOW + SECOND)
    with store.read() as connection:
        (heart,) = heartbeats(connection)
    assert (heart.at, heart.pid, heart.host) == (NOW + SECOND, os.getpid(), this_host())
    assert "/" not in heart.machine


def test_lateness_is_counted_in_intervals(store):
    """A part is late after three of its intervals, and never because the clock was set back."""
    beating(store, WORKER)
    with store.read() as connection:
        (heart,) = heartbeats(connection)
    assert [heart.is_late(NOW + seconds * SECOND) for seconds in (-3600, 0, 30, 31)] == [False, False, False, True]


def test_who_takes_leave_is_not_missed(store):
    """An orderly end removes the sign of life, and dispatchers that nobody has seen for a day."""
    beating(store, f"{DISPATCHER}old", now=NOW - timedelta(days=2))
    beating(store, f"{DISPATCHER}one")
    beating(store, WORKER, now=NOW - timedelta(days=2))
    with store.write() as connection:
        take_leave(connection, f"{DISPATCHER}one", now=NOW)
    assert set(seen(store)) == {WORKER}


def test_a_living_process_is_not_dead(store):
    """Neither one that beats, nor one that has not said yet that it lives."""
    beating(store, f"{DISPATCHER}one")
    assert dead(store, "one", "unheard of") == frozenset()
    assert dead(store, "one", now=NOW + 59 * SECOND) == frozenset()


def test_who_was_not_seen_for_a_lease_is_dead(store):
    """Wherever it ran: its lease is nobody's."""
    beating(store, f"{DISPATCHER}one")
    assert dead(store, "one", now=NOW + 61 * SECOND) == {"one"}


def test_a_process_that_is_gone_from_this_host_is_dead_at_once(store, place):
    """A real process that said it lived, and was killed."""
    program = (
        "import os, sys; from datetime import datetime, UTC; from driftboard.data import open_store\n"
        "from driftboard.data.heartbeats import beat\n"
        "with open_store(sys.argv[1]) as store, store.write() as connection:\n"
        "    beat(connection, 'dispatcher:killed', interval_seconds=10, now=datetime.fromisoformat(sys.argv[2]))\n"
    )
    subprocess.run([sys.executable, "-c", program, place, NOW.isoformat()], check=True, timeout=60)
    assert dead(store, "killed") == {"killed"}
