"""Time that passes: measured, never read off a clock that somebody may set."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def seconds() -> float:
    """Return seconds since some moment; they go on while the machine sleeps or this process is stopped."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)  # Linux; elsewhere a machine's sleep may not count
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def wall_clock() -> datetime:
    """Return the time of day, UTC."""
    return datetime.now(UTC)


def clock_from(now: datetime) -> Clock:
    """Return a clock that shows `now`, and goes on from there."""
    started = seconds()
    return lambda: now + timedelta(seconds=seconds() - started)
