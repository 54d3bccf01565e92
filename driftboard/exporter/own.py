"""Driftboard's own health, as samples: who watches the watcher asks here."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from driftboard import __version__
from driftboard.data.heartbeats import Heartbeat, heartbeats
from driftboard.data.outbox import Delivery, count_deliveries
from driftboard.data.queue_age import waiting_since
from driftboard.data.standing import database_bytes
from driftboard.data.store import Store
from driftboard.exporter import families
from driftboard.exporter.samples import Samples


def add_build(samples: Samples) -> None:
    """Add which version this is."""
    samples.add(families.BUILD, 1, __version__)


def add_own(samples: Samples, connection: Connection, *, dry_run: bool, now: datetime) -> None:
    """Add who was last seen when, and what waits to leave; in a dry run nothing does."""
    for component, heart in newest(heartbeats(connection)).items():
        samples.add(families.HEARTBEAT, max(0.0, (now - heart.at).total_seconds()), component)
        samples.add(families.HEARTBEAT_INTERVAL, heart.interval_seconds, component)
    counts = count_deliveries(connection)
    samples.add(families.QUEUED, counts[Delivery.QUEUED])
    samples.add(families.DEAD, counts[Delivery.DEAD])
    waiting = {} if dry_run else waiting_since(connection, now=now)
    samples.add(families.QUEUE_AGE, longest((each.since for each in waiting.values()), now))


def add_size(samples: Samples, store: Store) -> None:
    """Add how large the log is."""
    whole, log = database_bytes(store)
    samples.add(families.DATABASE, whole)
    samples.add(families.WAL, log)


def newest(hearts: Sequence[Heartbeat]) -> dict[str, Heartbeat]:
    """Return the newest sign of life of each kind of part: of several dispatchers, one is enough."""
    found: dict[str, Heartbeat] = {}
    for heart in sorted(hearts, key=lambda each: each.at):
        found[heart.component.partition(":")[0]] = heart
    return dict(sorted(found.items()))


def longest(times: Iterable[datetime], now: datetime) -> float:
    """Return seconds since the earliest of these times; 0 without any."""
    return max([(now - each).total_seconds() for each in times], default=0.0)
