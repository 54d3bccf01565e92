"""Seasons: Mondays are compared with Mondays, nights with nights, where traffic has such a rhythm. Times are UTC."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Season = Literal["none", "weekday", "hour", "weekday+hour"]

_HOUR = 3_600_000_000
_THURSDAY = 3  # 1 January 1970; Monday is 0


def season_codes(season: Season, at: Codes) -> Codes:
    """Return the season of each time: weekday (0 is Monday), hour, weekday * 24 + hour, or 0 without seasons.

    Parameters
    ----------
    at
        Shape (n,): microseconds since 1970 UTC.

    >>> friday_noon = np.array([36 * _HOUR])
    >>> [season_codes(each, friday_noon).item() for each in ("none", "weekday", "hour", "weekday+hour")]
    [0, 4, 12, 108]
    """
    hours = np.asarray(at, dtype=np.int64) // _HOUR
    weekday, hour = (hours // 24 + _THURSDAY) % 7, hours % 24
    codes = {"none": np.zeros_like(hours), "weekday": weekday, "hour": hour, "weekday+hour": weekday * 24 + hour}
    return codes[season]


def season_of(season: Season, first_at: int, last_at: int) -> int:
    """Return the season of a batch: that of its middle, so that a day of another time zone is mostly itself.

    >>> season_of("weekday", 30 * _HOUR, 50 * _HOUR)
    4
    """
    return int(season_codes(season, np.array([(first_at + last_at) // 2])).item())
