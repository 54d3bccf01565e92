"""When the monitors look: at every round, or when a cron expression says so."""

from datetime import datetime

from cronsim import CronSim


class Timetable:
    """Points in time, by a cron expression in UTC; without one every moment is due.

    Points that were missed, however many, are one: what has waited is judged once.

    Parameters
    ----------
    expression
        Minute, hour, day of month, month, day of week; or empty.
    last
        When the monitors looked last; None: never, so that they are due at once.

    >>> from datetime import UTC
    >>> six_hourly = Timetable("0 */6 * * *", datetime(2026, 3, 1, 5, 50, tzinfo=UTC))
    >>> [six_hourly.is_due(datetime(2026, 3, 1, *at, tzinfo=UTC)) for at in [(5, 59), (6, 0), (6, 1), (12, 30)]]
    [False, True, False, True]
    """

    def __init__(self, expression: str, last: datetime | None) -> None:
        self._expression = expression
        self._last = last

    def is_due(self, now: datetime) -> bool:
        """Return whether a point has passed since this was last said; then it is taken for done."""
        if self._expression and self._last is not None and self._last <= now and self._next(self._last) > now:
            return False
        self._last = now  # a clock that was set back is due, too: better once too often than a day too late
        return True

    def _next(self, last: datetime) -> datetime:
        return next(CronSim(self._expression, last))
