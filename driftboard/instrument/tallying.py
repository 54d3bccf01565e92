"""From requests to counts by the minute."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from driftboard.data.service_counts import LATENCY_BOUNDS, MINUTE, ROWS_BOUNDS, ServiceCounts
from driftboard.instrument.live import REJECTED, Event

Slot = tuple[int, datetime]


def tallied(events: Sequence[Event], *, ahead: float) -> dict[Slot, ServiceCounts]:
    """Return the counts of requests by the minute that they ended in.

    Durations and rows are of the requests that count for or against the service: those that were answered, and those
    that failed; not of rejected ones.

    Parameters
    ----------
    ahead
        Seconds by which the wall clock (since the epoch) is ahead of the clock of the events.

    >>> counts = tallied([(10.0, 0.2, 1, None), (70.0, 0.2, 3, "ValueError")], ahead=0.0)
    >>> [(start.minute, each.success, dict(each.errors), each.rows_sum) for (_, start), each in counts.items()]
    [(0, 1, {}, 1), (1, 0, {'ValueError': 1}, 3)]
    """
    if not events:
        return {}
    ends, seconds, rows, errors = zip(*events, strict=True)
    minutes = ((np.array(ends) + ahead) // MINUTE).astype(np.int64)
    arrays = np.array(seconds), np.array(rows, dtype=np.int64), np.array(errors, dtype=object)
    counts = {}
    for minute in sorted(set(minutes.tolist())):  # np.unique imports numpy.ma: a fork in the middle of that is fatal
        inside = minutes == minute
        start = datetime.fromtimestamp(minute * MINUTE, UTC)
        counts[MINUTE, start] = _counts(*(each[inside] for each in arrays))
    return counts


def _counts(seconds: NDArray[np.float64], rows: NDArray[np.int64], errors: NDArray[np.object_]) -> ServiceCounts:
    by_error = Counter(errors.tolist())
    success, rejected = by_error.pop(None, 0), by_error.pop(REJECTED, 0)
    judged = errors != REJECTED
    seconds, rows = seconds[judged], rows[judged]
    return ServiceCounts(
        success=success,
        errors=dict(by_error),
        rejected=rejected,
        latency=_cells(LATENCY_BOUNDS, seconds),
        latency_sum=float(seconds.sum()),
        rows=_cells(ROWS_BOUNDS, rows),
        rows_sum=int(rows.sum()),
    )


def _cells(bounds: Sequence[float], values: NDArray[np.generic]) -> tuple[int, ...]:
    if not values.size:
        return ()
    return tuple(np.bincount(np.searchsorted(bounds, values, side="left"), minlength=len(bounds) + 1).tolist())
