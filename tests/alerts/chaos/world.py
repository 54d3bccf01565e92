"""A log, a server that plays Slack's part, and programs that work on them until all is told."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import trustme

from tests.alerts.chaos import programs
from tests.alerts.chaos.script import write_script
from tests.alerts.chaos.site import Site, open_site
from tests.alerts.chaos.supervisor import Supervisor, Verdict, judge

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
        one_by_one: bool = False,
        **how: object,
    ) -> Iterator[Supervisor]:
        """Yield a supervisor of a log whose windows are all yet to be judged."""
        script = write_script(windows, features, seed=windows)
        names = [f"hook{number}" for number in range(channels)]
        where = place or str(self.folder / "log.sqlite")
        programs.prepare(where, script)
        with open_site(self.authority, odds or {}, most or {}, seed=1) as site:
            orders = programs.Orders(
                where, self._environment(site, names), _alerts(names), script, lease, deadline, control, one_by_one
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
