"""Times of rows: RFC 3339 text to microseconds, and the batch that a time falls in; the same text is read once."""

from datetime import datetime
from typing import Any

from driftboard.data.times import to_micros
from driftboard.data.windows import start_text, window_micros

_YEARS = range(-62_104_060_800_000_000, 253_339_228_800_000_000)
"""Microseconds of the years 2 to 9997: every window that begins there can be written."""

_ADVICE = 'write a time with a zone, such as "2026-11-21T14:37:00Z"'


class RowTimes:
    """Reads the times of a request's rows."""

    def __init__(self, now: datetime, window: str) -> None:
        self._now = to_micros(now)
        self._length = window_micros(window)
        self._known: dict[str, int] = {}
        self._batches: dict[int, str] = {}

    def micros(self, given: Any) -> int:
        """Return a time in microseconds; the present where none is given.

        Raises
        ------
        ValueError
            It is no time, has no zone, or is beyond the years that a database can hold.
        """
        if given is None:
            return self._now
        if type(given) is not str:
            raise ValueError(_ADVICE)
        at = self._known.get(given)
        if at is None:
            at = self._known[given] = read_time(given)
        return at

    def batch_of(self, at: int) -> str:
        """Return the id of the batch that a time falls in."""
        start = at - at % self._length
        if start not in self._batches:
            self._batches[start] = start_text(at, self._length)
        return self._batches[start]


def read_time(text: str) -> int:
    """Return microseconds since 1970 of an RFC 3339 text.

    Raises
    ------
    ValueError
        It is no time, has no zone, or is beyond the years that a database can hold.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(_ADVICE) from None
    if at.tzinfo is None:
        raise ValueError(f"no time zone: {_ADVICE}")
    micros = to_micros(at)
    if micros not in _YEARS:
        raise ValueError("not between the years 2 and 9997")
    return micros
