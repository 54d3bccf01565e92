"""Times as people write them: lengths (`90d`, `12h`, `52w`) and points (`2025-11-03`, `2025-11-03T14:00+01:00`)."""

import re
from datetime import UTC, datetime, timedelta

from driftboard.errors import ConfigError

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_AGE = re.compile(r"\s*(\d{1,5})\s*([mhdw])\s*")


def parse_age(text: str) -> timedelta:
    """Return the length of time that `text` names: a whole number of minutes, hours, days or weeks, above zero.

    >>> parse_age("90d").days
    90
    """
    match = _AGE.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise ConfigError(f"{text!r} is no length of time: write 90d, 12h or 52w")
    return int(match[1]) * _UNITS[match[2]]


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
