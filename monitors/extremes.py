"""How far out of range the reference's own batches lie: what the range of the others says of each."""

from collections.abc import Mapping, Sequence

import numpy as np

from driftboard.monitors.sample import Codes, Floats


def extreme_share(columns: Mapping[str, Floats], pieces: Sequence[Codes]) -> tuple[Floats, Floats]:
    """Return the largest share of a batch's finite values that lies below, and above, all those of the other batches.

    One day of a reference holds its highest temperature, and perhaps an hour of rows near it: so many rows above the
    range of the other days are nothing unusual.

    Parameters
    ----------
    columns
        The d columns of the reference, shape (n,) each.
    pieces
        The rows of each of its own batches.

    >>> days = [np.arange(0, 2), np.arange(2, 6)]
    >>> below, above = extreme_share({"a": np.array([1.0, 2.0, 1.0, 3.0, 9.0, 9.0])}, days)
    >>> float(above[0])
    0.75
    """
    if not pieces:
        return np.zeros(len(columns)), np.zeros(len(columns))
    shares = [(_above(-values, pieces), _above(values, pieces)) for values in columns.values()]
    below, above = np.array(shares).reshape(-1, 2).T
    return below, above


def _above(values: Floats, pieces: Sequence[Codes]) -> float:
    finite = np.where(np.isfinite(values), values, -np.inf)
    highest = np.array([finite[each].max(initial=-np.inf) for each in pieces])
    top, others = int(np.argmax(highest)), np.partition(highest, -2)[-2] if highest.size > 1 else np.inf
    mine = finite[pieces[top]]
    return float(np.mean(mine > others)) if mine.size and np.isfinite(others) else 0.0
