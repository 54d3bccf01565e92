"""Numbers as an on-call engineer reads them. Names are only ever inserted, never treated as templates."""

from collections.abc import Sequence

_SMALLEST_P = 1e-12
_WHOLE_PERCENT = 0.095
_THOUSAND = 999.5
_MILLION = 1e6


def named(name: str) -> str:
    """Return a feature's or class's name set apart from the text."""
    return f"`{name}`"


def number(value: float) -> str:
    """Return a value to three digits, thousands whole.

    >>> number(39.2468), number(1018.25), number(12345678.0)
    ('39.2', '1,018', '1.23e+07')
    """
    return f"{value:,.0f}" if _THOUSAND <= abs(value) < _MILLION else f"{value:.3g}"


def percent(share: float) -> str:
    """Return a share in per cent, to two digits where it is small.

    >>> percent(0.223), percent(0.0123), percent(0.0001)
    ('22 %', '1.2 %', '0.01 %')
    """
    return f"{100 * share:.0f} %" if abs(share) >= _WHOLE_PERCENT else f"{100 * share:.2g} %"


def chance(p_value: float) -> str:
    """Return a p-value.

    >>> chance(3.21e-9), chance(0.0), chance(0.25)
    ('p = 3.2e-09', 'p < 1e-12', 'p = 0.25')
    """
    return f"p < {_SMALLEST_P:g}" if p_value < _SMALLEST_P else f"p = {p_value:.2g}"


def count(n: int, noun: str) -> str:
    """Return a number of things.

    >>> count(1, "row"), count(12000, "row")
    ('1 row', '12,000 rows')
    """
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def listing(items: Sequence[str], *, most: int = 5) -> str:
    """Return the first few items and how many more there are.

    >>> listing(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    shown = ", ".join(items[:most])
    return f"{shown} and {len(items) - most} more" if len(items) > most else shown
