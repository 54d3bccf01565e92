"""Whether driftboard can do its work: the log, the worker, the dispatcher, what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from driftboard.alerts.meta import LONGEST_QUEUE, Health
from driftboard.alerts.watch import health_of
from driftboard.config import Settings
from driftboard.data import Store
from driftboard.data.heartbeats import DISPATCHER, WORKER, Heartbeat
from driftboard.errors import DriftboardError

Status = Literal["ok", "absent", "late", "failing"]


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """One thing that is looked at; `absent` was never seen, or took its leave: that is no fault of this process."""

    name: str
    status: Status
    message: str

    @property
    def is_well(self) -> bool:
        """Whether it is no reason not to be ready."""
        return self.status in {"ok", "absent"}


def checks(store: Store, settings: Settings, *, now: datetime) -> list[CheckAnswer]:
    """Return what the log tells of driftboard's parts."""
    try:
        with store.read() as connection:
            return [CheckAnswer("database", "ok", "it can be read"), *_parts(connection, settings, now)]
    except DriftboardError:  # where it is, and what its driver said, is for our own log only
        return [CheckAnswer("database", "failing", "the log cannot be read")]


def writing(*, trouble: bool, alive: bool, waiting: int, most: int) -> list[CheckAnswer]:
    """Return whether what comes in can be written.

    Parameters
    ----------
    trouble
        The last sign of life could not be written.
    alive
        The thread that writes is.
    waiting, most
        Requests that wait to be written, and how many may.
    """
    well = alive and not trouble
    written = CheckAnswer("writing", "ok" if well else "failing", "the log is written" if well else "it is not written")
    room = waiting < most
    queue = CheckAnswer("requests", "ok" if room else "failing", f"{waiting} of at most {most} wait to be written")
    return [written, queue]


def _parts(connection: Connection, settings: Settings, now: datetime) -> list[CheckAnswer]:
    health = health_of(connection, settings.alerts, now=now)
    workers = [each for each in health.hearts if each.component == WORKER]
    dispatchers = [each for each in health.hearts if each.component.startswith(DISPATCHER)]
    return [
        _alive("worker", workers, now, "driftboard run --watch"),
        _alive("dispatcher", dispatchers, now, "driftboard alerts dispatch"),
        _queue(health, now),
    ]


def _alive(name: str, hearts: Sequence[Heartbeat], now: datetime, start: str) -> CheckAnswer:
    """Judge a part by the one of its processes that was seen last."""
    if not hearts:
        return CheckAnswer(name, "absent", f"not running: start it with `{start}`")
    last = max(hearts, key=lambda each: each.at)
    seen = (
        f"last seen {max(0.0, (now - last.at).total_seconds()):.0f} s ago, expected every {last.interval_seconds:.0f} s"
    )
    return CheckAnswer(name, "late" if last.is_late(now) else "ok", seen)


def _queue(health: Health, now: datetime) -> CheckAnswer:
    waits = [now - each.since for name, each in health.waiting.items() if name in health.channels]
    longest = max(waits, default=None)
    if longest is None:
        return CheckAnswer("queue", "ok", "no message waits")
    status: Status = "late" if longest > LONGEST_QUEUE else "ok"
    return CheckAnswer("queue", status, f"the oldest message waits for {longest.total_seconds():.0f} s")
