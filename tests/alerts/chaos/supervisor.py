"""Starts the programs, starts again what died, lets go on what was stopped, and counts what came of it all."""

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import text

from driftboard.alerts.facts import facts_from_json
from driftboard.data import open_store
from tests.alerts.chaos import programs
from tests.alerts.chaos.programs import Orders
from tests.alerts.chaos.script import Told, expected, is_subsequence_in_order
from tests.alerts.chaos.site import Arrival, Site
from tests.alerts.chaos.steps import DISPATCHER, EVALUATOR, Fate

_POLL = 0.01
_AWAKE = 3
"""How many times the deadline of a message an awoken dispatcher is given to finish what it was about to do."""

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.alerts.chaos.programs"])


@dataclass
class Supervisor:
    """One run.

    Attributes
    ----------
    fates
        How the next evaluators and dispatchers end; when there are none left they live on.
    dispatchers
        How many run at once.
    stall_seconds
        How long what was stopped stands still.
    stalls
        How many stalls there are; what is stopped after that goes on at once.
    """

    orders: Orders
    site: Site
    fates: list[Fate] = field(default_factory=list)
    dispatchers: int = 2
    stall_seconds: float = 0.0
    stalls: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    stalled: int = 0
    left: list[str] = field(default_factory=list)
    _stopped: dict[int, float] = field(default_factory=dict)
    _awoken_at: float = float("-inf")

    def run(self, *, seconds: float) -> None:
        """Judge every window and deliver all news, or give up after so many seconds."""
        end = time.monotonic() + seconds
        evaluator = self._start(programs.evaluate, EVALUATOR)
        senders = [self._start(programs.dispatch, DISPATCHER) for _ in range(self.dispatchers)]
        try:
            while time.monotonic() < end:
                if evaluator[0].exitcode not in (None, 0):
                    evaluator = self._again(evaluator, programs.evaluate, EVALUATOR)
                senders = [self._looked_after(each) for each in senders]
                if evaluator[0].exitcode == 0 and self._is_done():
                    break
                time.sleep(_POLL)
        finally:
            for process, _fate in (evaluator, *senders):
                self._end(process)

    def _start(self, target: Callable[[Orders, Fate], None], steps: Iterable[str]) -> tuple[BaseProcess, Fate]:
        mine = [fate for fate in self.fates if fate.step in (*steps, "between")]
        fate = mine[0] if mine else Fate()
        if fate in self.fates:
            self.fates.remove(fate)
        process = _context.Process(target=target, args=(self.orders, fate), daemon=True)
        process.start()
        return process, fate

    def _again(
        self, died: tuple[BaseProcess, Fate], target: Callable[[Orders, Fate], None], steps: Iterable[str]
    ) -> tuple[BaseProcess, Fate]:
        process, fate = died
        assert process.exitcode == -signal.SIGKILL, f"a program ended by itself: {process.exitcode}"
        self.kills[fate.step] += 1
        process.join()
        return self._start(target, steps)

    def _looked_after(self, sender: tuple[BaseProcess, Fate]) -> tuple[BaseProcess, Fate]:
        process, _fate = sender
        if process.exitcode is not None:
            return self._again(sender, programs.dispatch, DISPATCHER)
        if self.stall_seconds and process.pid is not None:
            self._awaken(process.pid)
        return sender

    def _awaken(self, pid: int) -> None:
        """Let a stopped program go on once it has stood still for long enough."""
        if pid in self._stopped:
            if time.monotonic() - self._stopped[pid] >= self.stall_seconds:
                del self._stopped[pid]
                os.kill(pid, signal.SIGCONT)
                self._awoken_at = time.monotonic()
        elif _state(pid) == "T" and self.stalled >= self.stalls:
            os.kill(pid, signal.SIGCONT)
        elif _state(pid) == "T":
            self._stopped[pid] = time.monotonic()
            self.stalled += 1

    def _is_done(self) -> bool:
        """Whether all that ever will be queued has been, and has been delivered; and there is no fate left to meet."""
        finishing = time.monotonic() - self._awoken_at < _AWAKE * self.orders.deadline  # what went on may yet send
        if self._stopped or self.stalled < self.stalls or finishing:
            return False
        with open_store(self.orders.place) as store, store.read() as connection:
            waiting = connection.execute(text("SELECT count(*) FROM notifications WHERE state = 'queued'")).scalar_one()
            due = connection.execute(text("SELECT count(*) FROM incidents WHERE state <> 'resolved'")).scalar_one()
        return not waiting and not due

    def _end(self, process: BaseProcess) -> None:
        if process.exitcode is None and process.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)
            process.terminate()
            process.join(15)
            if process.exitcode is None:
                process.kill()
                process.join()


