"""What can be seen at an airport at the moment a flight is due: how late the others leave, how many still wait."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

WINDOW = 120.0
GIVEN_UP = 180.0


@dataclass(frozen=True, slots=True, eq=False)
class AirportState:
    """Shape (n,) each, for n flights.

    Attributes
    ----------
    recent_delay
        Mean departure delay in minutes of the flights that left the airport in the two hours before; NaN when none
        did, as in the first hour of a day.
    waiting
        Flights overdue at the airport; one that is cancelled counts until three hours after it was due.
    """

    recent_delay: Floats
    waiting: Floats


def observe(due: Floats, delay: Floats, airport: Codes) -> AirportState:
    """Return the state of each flight's airport just before the flight is due.

    Parameters
    ----------
    due
        Shape (n,): scheduled departure in minutes, ascending.
    delay
        Shape (n,): departure delay in minutes, NaN when the flight never left.
    airport
        Shape (n,): code of the airport.

    >>> state = observe(np.array([0.0, 30, 60]), np.array([20.0, 40, 0]), np.array([0, 0, 0]))
    >>> state.recent_delay.tolist(), state.waiting.tolist()
    ([nan, 20.0, 20.0], [0.0, 0.0, 1.0])
    """
    state = AirportState(np.full(len(due), np.nan), np.zeros(len(due)))
    for code in np.unique(airport):
        here = np.flatnonzero(airport == code)
        state.recent_delay[here] = _recent_delay(due[here], delay[here])
        state.waiting[here] = _waiting(due[here], delay[here])
    return state


def _recent_delay(due: Floats, delay: Floats) -> Floats:
    left_at = due + delay
    gone = np.flatnonzero(~np.isnan(left_at))
    gone = gone[np.argsort(left_at[gone], kind="stable")]
    total = np.concatenate([[0.0], np.cumsum(delay[gone])])
    first = np.searchsorted(left_at[gone], due - WINDOW)
    last = np.searchsorted(left_at[gone], due)
    with np.errstate(invalid="ignore"):  # 0 / 0: nobody left, the mean is not known
        mean: Floats = (total[last] - total[first]) / (last - first)
    return mean


def _waiting(due: Floats, delay: Floats) -> Floats:
    over_at = np.sort(due + np.clip(np.nan_to_num(delay, nan=GIVEN_UP), 0.0, GIVEN_UP))
    arrived: Floats = np.searchsorted(due, due).astype(np.float64)
    return arrived - np.searchsorted(over_at, due)
