"""Signs of life: which part of driftboard was last seen at work, and where. The watcher is watched."""

import os
import socket
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, select, text

from driftboard.data import tables
from driftboard.data.times import from_micros, to_micros

DISPATCHER = "dispatcher:"
WORKER = "worker"
_PID_NAMESPACE = Path("/proc/self/ns/pid")
_FORGOTTEN = timedelta(days=1)
_BEAT = text(
    """
    INSERT INTO heartbeats (component, at, interval_seconds, host, pid)
    VALUES (:component, :at, :interval_seconds, :host, :pid)
    ON CONFLICT (component) DO UPDATE SET at = excluded.at, interval_seconds = excluded.interval_seconds,
        host = excluded.host, pid = excluded.pid
    """
)
_h = tables.heartbeats.c


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """When a part was last seen.

    Attributes
    ----------
    component
        `worker`, or `dispatcher:` and the name it claims by.
    interval_seconds
        How often it means to be seen.
    host, pid
        The machine (and process namespace) it ran on, and its process there.
    """

    component: str
    at: datetime
    interval_seconds: float
    host: str
    pid: int

    @property
    def machine(self) -> str:
        """Name of the machine alone."""
        return self.host.partition("/")[0]

    def is_late(self, now: datetime, intervals: float = 3.0) -> bool:
        """Whether it was not seen for so many intervals; one seen after `now` (a clock set back) is not late."""
        return now - self.at > timedelta(seconds=self.interval_seconds) * intervals


def beat(connection: Connection, component: str, *, interval_seconds: float, now: datetime) -> None:
    """Say that this process is at work as this component."""
    values = {
        "component": component,
        "at": to_micros(now),
        "interval_seconds": interval_seconds,
        "host": this_host(),
        "pid": os.getpid(),
    }
    connection.execute(_BEAT, values)


def heartbeats(connection: Connection) -> tuple[Heartbeat, ...]:
    """Return every part that was ever seen and did not take its leave, by name."""
    return tuple(map(_heartbeat, connection.execute(select(tables.heartbeats).order_by(_h.component))))


def take_leave(connection: Connection, component: str, *, now: datetime) -> None:
    """End in order: the component is not missed. Dispatchers that were not seen for a day are forgotten, too."""
    long_gone = (_h.component.startswith(DISPATCHER, autoescape=True), _h.at < to_micros(now - _FORGOTTEN))
    connection.execute(delete(tables.heartbeats).where(_h.component == component))
    connection.execute(delete(tables.heartbeats).where(*long_gone))


def dead_owners(connection: Connection, owners: Collection[str], *, now: datetime, lease: timedelta) -> frozenset[str]:
    """Return which of these dispatchers hold what they will never finish.

    One that ran on this host and whose process is gone; or one that was not seen for as long as a lease lasts. A
    dispatcher that never said it was alive is given the benefit of the doubt: its leases run out.
    """
    seen = {each.component.removeprefix(DISPATCHER): each for each in heartbeats(connection)}
    return frozenset(owner for owner in owners if owner in seen and _is_dead(seen[owner], now, lease))


def this_host() -> str:
    """Return the name of this machine, and where there is one the number of the namespace that pids count in.

    Two containers may share a host's name, but not its pids: a process that one of them does not see is not gone.
    """
    try:
        namespace = str(_PID_NAMESPACE.readlink()).strip("pid:[]")
    except OSError:  # not Linux
        return socket.gethostname()
    return f"{socket.gethostname()}/{namespace}"


def _is_dead(heart: Heartbeat, now: datetime, lease: timedelta) -> bool:
    unseen = now - heart.at > lease and heart.is_late(now)
    return unseen or (heart.host == this_host() and not _runs(heart.pid))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's: it runs
        return True
    return True


def _heartbeat(row: Row[tuple[Any, ...]]) -> Heartbeat:
    return Heartbeat(row.component, from_micros(row.at), row.interval_seconds, row.host, row.pid)
