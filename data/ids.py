"""Prediction ids: text of 20 characters, ordered by the time they were made, so that the index only ever appends."""

import secrets
import time
from functools import cache

_PER_PREFIX = 16**4


def new_ids(n: int) -> list[str]:
    """Return n fresh ids: 48 bits of milliseconds and 32 random bits in base 32, then a counter of 4 hex digits.

    >>> first, second = new_ids(2)
    >>> len(first), first < second
    (20, True)
    """
    ids: list[str] = []
    while len(ids) < n:
        ids += map(_prefix().__add__, _counters()[: n - len(ids)])
    return ids


@cache
def _counters() -> tuple[str, ...]:
    return tuple(f"{counter:04x}" for counter in range(_PER_PREFIX))


def _prefix() -> str:
    number = ((time.time_ns() // 1_000_000) << 32) | secrets.randbits(32)
    digits = "0123456789abcdefghijklmnopqrstuv"
    return "".join(digits[(number >> shift) & 31] for shift in range(75, -5, -5))
