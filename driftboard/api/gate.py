"""The gate: how many requests and rows a minute each key may send; one key's flood is not another's trouble."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from driftboard.api.refusal import Refusal
from driftboard.api_settings import ApiSettings

_MINUTE = 60.0


@dataclass(slots=True)
class _Bucket:
    """Tokens of one key, full at the beginning; they come back evenly over a minute."""

    size: int
    tokens: float
    at: float

    def take(self, count: int, now: float) -> float:
        """Take so many; return 0, or the seconds until there are enough. More than fit need a full bucket."""
        self.tokens = min(self.size, self.tokens + (now - self.at) * self.size / _MINUTE)
        self.at = now
        missing = min(count, self.size) - self.tokens
        if missing > 0:
            return missing * _MINUTE / self.size
        self.tokens -= count
        return 0.0


class Gate:
    """Token buckets by key: of requests and of rows."""

    def __init__(self, api: ApiSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sizes = {"requests": api.requests_per_minute, "rows": api.rows_per_minute}
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def admit(self, key_id: str) -> None:
        """Count a request of this key.

        Raises
        ------
        Refusal
            429: it sent as many this minute as it may.
        """
        self._take(key_id, "requests", 1)

    def charge(self, key_id: str, rows: int) -> None:
        """Count the rows of a request, before any of them is stored.

        Raises
        ------
        Refusal
            429: this key sent as many this minute as it may.
        """
        self._take(key_id, "rows", rows)

    def _take(self, key_id: str, what: str, count: int) -> None:
        now = self._clock()
        bucket = self._buckets.get((key_id, what))
        if bucket is None:
            size = self._sizes[what]
            bucket = self._buckets[key_id, what] = _Bucket(size, size, now)
        seconds = bucket.take(count, now)
        if seconds > 0:
            message = f"more than {bucket.size:,} {what} a minute of one key: send it again later"
            raise Refusal(429, "too_many_requests", message, retry_after=math.ceil(seconds))
