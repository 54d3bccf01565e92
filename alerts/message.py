"""One message to one channel: what one or more notifications say, in words, ranked and capped."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from driftboard.alerts.entry import Entry, entry_of
from driftboard.alerts.facts import Facts, facts_from_json
from driftboard.alerts.rules import Page, rule_named
from driftboard.alerts.severity import Severity
from driftboard.data.outbox import Notification

MOST_ENTRIES = 20
_HEADLINE = 300
_DIGITS = 32
_MOST_HURTFUL: tuple[Page, ...] = ("service", "performance", "predictions", "data_quality", "drift", "alerts")


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel sends.

    Attributes
    ----------
    key
        Identity of this message over every attempt: letters, digits and dots.
    thread
        Fingerprint of the problem that leads: messages about it belong together.
    severity, headline
        Of the entry that leads, and how many others there are.
    entries, n_entries
        The most serious ones, and how many there are in all.
    sent_at
        Aware, UTC.
    repeated
        An earlier attempt may have arrived: the headline says so.
    facts
        Of every incident, for channels that speak to machines; as many as `n_entries`, in the order of `entries`.
    chart
        PNG of the chart that proves the leading one; None when there is none.
    """

    key: str
    thread: str
    severity: Severity
    headline: str
    entries: tuple[Entry, ...]
    n_entries: int
    sent_at: datetime
    repeated: bool
    facts: tuple[Facts, ...]
    chart: bytes | None = None

    @property
    def more(self) -> int:
        """How many incidents are not listed."""
        return self.n_entries - len(self.entries)


def build(
    notifications: Sequence[Notification], *, base_url: str, now: datetime, repeated: bool, chart: bytes | None = None
) -> Message:
    """Return the message for notifications of one channel: at least one.

    Parameters
    ----------
    base_url
        Where people reach the dashboard.
    now
        Aware: when it is sent.
    repeated
        An earlier attempt may have arrived.
    chart
        PNG of the chart of the incident that leads, the first of `ranked`.
    """
    first = min(notifications, key=lambda each: each.notification_id)
    identity = f"{first.notification_id} {first.created_at.isoformat()} {first.channel} {first.fingerprint}"
    key = f"{first.notification_id}.{hashlib.sha256(identity.encode('utf-8', 'replace')).hexdigest()[:_DIGITS]}"
    facts = [facts_from_json(each.payload) for each in ranked(notifications)]
    return message_of(facts, key=key, base_url=base_url, now=now, repeated=repeated, chart=chart)


def ranked(notifications: Sequence[Notification]) -> list[Notification]:
    """Return them as a message lists them: what is over last, the gravest first, then what hurts most, then the oldest.

    A service that fails or stalls hurts, and so does what labels have measured; what was predicted may; what went in is
    most often the cause.

    The first leads: it is the one to draw a chart of.
    """
    return sorted(
        notifications,
        key=lambda each: (each.kind == "resolve", -Severity(each.severity).rank, _place(each), each.notification_id),
    )


def _place(notification: Notification) -> int:
    return _MOST_HURTFUL.index(rule_named(facts_from_json(notification.payload).rule).page)


def message_of(
    facts: Sequence[Facts],
    *,
    key: str,
    base_url: str,
    now: datetime,
    repeated: bool = False,
    chart: bytes | None = None,
) -> Message:
    """Return the message that tells these facts; the first leads."""
    entries = tuple(entry_of(each, base_url=base_url, now=now) for each in facts[:MOST_ENTRIES])
    others = f" +{len(facts) - 1:,} more" if len(facts) > 1 else ""
    repeat = "(repeat) " if repeated else ""
    room = _HEADLINE - len(others) - len(repeat)
    return Message(
        key=key,
        thread=facts[0].fingerprint,
        severity=entries[0].severity,
        headline=f"{repeat}{_cut(entries[0].headline, room)}{others}",
        entries=entries,
        n_entries=len(facts),
        sent_at=now,
        repeated=repeated,
        facts=tuple(facts),
        chart=chart,
    )


def _cut(line: str, limit: int) -> str:
    return line if len(line) <= limit else line[: limit - 1] + "…"
