"""Carries the messages of one channel, one after the other: claim, send, record.

The claim is one transaction, which writes the attempt down; nothing is sent inside it. What came of the message is
another. Whoever dies in between leaves a lease that ends: so a message is sent at least once, and twice only after a
crash, or an answer that never came. A process that stood still between claim and send does not send: by then somebody
else may have the message.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from driftboard.alerts import elapsed
from driftboard.alerts.attempt import Sent, attempt
from driftboard.alerts.channels.deadline import DEADLINE
from driftboard.alerts.claim import Claim, Grip, claim
from driftboard.alerts.elapsed import Clock
from driftboard.alerts.finish import finish
from driftboard.alerts.store import AlertStore
from driftboard.config import Settings
from driftboard.data.outbox import Delivery
from driftboard.data.outcomes import Outcome
from driftboard.errors import StoreError

PATIENCE = timedelta(seconds=5)
"""A channel whose own pace lets it send again this soon is waited for."""

_PAUSE = 0.5
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Courier:
    """One dispatcher's way of carrying.

    Attributes
    ----------
    deadline
        Seconds that sending takes at most.
    chance
        Returns a random number in [0, 1).
    """

    store: AlertStore
    settings: Settings
    grip: Grip
    chance: Callable[[], float]
    deadline: float = DEADLINE

    def carry(self, channel: str, clock: Clock, stop: threading.Event, *, limit: int) -> Counter[Delivery]:
        """Send what is due on a channel, until nothing is, or `limit` messages; return what became of them.

        Raises
        ------
        StoreError
            The log cannot be read or written. Channels raise nothing here: their failures are outcomes.
        """
        counts: Counter[Delivery] = Counter()
        while not stop.is_set() and sum(counts.values()) < limit:
            started = elapsed.seconds()
            with self.store.write() as connection:
                claimed = claim(connection, channel, self.settings.alerts, self.grip, now=clock())
            counts.update(claimed.dropped)
            if claimed.rows:
                counts[self._send(claimed, clock, started).state] += 1
            elif not claimed.dropped and not _waited(claimed, clock(), stop):
                break
        return counts

    def _send(self, claimed: Claim, clock: Clock, started: float) -> Outcome:
        """Send one message and record what came of it, `started` being the time just before it was claimed."""
        fence = self.grip.lease.total_seconds() - 2 * self.deadline
        sent = attempt(
            self.store, self.settings, claimed, now=clock(), in_time=lambda: elapsed.seconds() - started <= fence
        )
        outcome = self._record(claimed, sent, clock, started)
        if outcome.detail:
            _logger.warning(
                "%s: %d notifications %s: %s", claimed.rows[0].channel, len(claimed.rows), outcome.state, outcome.detail
            )
        return outcome

    def _record(self, claimed: Claim, sent: Sent, clock: Clock, started: float) -> Outcome:
        """Record the outcome; while the lease lasts a log that cannot be written is tried again."""
        pause = threading.Event()
        while True:
            try:
                with self.store.write() as connection:
                    return finish(connection, claimed, sent, self.settings.alerts, now=clock(), chance=self.chance())
            except StoreError:
                if elapsed.seconds() - started > self.grip.lease.total_seconds():
                    raise
                pause.wait(_PAUSE)


def _waited(claimed: Claim, now: datetime, stop: threading.Event) -> bool:
    """Wait for the channel's own pace, if that is all there is to wait for."""
    if claimed.free_at is None or claimed.free_at - now > PATIENCE:
        return False
    stop.wait(max(0.0, (claimed.free_at - now).total_seconds()))
    return not stop.is_set()
