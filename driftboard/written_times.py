"""Times as people write them: lengths (`90d`, `12h`, `30s`) and points (`2025-11-03`, `2025-11-03T14:00+01:00`)."""

import re
from datetime import UTC, datetime, timedelta

from driftboard.errors import ConfigError

_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_AGE = re.compile(r"\s*(\d{1,5})\s*([mhdw])\s*")
_SPAN = re.compile(r"\s*(\d{1,6})\s*([smhdw])\s*")


def parse_age(text: str) -> timedelta:
    """Return the length of time that `text` names: a whole number of minutes, hours, days or weeks, above zero.

    >>> parse_age("90d").days
    90
    """
    match = _AGE.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise ConfigError(f"{text!r} is no length of time: write 90d, 12h or 52w")
    return int(match[1]) * _UNITS[match[2]]


def parse_span(text: str) -> timedelta:
    """Return the length of time that `text` names: as `parse_age`, and seconds; zero is one too.

    >>> parse_span("90s").total_seconds()
    90.0
    """
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no length of time: write 30s, 15m, 4h or 7d")
    return int(match[1]) * _UNITS[match[2]]


def written_span(span: timedelta) -> str:
    """Return the length as `parse_span` reads it, in the largest unit that holds it exactly.

    >>> written_span(timedelta(minutes=90)), written_span(timedelta(days=7)), written_span(timedelta(0))
    ('90m', '1w', '0s')
    """
    for letter, unit in reversed(_UNITS.items()):
        if span >= unit and span % unit == timedelta(0):
            return f"{span // unit}{letter}"
    return f"{round(span.total_seconds())}s"


def parse_instant(text: str) -> datetime:
    """Return the point in time that `text` names; UTC where it names no zone, midnight where it names no time.

    >>> parse_instant("2025-11-03").isoformat()
    '2025-11-03T00:00:00+00:00'
    """
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ConfigError(f"{text!r} is no point in time: write 2025-11-03 or 2025-11-03T14:00+01:00") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
