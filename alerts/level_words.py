"""A service level in one sentence with numbers."""

from math import ceil, log10

from driftboard.monitors.wording import count, number, percent

_SECOND = 1.0
_MOST_DIGITS = 4


def duration(seconds: float) -> str:
    """Return a duration as people say it.

    >>> duration(0.4123), duration(1.306)
    ('412 ms', '1.31 s')
    """
    return f"{1000 * seconds:.3g} ms" if seconds < _SECOND else f"{seconds:.3g} s"


def near_one(share: float) -> str:
    """Return a share in per cent, with as many digits as its distance from all needs.

    >>> near_one(0.97123), near_one(0.9953), near_one(0.99995), near_one(1.0)
    ('97.1 %', '99.53 %', '99.995 %', '100 %')
    """
    missing = 1 - share
    digits = 1 if missing <= 0 else min(_MOST_DIGITS, max(1, ceil(-log10(missing)) - 1))
    text = f"{100 * share:.{digits}f}"
    return f"{text.rstrip('0').rstrip('.')} %"


def budget(left: float) -> str:
    """Return how much of an error budget is left.

    >>> budget(0.421), budget(-2.1)
    ('42 % of the error budget is left', '3.1 times the error budget is spent')
    """
    if left >= 0:
        return f"{percent(left)} of the error budget is left"
    return f"{1 - left:.1f} times the error budget is spent"


def latency(name: str, value: float, objective: float, share: float, n: int, days: int) -> str:
    """Return how long requests took: `name` is p50, p95 or p99."""
    return (
        f"{name} {duration(value)}, {near_one(share)} of {count(n, 'request')} within {duration(objective)} "
        f"in {count(days, 'day')}"
    )


def failures(value: float, objective: float, n: int, days: int) -> str:
    """Return how many requests failed."""
    return f"{percent(value)} of {count(n, 'request')} failed in {count(days, 'day')}, where {percent(objective)} may"


def served(value: float, objective: float, n: int, days: int) -> str:
    """Return in how many minutes requests were answered."""
    minutes = f"{count(n, 'minute')} with requests in {count(days, 'day')}"
    return f"{near_one(value)} of {minutes} were served, of {near_one(objective)} promised"


def right(value: float, objective: float, low: float, high: float, n: int, days: int) -> str:
    """Return how many predictions were right."""
    return (
        f"Accuracy {value:.3g} ({low:.3g} to {high:.3g}) of {count(n, 'labelled prediction')} in {count(days, 'day')}, "
        f"{objective:.3g} promised"
    )


def rate(per_second: float) -> str:
    """Return a rate of predictions."""
    return f"{number(per_second)} predictions a second"
