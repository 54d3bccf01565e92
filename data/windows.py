"""Time windows: which batch a prediction falls in when its caller names none."""

import re
from datetime import datetime

from driftboard.data.times import from_micros, to_micros
from driftboard.errors import ConfigError

_WINDOW = re.compile(r"(?P<count>[1-9][0-9]{0,5})(?P<unit>[smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_MICROS = 1_000_000


def window_micros(window: str) -> int:
    """Return the length of a window such as `15m`, `1h` or `1d` in microseconds.

    Raises
    ------
    ConfigError
        The text is no window.

    >>> window_micros("15m")
    900000000
    """
    match = _WINDOW.fullmatch(window) if isinstance(window, str) else None
    if match is None:
        raise ConfigError(f"{window!r} is no window: write a number and s, m, h, d or w, as in 15m, 1h, 1d")
    return int(match["count"]) * _SECONDS[match["unit"]] * _MICROS


def window_start(at: datetime, window: str) -> str:
    """Return the start of the window that `at` falls in, in UTC: the id of its batch.

    Windows are counted from 1970-01-01T00:00Z, so that every process cuts them alike, whatever its clock's zone.

    >>> from datetime import UTC
    >>> window_start(datetime(2026, 11, 21, 14, 37, tzinfo=UTC), "1h")
    '2026-11-21T14:00Z'
    """
    return start_text(to_micros(at), window_micros(window))


def start_text(at: int, length: int) -> str:
    """Return the same for microseconds and a window's length; seconds are written only where there are some."""
    start = from_micros(at - at % length)
    return f"{start:%Y-%m-%dT%H:%M:%SZ}" if start.second else f"{start:%Y-%m-%dT%H:%MZ}"
