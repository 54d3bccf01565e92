"""What a dispatcher does at times of its own beside sending: signs of life, plans, patrol, watch, resending."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from driftboard.alerts import elapsed
from driftboard.alerts.care import with_care
from driftboard.alerts.daily import queue_digest
from driftboard.alerts.desk import look_after
from driftboard.alerts.heartbeat import send_heartbeat
from driftboard.alerts.patrol import patrol
from driftboard.alerts.resend import resend_all
from driftboard.alerts.service_watch import watch_services
from driftboard.alerts.store import AlertStore
from driftboard.alerts.watch import watch
from driftboard.config import Settings
from driftboard.data.heartbeats import DISPATCHER, beat

BEAT_SECONDS = 10.0
MINUTE = 60.0
_END_SECONDS = 5.0
"""What is under way at the end is waited for that long: what waits for an answer any longer has nothing to write."""


@dataclass(frozen=True, slots=True)
class _Duty:
    """Something to do every so many seconds; `apart` when it speaks to others and could take long."""

    name: str
    every: float
    act: Callable[[datetime], object]
    apart: bool = False


class Duties:
    """The duties of one dispatcher; one that fails is logged, and the others are done."""

    def __init__(self, store: AlertStore, settings: Settings, owner: str) -> None:
        self._store = store
        self._settings = settings
        self._owner = owner
        self._done: dict[str, float] = {}
        self._under_way: dict[str, threading.Thread] = {}
        self._duties = (
            _Duty("sign of life", BEAT_SECONDS, self._beat),
            _Duty("plans", 0.0, lambda now: look_after(store, settings.alerts, now=now)),
            _Duty("patrol", MINUTE, lambda now: patrol(store, settings.alerts, now=now)),
            _Duty("digest", MINUTE, lambda now: queue_digest(store, settings.alerts, now=now)),
            _Duty("watch", MINUTE, self._watch, apart=True),
            _Duty("services", MINUTE, lambda now: watch_services(store, settings, now=now), apart=True),
            _Duty("Alertmanager", MINUTE, lambda now: resend_all(store, settings, now=now), apart=True),
        )

    def do(self, now: datetime) -> None:
        """Do what is due."""
        for duty in self._duties:
            last = self._done.get(duty.name)
            if last is None or elapsed.seconds() - last >= duty.every:
                self._done[duty.name] = elapsed.seconds()
                self._start(duty, now)

    def end(self) -> None:
        """Wait for what is under way: the log is about to be closed, and not while it is read or written."""
        until = elapsed.seconds() + _END_SECONDS
        for thread in self._under_way.values():
            thread.join(max(0.0, until - elapsed.seconds()))

    def _start(self, duty: _Duty, now: datetime) -> None:
        if not duty.apart:
            with_care(duty.name, partial(duty.act, now))
            return
        under_way = self._under_way.get(duty.name)
        if under_way is None or not under_way.is_alive():
            thread = threading.Thread(
                target=with_care, args=(duty.name, partial(duty.act, now)), name=f"driftboard-{duty.name}", daemon=True
            )
            self._under_way[duty.name] = thread
            thread.start()

    def _beat(self, now: datetime) -> None:
        with self._store.write() as connection:
            beat(connection, f"{DISPATCHER}{self._owner}", interval_seconds=BEAT_SECONDS, now=now)

    def _watch(self, now: datetime) -> None:
        health = watch(self._store, self._settings.alerts, now=now)
        send_heartbeat(self._settings.alerts, health, now=now)
