"""How many pairs it would take to see a difference."""

from math import ceil

_Z = 1.959963984540054 + 0.8416212335729143  # the normal's 97.5 % and 80 % points


def rows_needed(difference: float, variance: float, n: int) -> int | None:
    """Return the pairs at which a difference of this size would pass at 5 % four times in five; None if n are enough.

    n = (1.96 + 0.84)²·variance / difference², for the variance of one pair's difference. None as well where there is no
    difference, which no number of pairs would show.

    Source: R. J. Connor, Biometrics 43 (1987), 207.

    >>> rows_needed(0.01, 0.06, 500)
    4710
    """
    if difference == 0 or variance <= 0 or _Z**2 * variance <= n * difference**2:
        return None
    ratio = variance / difference**2 if difference**2 > 0 else float("inf")
    return ceil(_Z**2 * ratio) if ratio < 1e9 else None  # noqa: PLR2004 - nobody has a billion labels
