"""The times that the machine room looks at: how long, in which steps, until when; the choice is in the address."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import streamlit as st

from driftboard.dashboard import address

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time, and the step by which charts show it.

    Attributes
    ----------
    name, title
        As in the address; and as people read it: `last 24 hours`.
    length, step
        A hundred steps or so, each a whole number of the minutes (hours from seven days on) that counts are kept by.
    """

    name: str
    title: str
    length: timedelta
    step: timedelta

    def since(self, until: datetime) -> datetime:
        """Return the beginning: the start of the step that lies a whole length before `until`."""
        seconds = int((until - self.length).timestamp())
        return datetime.fromtimestamp(seconds - seconds % int(self.step.total_seconds()), UTC)


SPANS: dict[str, Span] = {
    span.name: span
    for span in (
        Span("1h", "hour", timedelta(hours=1), _MINUTE),
        Span("6h", "6 hours", timedelta(hours=6), 5 * _MINUTE),
        Span("24h", "24 hours", timedelta(hours=24), 15 * _MINUTE),
        Span("7d", "7 days", timedelta(days=7), 60 * _MINUTE),
        Span("30d", "30 days", timedelta(days=30), 360 * _MINUTE),
    )
}
_APART = {"24h": 5 * _MINUTE, "7d": 30 * _MINUTE, "30d": 120 * _MINUTE}
DEFAULT = "24h"
_YOUNG = timedelta(hours=2)


def choose(default: str = DEFAULT) -> Span:
    """Show the selector; return what is chosen."""
    wanted = address.read_only("span")
    address.offer("span", wanted if wanted in SPANS else default)
    name = st.segmented_control("Time", list(SPANS), required=True, key="span", help="Up to now, in UTC.")
    address.show("span", None if name == DEFAULT else name)
    return SPANS[str(name)]


def fitting(since: datetime | None, now: datetime) -> str:
    """Return the time to begin with, of something that was first seen at `since`: an hour, while it is young.

    >>> begun = datetime(2026, 1, 1, 8, tzinfo=UTC)
    >>> [fitting(each, begun + timedelta(minutes=30)) for each in (begun, None, begun - timedelta(days=1))]
    ['1h', '24h', '24h']
    """
    return "1h" if since is not None and now - since < _YOUNG else DEFAULT


def next_minute(now: datetime) -> datetime:
    """Return the end of a moment's minute: what is counted until now has begun before it.

    >>> next_minute(datetime(2026, 1, 1, 8, 59, 3, tzinfo=UTC)).isoformat()
    '2026-01-01T09:00:00+00:00'
    """
    return now.replace(second=0, microsecond=0) + _MINUTE


def next_hour(at: datetime) -> datetime:
    """Return the end of a moment's hour."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def sampled_every(span: Span) -> timedelta:
    """Return how far apart the minutes are that charts of processes show: a few hundred in all.

    >>> [int(sampled_every(span).total_seconds() // 60) for span in SPANS.values()]
    [1, 1, 5, 30, 120]
    """
    return _APART.get(span.name, _MINUTE)
