"""R5, N2, N3, N6: whatever dies, stalls or refuses, everything is told, in order; and the proof can fail.

Real processes on a real log, a real https server. What must be told is predicted from the script alone.
"""

import signal

import pytest

from tests.alerts.chaos.site import FAILED, LOST, TOO_MANY
from tests.alerts.chaos.steps import DISPATCHER, EVALUATOR, Fate
from tests.alerts.chaos.supervisor import fates
from tests.postgres_server import PostgresServer

STALLS = {
    "windows": 60,
    "features": 5,
    "channels": 6,
    "one_by_one": True,
    "lease": 4.0,
    "deadline": 1.0,
    "dispatchers": 6,
    "stall_seconds": 8.0,
    "seconds": 200.0,
}


def test_a_kill_at_every_step(world):
    """The quick variant: each of the eleven steps once, at a random visit."""
    planned = fates((*EVALUATOR, *DISPATCHER), 1, seed=1, latest=4)
    supervisor, verdict = world.run(windows=160, features=5, channels=2, fates=planned)
    assert verdict.faults == {}
    assert supervisor.kills.total() == 11


@pytest.mark.slow
def test_twenty_kills_at_every_step(world):
    """Eleven steps, each at twenty random visits; two dispatchers; nothing lost, nothing out of order."""
    planned = fates((*EVALUATOR, *DISPATCHER), 20, seed=2, latest=6)
    supervisor, verdict = world.run(windows=520, features=10, channels=2, fates=planned, seconds=500)
    assert verdict.faults == {}
    assert supervisor.kills.total() == 220
    assert verdict.expected > 1000


@pytest.mark.slow
def test_a_thousand_notifications_half_of_them_refused_at_first(world):
    """A thousand notifications, five hundred answers that block, others that fail, break off or leave open."""
    odds = {TOO_MANY: 0.35, FAILED: 0.02, LOST: 0.01}
    supervisor, verdict = world.run(
        windows=100, features=10, channels=12, odds=odds, most={TOO_MANY: 500, FAILED: 40}, dispatchers=3, seconds=300
    )
    assert verdict.faults == {}
    assert verdict.expected >= 1000
    assert supervisor.site.given[TOO_MANY] == 500


@pytest.mark.slow
def test_who_stood_still_for_twice_the_lease_repeats_nothing(world):
    """Twenty stops between claim and send: by the time it goes on another has told it, and it does not."""
    stops = [Fate("claim2", 2, signal.SIGSTOP) for _ in range(6)]
    supervisor, verdict = world.run(**STALLS, fates=stops, stalls=20)
    assert verdict.faults == {}
    assert supervisor.stalled >= 20


@pytest.mark.slow
def test_three_dispatchers_without_faults_repeat_nothing(world):
    """N6: a thousand notifications, three dispatchers, nothing goes wrong: each is told once."""
    _, verdict = world.run(windows=100, features=10, channels=12, dispatchers=3, seconds=300)
    assert verdict.faults == {}
    assert (verdict.expected >= 1000, verdict.duplicates) == (True, 0)


@pytest.mark.slow
def test_kills_on_a_server(world, postgres: PostgresServer):
    """The same on PostgreSQL, where several transactions write at once: each step three times."""
    planned = fates((*EVALUATOR, *DISPATCHER), 3, seed=3, latest=5)
    place = postgres.new_database("migrated")
    supervisor, verdict = world.run(windows=120, features=6, channels=2, fates=planned, place=place, seconds=200)
    assert verdict.faults == {}
    assert supervisor.kills.total() == 33


CONTROLS = {
    "mark first": ("undelivered", {"fates": [Fate("send0", 2) for _ in range(6)]}),
    "second transaction": ("never_queued", {"fates": [Fate("between", 2) for _ in range(6)]}),
    "no lease": ("duplicates", {"dispatchers": 3}),
    "no block": ("while_blocked", {"odds": {TOO_MANY: 0.3}, "most": {TOO_MANY: 10}}),
    "no fence": (
        "duplicates",
        STALLS | {"fates": [Fate("claim2", 2, signal.SIGSTOP)] * 2, "stalls": 2, "seconds": 40.0},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("control", CONTROLS)
def test_every_control_is_caught(world, control):
    """What is wrong in one known way is found by this very proof, as what it is."""
    fault, how = CONTROLS[control]
    _, verdict = world.run(**({"windows": 60, "features": 6, "channels": 2, "seconds": 25.0} | how), control=control)
    assert fault in verdict.faults
