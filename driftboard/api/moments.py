"""Times in requests: `90d` ago, or a point in time."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Query

from driftboard.errors import ConfigError
from driftboard.written_times import parse_age, parse_instant

Since = Annotated[
    str | None,
    Query(max_length=60, description="`90d`, `12h`, or a time: `2026-03-01T12:00Z`; UTC where it says none."),
]
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = timedelta(days=3_660)


def moment(text: str) -> datetime:
    """Return the time a text names: so long before now, or a point in time; not before 1970.

    Raises
    ------
    ConfigError
        It names none.
    """
    try:
        span = parse_age(text)
    except ConfigError:
        try:
            return max(_EARLIEST, parse_instant(text))
        except OverflowError:  # year 1 in a zone east of Greenwich
            return _EARLIEST
    return max(_EARLIEST, datetime.now(UTC) - min(span, _LONGEST))


def until(text: str) -> datetime:
    """Return the time that is so long from now.

    Raises
    ------
    ConfigError
        It is no length of time, or too long.
    """
    span = parse_age(text)
    if span > _LONGEST:
        raise ConfigError("that is too long: name 10 years at most")
    return datetime.now(UTC) + span
