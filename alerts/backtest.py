"""A backtest: what a policy would have told of what was recorded, when, and to whom.

Pure: the same decisions as in the live pipeline, over the same reports, acts and silences, with a simulated clock.
What it leaves out: rate limits and failures of channels, the daily digest, and incidents about driftboard itself.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.facts import Facts, Kind, facts_from_json
from driftboard.alerts.history import History
from driftboard.alerts.rehearsal import Rehearsal
from driftboard.data.incident import Incident
from driftboard.data.model_key import ModelKey
from driftboard.data.outbox import Notification
from driftboard.data.silences import Silence

PAGING: frozenset[Kind] = frozenset({"fire", "change", "escalate"})
"""The kinds that call somebody when they are critical; a reminder repeats a call."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One message that would have left.

    Attributes
    ----------
    at, channel
        When, and to whom.
    kind, severity
        What was told, and how grave it was.
    incident
        Number of the incident in this backtest, from 1; not its id in the log.
    parts, n_parts
        The features it named, at most twenty, and how many there were.
    """

    at: datetime
    channel: str
    kind: Kind
    severity: str
    incident: int
    episode: int
    fingerprint: str
    model: ModelKey | None
    rule: str
    subject: str
    message: str
    batch: str
    parts: tuple[str, ...]
    n_parts: int

    @property
    def is_page(self) -> bool:
        """Whether it calls somebody."""
        return self.severity == "critical" and self.kind in PAGING


@dataclass(frozen=True, slots=True)
class Backtest:
    """What one policy told in a period.

    Attributes
    ----------
    since, until
        The period; what was before it was lived through too, and is left out here.
    batches
        Batches judged in it, revisions included.
    told
        In order of time.
    incidents
        Those that opened in it, as they stood at its end.
    unmatched
        Acts of people, in all of the history, that found no open incident under this policy.
    """

    since: datetime
    until: datetime
    batches: int
    told: tuple[Told, ...]
    incidents: tuple[Incident, ...]
    unmatched: int

    @property
    def pages(self) -> tuple[Told, ...]:
        """The messages that call somebody."""
        return tuple(each for each in self.told if each.is_page)

    def counts(self) -> dict[tuple[str, str, str], tuple[int, int]]:
        """Return (messages, pages) by model, rule and channel, the most pages first."""
        messages = Counter((str(each.model or ""), each.rule, each.channel) for each in self.told)
        pages = Counter((str(each.model or ""), each.rule, each.channel) for each in self.pages)
        ordered = sorted(messages, key=lambda key: (-pages[key], -messages[key], key))
        return {key: (messages[key], pages[key]) for key in ordered}


def last_moment(history: History, *, now: datetime) -> datetime:
    """Return when a backtest ends by default: a day after the newest judgement, or now.

    What is open at the end of an old log would be reminded of for ever.
    """
    if not history.judged:
        return now
    newest = history.judged[-1].at
    return min(newest + _DAY, max(now, newest + timedelta(seconds=1)))


def backtest(history: History, settings: AlertSettings, *, since: datetime, until: datetime) -> Backtest:
    """Live through a history under one policy.

    Parameters
    ----------
    history
        From the very beginning, so that what rules remember at `since` is right.
    since, until
        The period that is told of, aware.
    """
    rehearsal = Rehearsal(settings)
    for at, happen in _events(history, rehearsal):
        if at >= until:
            break
        rehearsal.run_until(at)
        happen()
    rehearsal.run_until(until)
    return Backtest(
        since=since,
        until=until,
        batches=sum(since <= each.at < until for each in history.judged),
        told=tuple(_told(row) for row in rehearsal.arrived() if row.finished_at and since <= row.finished_at < until),
        incidents=tuple(each for each in rehearsal.incidents.values() if since <= each.opened_at < until),
        unmatched=rehearsal.unmatched,
    )


_Event = tuple[datetime, Callable[[], None]]


def _events(history: History, rehearsal: Rehearsal) -> Iterator[_Event]:
    """Yield what happened, in order of time; of what happened at once, what the monitors said comes first."""
    judged = ((each.at, partial(rehearsal.judge, each)) for each in history.judged)
    acts = ((each.event.at, partial(rehearsal.repeat, each)) for each in history.acts)
    return heapq.merge(judged, acts, _hushes(history.silences, rehearsal), key=lambda event: event[0])


def _hushes(silences: Sequence[Silence], rehearsal: Rehearsal) -> Iterator[_Event]:
    """Yield the moments at which a silence was made or ended by hand; before that moment nobody knew of it."""
    made = [(each.created_at, replace(each, expired_at=None)) for each in silences]
    ended = [(each.expired_at, each) for each in silences if each.expired_at is not None]
    known: dict[int, Silence] = {}
    for at, silence in sorted(made + ended, key=lambda moment: moment[0]):
        known[silence.silence_id] = silence
        known = {name: each for name, each in known.items() if each.ends_at > at and not each.expired_at}
        yield at, partial(rehearsal.hush, tuple(known.values()), at)


def _told(row: Notification) -> Told:
    facts: Facts = facts_from_json(row.payload)
    return Told(
        at=row.finished_at or row.created_at,
        channel=row.channel,
        kind=facts.kind,
        severity=row.severity,
        incident=row.incident_id or 0,
        episode=facts.episode,
        fingerprint=row.fingerprint,
        model=facts.model,
        rule=facts.rule,
        subject=facts.subject,
        message=facts.message,
        batch=facts.batch,
        parts=tuple(each.subject for each in facts.affected),
        n_parts=facts.n_affected,
    )
