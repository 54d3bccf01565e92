"""The budget of false pages: how it is written down, and what chance of a page it leaves to one batch."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from driftboard.errors import ConfigError

DEFAULT_ALPHA = 5e-4
"""One false page in 2,000 batches: also while the rate of the batches is not known yet."""

LEAST_BATCHES = 8
"""So many batches tell how many there are in a day; fewer do not."""

_DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "quarter": 365.25 / 4, "year": 365.25}
_LIMITS = (1e-7, 0.05)
_PER_BATCHES = re.compile(r"\s*(\d+(?:\.\d+)?) per (\d[\d_, ]*) batch(?:es)?\s*")
_PER_TIME = re.compile(rf"\s*(\d+(?:\.\d+)?) per ({'|'.join(_DAYS)})\s*")


@dataclass(frozen=True, slots=True)
class FalsePages:
    """So many pages by luck alone, in so many batches or in so many days; the other of the two is None."""

    pages: float
    batches: float | None = None
    days: float | None = None

    def alpha(self, batches_per_day: float | None) -> float:
        """Return the chance of a false page that one batch may have, between 1e-7 and 0.05.

        Parameters
        ----------
        batches_per_day
            How many batches there are in a day; None while too few have come to tell: then 5e-4, unless the budget
            is in batches and needs no rate.
        """
        batches = self.batches
        if self.days is not None:
            if batches_per_day is None:
                return DEFAULT_ALPHA
            batches = self.days * batches_per_day
        least, most = _LIMITS
        return min(max(self.pages / batches, least), most) if batches else most


def parse_false_pages(text: str) -> FalsePages:
    """Return the budget that `text` names: `1 per 2000 batches`, `1 per month`.

    Raises
    ------
    ConfigError
        It names none, or none above zero.

    >>> parse_false_pages("1 per 2000 batches").alpha(None)
    0.0005
    >>> round(parse_false_pages("1 per month").alpha(24.0), 5)
    0.00137
    """
    if match := _PER_BATCHES.fullmatch(text):
        found = FalsePages(float(match[1]), batches=float(re.sub(r"[_, ]", "", match[2])))
    elif match := _PER_TIME.fullmatch(text):
        found = FalsePages(float(match[1]), days=_DAYS[match[2]])
    else:
        raise ConfigError(f"{text!r} is no budget of pages: write '1 per 2000 batches' or '1 per month'")
    if not found.pages or found.batches == 0:
        raise ConfigError(f"{text!r} leaves no page at all: a detector that may never be wrong says nothing")
    return found


def alpha(false_pages: str, batches_per_day: float | None) -> float:
    """Return the chance of a false page that the written budget leaves to one batch.

    >>> alpha("1 per quarter", None)
    0.0005
    """
    return parse_false_pages(false_pages).alpha(batches_per_day)


def batches_per_day(starts: Sequence[datetime]) -> float | None:
    """Return the rate of batches to two figures, so that it stays the same while they keep coming regularly.

    Parameters
    ----------
    starts
        When each batch began, in any order.

    Returns
    -------
    float or None
        None for fewer than eight batches, and for batches that all began at the same moment.

    >>> batches_per_day([datetime(2026, 3, 1 + hour // 24, hour % 24) for hour in range(48)])
    24.0
    """
    if len(starts) < LEAST_BATCHES:
        return None
    span = (max(starts) - min(starts)) / timedelta(days=1)
    return float(f"{(len(starts) - 1) / span:.2g}") if span > 0 else None
