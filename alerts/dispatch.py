"""The dispatcher: looks after incidents, and sends what is queued, each channel in a thread of its own.

Any number of dispatchers may run, in one process or in many: what keeps them apart is in the log (see
`data.delivery`). One slow channel holds up no other.
"""

import os
import random
import secrets
import socket
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from driftboard.alerts import elapsed
from driftboard.alerts.care import with_care
from driftboard.alerts.channels.deadline import DEADLINE
from driftboard.alerts.claim import Grip
from driftboard.alerts.courier import Courier
from driftboard.alerts.daily import queue_digest
from driftboard.alerts.desk import look_after
from driftboard.alerts.duties import Duties
from driftboard.alerts.elapsed import Clock, clock_from
from driftboard.alerts.store import AlertStore
from driftboard.config import Settings
from driftboard.data.delivery import due_channels
from driftboard.data.heartbeats import DISPATCHER, take_leave
from driftboard.data.outbox import Delivery

LEASE = timedelta(seconds=60)
_WITHOUT_END = 1 << 31
_PASSES = 5


@dataclass(frozen=True, slots=True)
class DispatchSummary:
    """What one pass did: messages delivered (rehearsed, in a dry run), to be retried, given up; and rows suppressed."""

    delivered: int = 0
    dry_run: int = 0
    retried: int = 0
    dead: int = 0
    suppressed: int = 0


class Dispatcher:
    """Sends what is queued.

    Parameters
    ----------
    store
        Open for writing.
    owner
        What it claims by; unique. By default made of host, process and chance.
    lease
        How long a message is its own; well above twice the deadline.
    deadline
        Seconds that sending one message takes at most.
    chance
        Returns random numbers in [0, 1).
    """

    def __init__(
        self,
        store: AlertStore,
        settings: Settings,
        *,
        owner: str | None = None,
        lease: timedelta = LEASE,
        deadline: float = DEADLINE,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.owner = owner or f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._store = store
        self._settings = settings
        self._courier = Courier(store, settings, Grip(self.owner, lease), chance, deadline)
        self._duties = Duties(store, settings, self.owner)
        self._under_way: dict[str, threading.Thread] = {}

    def run_once(self, now: datetime | None = None, limit: int = 100) -> DispatchSummary:
        """Send every message that is due, up to `limit` by each channel.

        Parameters
        ----------
        now
            Aware, UTC, perhaps simulated: what passes meanwhile is added to it. The present by default.

        Raises
        ------
        StoreError
            The log cannot be read or written. Channels raise nothing here: their failures are outcomes.
        """
        clock = elapsed.wall_clock if now is None else clock_from(now)
        counts: Counter[Delivery] = Counter()
        look_after(self._store, self._settings.alerts, now=clock())
        queue_digest(self._store, self._settings.alerts, now=clock())
        for _ in range(_PASSES):  # the end of an incident is told once its beginning was: in the same pass
            due = self._due(clock())
            counts += self._carry_all(due, clock, limit)
            if not due or not look_after(self._store, self._settings.alerts, now=clock()):
                break
        return _summary(counts)

    def run(self, stop: threading.Event, interval_seconds: float = 1.0) -> None:
        """Send what is due, again and again, until `stop` is set; what fails is logged and tried again."""
        while not stop.is_set():
            self._duties.do(elapsed.wall_clock())
            with_care("the outbox", partial(self._start_all, stop))
            stop.wait(interval_seconds)
        for thread in self._under_way.values():
            thread.join()
        self._duties.end()
        with_care("the end", self._leave)

    def _start_all(self, stop: threading.Event) -> None:
        """Start a thread for every channel that has something to send, and none that sends."""
        for channel in self._due(elapsed.wall_clock()):
            under_way = self._under_way.get(channel)
            if under_way is None or not under_way.is_alive():
                carry = partial(self._courier.carry, channel, elapsed.wall_clock, stop, limit=_WITHOUT_END)
                thread = threading.Thread(target=with_care, args=(channel, carry), name=f"driftboard-{channel}")
                self._under_way[channel] = thread
                thread.start()

    def _due(self, now: datetime) -> tuple[str, ...]:
        with self._store.read() as connection:
            return due_channels(connection, now=now)

    def _carry_all(self, channels: tuple[str, ...], clock: Clock, limit: int) -> Counter[Delivery]:
        """Send what is due on these channels, side by side; raise what one of them raised."""
        results: list[Counter[Delivery]] = []
        errors: list[BaseException] = []

        def carry(channel: str) -> None:
            try:
                results.append(self._courier.carry(channel, clock, threading.Event(), limit=limit))
            except BaseException as error:  # noqa: BLE001 - it is raised again, in the caller's thread
                errors.append(error)

        threads = [threading.Thread(target=carry, args=(channel,)) for channel in channels[1:]]
        for thread in threads:
            thread.start()
        for channel in channels[:1]:  # most often there is one, and no need for a thread
            carry(channel)
        for thread in threads:
            thread.join()
        for error in errors:
            raise error
        return sum(results, Counter())

    def _leave(self) -> None:
        with self._store.write() as connection:
            take_leave(connection, f"{DISPATCHER}{self.owner}", now=elapsed.wall_clock())


def dispatch(store: AlertStore, settings: Settings, *, now: datetime, limit: int = 100) -> DispatchSummary:
    """Send every message that is due at this time, which may be simulated; see `Dispatcher.run_once`."""
    return Dispatcher(store, settings).run_once(now, limit)


def _summary(counts: Counter[Delivery]) -> DispatchSummary:
    return DispatchSummary(
        delivered=counts[Delivery.DELIVERED],
        dry_run=counts[Delivery.DRY_RUN],
        retried=counts[Delivery.QUEUED],
        dead=counts[Delivery.DEAD],
        suppressed=counts[Delivery.SUPPRESSED] + counts[Delivery.SUPERSEDED],
    )
