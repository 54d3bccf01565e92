"""R5, N2, N3, N6: whatever dies, stalls or refuses, everything is told, in order; and the proof can fail.

Real processes on a real log, a real https server. What must be told is predicted from the script alone.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from tests.alerts.chaos import programs
from tests.alerts.chaos.script import write_script
from tests.alerts.chaos.site import FAILED, LOST, TOO_MANY, Site, open_site
from tests.alerts.chaos.steps import DISPATCHER, EVALUATOR
from tests.alerts.chaos.supervisor import Supervisor, Verdict, fates, judge

HOOK = {"type": "webhook", "allow_hosts": ["localhost"], "allow_private": True, "min_severity": "critical"}
QUICK = HOOK | {"min_seconds": 0, "max_per_hour": 1_000_000}


class World:
    """A folder, an authority, and what runs there."""

    def __init__(self, folder: Path, authority: trustme.CA) -> None:
        self.folder = folder
        self.authority = authority
        authority.cert_pem.write_to_path(folder / "ca.pem")

    @contextmanager
    def prepared(
        self,
        *,
        windows: int,
        features: int,
        channels: int,
        odds: Mapping[str, float] | None = None,
        most: Mapping[str, int] | None = None,
        place: str = "",
        control: str = "",
        lease: float = 60.0,
        deadline: float = 10.0,
        **how: object,
    ) -> Iterator[Supervisor]:
        """Yield a supervisor of a log whose windows are all yet to be judged."""
        script = write_script(windows, features, seed=windows)
        names = [f"hook{number}" for number in range(channels)]
        where = place or str(self.folder / "log.sqlite")
        programs.prepare(where, script)
        with open_site(self.authority, odds or {}, most or {}, seed=1) as site:
            orders = programs.Orders(
                where, self._environment(site, names), _alerts(names), script, lease, deadline, control
            )
            yield Supervisor(orders, site, **how)

    def run(self, *, seconds: float = 60.0, **how: object) -> tuple[Supervisor, Verdict]:
        """Run until all is told, or the time is up; return what came of it."""
        with self.prepared(**how) as supervisor:
            supervisor.run(seconds=seconds)
            channels = supervisor.orders.alerts["channels"]
            verdict = judge(supervisor, channels)
            print(verdict, dict(supervisor.kills), supervisor.stalled, dict(supervisor.site.given))  # noqa: T201
            return supervisor, verdict

    def _environment(self, site: Site, channels: list[str]) -> dict[str, str]:
        trust = {"SSL_CERT_FILE": str(self.folder / "ca.pem")}
        return trust | {f"URL_{name}": site.url(name) for name in channels}


def _alerts(channels: list[str]) -> dict[str, object]:
    return {
        "dry_run": False,
        "repeat_interval": "7d",
        "escalation": [],
        "rules": {"feature_drift": {"group": "subject"}},
        "channels": {name: QUICK | {"url": f"env:URL_{name}"} for name in channels},
    }


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Somewhere to run."""
    return World(tmp_path, trustme.CA())


def test_a_kill_at_every_step(world):
    """The quick variant: each of the eleven steps once, at a random visit."""
    planned = fates((*EVALUATOR, *DISPATCHER), 1, seed=1, latest=4)
    supervisor, verdict = world.run(windows=60, features=4, channels=2, fates=planned)
    assert verdict.faults == {}
    assert supervisor.kills.total() == 11


@pytest.mark.slow
def test_twenty_kills_at_every_step(world):
    """Eleven steps, each at twenty random visits; two dispatchers; nothing lost, nothing out of order."""
    planned = fates((*EVALUATOR, *DISPATCHER), 20, seed=2)
    supervisor, verdict = world.run(windows=600, features=10, channels=2, fates=planned, seconds=200)
    assert verdict.faults == {}
    assert supervisor.kills.total() == 220
    assert verdict.expected > 1000


@pytest.mark.slow
def test_a_thousand_notifications_half_of_them_refused_at_first(world):
    """A thousand notifications, five hundred answers that block, others that fail, break off or leave open."""
    odds = {TOO_MANY: 0.35, FAILED: 0.05, LOST: 0.01}
    supervisor, verdict = world.run(
        windows=100, features=10, channels=12, odds=odds, most={TOO_MANY: 500}, dispatchers=3, seconds=150
    )
    assert verdict.faults == {}
    assert verdict.expected >= 1000
    assert supervisor.site.given[TOO_MANY] == 500


@pytest.mark.slow
def test_who_stood_still_for_twice_the_lease_repeats_nothing(world):
    """Twenty stops between claim and send: by the time it goes on another has told it, and it does not."""
    supervisor, verdict = world.run(**STALLS)
    assert verdict.faults == {}
    assert (supervisor.stalled >= 20, verdict.duplicates) == (True, 0)


STALLS = {
    "windows": 120,
    "features": 5,
    "channels": 4,
    "lease": 1.5,
    "deadline": 0.3,
    "dispatchers": 6,
    "stall_seconds": 3.0,
    "stalls": 20,
    "seconds": 90,
}
