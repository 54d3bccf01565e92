"""What one channel was told of one incident since it was last told that it is over: read from the outbox alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from driftboard.alerts.facts import MOST_AFFECTED, facts_from_json
from driftboard.alerts.severity import Severity
from driftboard.data.incident import Incident
from driftboard.data.outbox import Delivery, Notification

CLOCK_SLACK = timedelta(minutes=1)
"""A time so far ahead of now was written by another clock; one further ahead, before the clock was set back."""

_TOLD = frozenset({Delivery.QUEUED, Delivery.DELIVERED, Delivery.DEAD})
_RETRIED = 2


@dataclass(frozen=True, slots=True)
class Spell:
    """What counts as told on one channel, oldest first; superseded and suppressed rows do not."""

    rows: tuple[Notification, ...]

    @property
    def severity(self) -> str:
        """As told last."""
        return self.rows[-1].severity

    @property
    def untried(self) -> tuple[Notification, ...]:
        """What waits and was never tried: it can still be taken back."""
        return tuple(each for each in self.rows if is_untried(each))

    @property
    def waiting(self) -> tuple[Notification, ...]:
        """What is still to be delivered."""
        return tuple(each for each in self.rows if each.state is Delivery.QUEUED)

    @property
    def is_heard(self) -> bool:
        """Whether anything arrived, or may have; of what still waits that cannot be said yet."""
        return any(_may_have_arrived(each) for each in self.rows)

    @property
    def is_lost(self) -> bool:
        """Whether all of it was given up."""
        return bool(self.rows) and all(each.state is Delivery.DEAD for each in self.rows)

    @property
    def is_flapping(self) -> bool:
        """Whether the last word was that it comes and goes."""
        return facts_from_json(self.rows[-1].payload).flapping

    def last_at(self, now: datetime, kinds: frozenset[str] | None = None) -> datetime | None:
        """Return when the channel was last told something (of these kinds); what waits counts from when it was queued.

        None: never, or only by a clock that has been set back since, which must not keep anything quiet.
        """
        rows = [each for each in self.rows if kinds is None or each.kind in kinds]
        times = [each.finished_at or each.created_at for each in rows]
        return max((at for at in times if at <= now + CLOCK_SLACK), default=None)

    @property
    def critical_rows(self) -> tuple[Notification, ...]:
        """The rows since the channel learnt that it is critical; none, if the last word was another."""
        milder = (place for place, each in enumerate(self.rows) if each.severity != Severity.CRITICAL)
        return self.rows[max(milder, default=-1) + 1 :]

    def without(self, notification_ids: Sequence[int]) -> "Spell":
        """Return the spell as it is once these rows are superseded."""
        return Spell(tuple(each for each in self.rows if each.notification_id not in notification_ids))

    def news(self, incident: Incident) -> tuple[str, ...]:
        """Return the parts that the channel was never told of, by rank, and as many as a message names.

        Where the newest row could name some of its parts only, one more is no news; twice as many are.
        """
        count = _told(self.rows[-1].payload)[1] if self.rows else 0
        if count > MOST_AFFECTED and len(incident.affected) < 2 * count:
            return ()
        fresh = [each.subject for each in incident.affected]
        for row in reversed(self.rows):  # the newest most often names them all: a year of reminders need not be read
            if not fresh:
                break
            named = _told(row.payload)[0]
            fresh = [each for each in fresh if each not in named]
        return tuple(fresh[:MOST_AFFECTED])


def spell_of(told: Sequence[Notification], channel: str, *, dry_run: bool) -> Spell:
    """Return the spell of a channel; a rehearsal counts only while it is still rehearsed."""
    states = _TOLD | {Delivery.DRY_RUN} if dry_run else _TOLD
    rows = [each for each in told if each.channel == channel and each.state in states]
    over = max((place for place, each in enumerate(rows) if each.kind == "resolve"), default=-1)
    return Spell(tuple(rows[over + 1 :]))


def is_untried(row: Notification) -> bool:
    """Whether it waits, and nobody has tried to send it."""
    return row.state is Delivery.QUEUED and row.attempts == 0


def _may_have_arrived(row: Notification) -> bool:
    """Given up after several attempts it may have; refused at the first one it has not."""
    if row.state is Delivery.DEAD:
        return row.attempts >= _RETRIED
    return row.state is not Delivery.QUEUED


@lru_cache(maxsize=256)
def _told(payload: str) -> tuple[frozenset[str], int]:
    """The parts that a notification names, and how many it counts."""
    facts = facts_from_json(payload)
    return frozenset((*(each.subject for each in facts.affected), *facts.news)), facts.n_affected