def fates(steps: Iterable[str], each: int, *, seed: int, latest: int = 8) -> list[Fate]:
    """Return so many deaths at a random visit of each step, in random order."""
    chance = random.Random(seed)  # noqa: S311 - a proof must be repeatable
    planned = [Fate(step, chance.randint(1, latest)) for step in steps for _ in range(each)]
    chance.shuffle(planned)
    return planned


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a run; everything but the first three must be 0 for it to be good.

    Attributes
    ----------
    expected, queued, duplicates, bound
        News there had to be, and was in the outbox; messages that came again, and how many may have: one for each kill,
        and for each attempt that ended without an answer.
    never_queued, undelivered, unexpected, disorder, while_blocked, unlogged
        What went wrong: see `judge`.
    """

    expected: int
    queued: int
    duplicates: int
    bound: int
    never_queued: int
    undelivered: int
    unexpected: int
    disorder: int
    while_blocked: int
    unlogged: int

    @property
    def faults(self) -> dict[str, int]:
        """What went wrong, by name; empty when nothing did."""
        names = ("never_queued", "undelivered", "unexpected", "disorder", "while_blocked", "unlogged")
        found = {name: getattr(self, name) for name in names if getattr(self, name)}
        return found | ({"duplicates": self.duplicates} if self.duplicates > self.bound else {})


def judge(supervisor: Supervisor, channels: Iterable[str]) -> Verdict:
    """Compare what arrived with what the script demands."""
    by_feature = expected(supervisor.orders.script)
    wanted = {(channel, each) for channel in channels for news in by_feature.values() for each in news}
    arrivals = supervisor.site.arrivals
    taken = Counter((arrival.channel, each) for arrival in arrivals if arrival.is_taken for each in arrival.news)
    seen = Counter((arrival.channel, each) for arrival in arrivals for each in arrival.news)
    rows = _rows(supervisor.orders.place)
    ambiguous = _ambiguous(supervisor.orders.place)
    return Verdict(
        expected=len(wanted),
        queued=len(rows),
        duplicates=sum(count - 1 for count in taken.values()),
        bound=sum(supervisor.kills.values()) + ambiguous,
        never_queued=len(wanted - set(rows)),
        undelivered=len(wanted - set(taken)),
        unexpected=len(set(seen) - wanted),
        disorder=sum(not _in_order(arrivals, channel, news) for channel in channels for news in by_feature.values()),
        while_blocked=sum(arrival.blocked for arrival in arrivals),
        unlogged=sum(max(0, count - rows.get(each, 0)) for each, count in seen.items()),
    )


def _in_order(arrivals: Iterable[Arrival], channel: str, news: list[Told]) -> bool:
    came = [
        each
        for arrival in arrivals
        if arrival.channel == channel and arrival.is_taken
        for each in arrival.news
        if each in news
    ]
    return is_subsequence_in_order(came, news)


def _rows(place: str) -> dict[tuple[str, Told], int]:
    """Return what was ever queued, and how many attempts were written down for it."""
    query = """
        SELECT n.channel, n.payload, count(a.n) AS attempts FROM notifications n
        LEFT JOIN delivery_attempts a ON a.notification_id = n.notification_id
        GROUP BY n.notification_id, n.channel, n.payload
    """
    found: dict[tuple[str, Told], int] = {}
    with open_store(place) as store, store.read() as connection:
        for row in connection.execute(text(query)):
            facts = facts_from_json(row.payload)
            found[row.channel, (facts.subject, facts.episode, facts.kind)] = int(row.attempts)
    return found


def _ambiguous(place: str) -> int:
    """Return how many attempts a dispatcher that lived on could not tell the outcome of."""
    query = "SELECT count(*) FROM delivery_attempts WHERE outcome = 'unknown' AND detail NOT LIKE 'whoever sent it%'"
    with open_store(place) as store, store.read() as connection:
        return int(connection.execute(text(query)).scalar_one())


def _state(pid: int) -> str:
    """The letter of a process's state; empty when it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return ""
