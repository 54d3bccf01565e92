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
    for component, age in ages(heartbeats(connection), now=now).items():
        samples.add(families.HEARTBEAT, age, component)
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


def ages(hearts: Sequence[Heartbeat], *, now: datetime) -> dict[str, float]:
    """Return seconds since the newest sign of life of each kind of part: of several dispatchers, one is enough."""
    newest: dict[str, datetime] = {}
    for heart in hearts:
        kind = heart.component.partition(":")[0]
        newest[kind] = max(newest.get(kind, heart.at), heart.at)
    return {kind: max(0.0, (now - at).total_seconds()) for kind, at in sorted(newest.items())}


def longest(times: Iterable[datetime], now: datetime) -> float:
    """Return seconds since the earliest of these times; 0 without any."""
    return max([(now - each).total_seconds() for each in times], default=0.0)
