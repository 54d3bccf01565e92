"""Send what is queued, and record what came of it.

Each message is three steps: claim its rows (one transaction, which counts the attempt), send (no transaction), record
the outcome (one transaction). Nothing but a recorded outcome changes a state; a dispatcher that dies in between
leaves rows that are due again when the lease ends. So a message is sent at least once, and twice only after a crash
or an answer that never came.
"""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from driftboard.alerts.channels import open_channel
from driftboard.alerts.message import build
from driftboard.config import Settings
from driftboard.data import alert_log
from driftboard.data.alert_log import MAX_WAIT, AlertRecord, AlertState
from driftboard.errors import ChannelError, ConfigError

MAX_ATTEMPTS = 288  # the last ones 5 minutes apart: about a day
LEASE = timedelta(seconds=90)  # well beyond the longest deadline of a channel
_FIRST_WAIT = timedelta(seconds=10)
_LONGEST_WAIT = timedelta(minutes=5)

_logger = logging.getLogger(__name__)


class AlertStore(Protocol):
    """What dispatch needs of a store: transactions."""

    def read(self) -> AbstractContextManager[Connection]:
        """One that only reads."""
        ...

    def write(self) -> AbstractContextManager[Connection]:
        """One that holds the write lock."""
        ...


@dataclass(frozen=True, slots=True)
class DispatchSummary:
    """What one run did, in messages."""

    delivered: int = 0
    dry_run: int = 0
    retried: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt; `wait` is set when there will be another."""

    state: AlertState
    reason: str = ""
    wait: timedelta | None = None


def dispatch(store: AlertStore, settings: Settings, *, now: datetime, limit: int = 100) -> DispatchSummary:
    """Send every message that is due, up to `limit`.

    Parameters
    ----------
    now
        Aware, UTC: the time at the start; what passes meanwhile is measured on the monotonic clock.

    Raises
    ------
    StoreError
        The log cannot be read or written. Channels raise nothing here: their failures are outcomes.
    """
    started = time.monotonic()
    counts: Counter[AlertState] = Counter()
    for _ in range(limit):
        at = now + timedelta(seconds=time.monotonic() - started)
        group = _claim(store, at)
        if not group:
            break
        outcome = attempt(group, settings)
        at = now + timedelta(seconds=time.monotonic() - started)
        _record(store, group, outcome, at)
        counts[outcome.state] += 1
    return DispatchSummary(
        delivered=counts[AlertState.DELIVERED],
        dry_run=counts[AlertState.DRY_RUN],
        retried=counts[AlertState.QUEUED],
        failed=counts[AlertState.FAILED],
    )


def attempt(group: Sequence[AlertRecord], settings: Settings) -> Outcome:
    """Send one message, made of the alerts of one model, batch and channel; return what came of it."""
    if settings.alerts.dry_run:
        return Outcome(AlertState.DRY_RUN, "dry run: nothing left this machine")
    try:
        notification = build(group, base_url=settings.dashboard.base_url)
        remark = open_channel(group[0].channel, settings.alerts).send(notification)
    except ChannelError as error:
        return _after(error, group)
    except ConfigError as error:
        return _after(ChannelError(str(error), permanent=False), group)
    except Exception as error:  # noqa: BLE001 - one message nobody foresaw must not hold up all those behind it
        return _after(ChannelError(f"unexpected {type(error).__name__}", permanent=False), group)
    return Outcome(AlertState.DELIVERED, remark)


def backoff(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: 10 s, doubled each time, at most 5 minutes.

    >>> [int(backoff(n).total_seconds()) for n in (1, 2, 5, 6, 288)]
    [10, 20, 160, 300, 300]
    """
    return min(_FIRST_WAIT * (1 << min(attempts - 1, 16)), _LONGEST_WAIT)


def _after(error: ChannelError, group: Sequence[AlertRecord]) -> Outcome:
    attempts = max(record.attempts for record in group)
    if error.permanent:
        return Outcome(AlertState.FAILED, str(error))
    if attempts >= MAX_ATTEMPTS:
        return Outcome(AlertState.FAILED, f"gave up after {attempts} attempts: {error}")
    wait = backoff(attempts)
    if error.retry_after is not None:
        wait = max(wait, min(timedelta(seconds=error.retry_after), MAX_WAIT))
    return Outcome(AlertState.QUEUED, str(error), wait)


def _claim(store: AlertStore, now: datetime) -> tuple[AlertRecord, ...]:
    """Take the next message; the write lock is asked for only when there is one."""
    with store.read() as connection:
        if not alert_log.due(connection, now=now, limit=1):
            return ()
    with store.write() as connection:
        return alert_log.claim(connection, now=now, lease=LEASE)


def _record(store: AlertStore, group: Sequence[AlertRecord], outcome: Outcome, now: datetime) -> None:
    not_before = None if outcome.wait is None else now + outcome.wait
    ids = [record.alert_id for record in group]
    with store.write() as connection:
        alert_log.finish(connection, ids, state=outcome.state, reason=outcome.reason, now=now, not_before=not_before)
    if outcome.reason and outcome.state is not AlertState.DRY_RUN:
        _logger.warning("%s: %d alerts %s: %s", group[0].channel, len(ids), outcome.state, outcome.reason)
