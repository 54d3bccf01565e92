"""Pieces of PromQL, of the families that the exporter has: a name that it does not have is an error here."""

from collections.abc import Iterable
from datetime import timedelta

from driftboard.exporter.families import MODEL, find_family
from driftboard.exporter.family import Family, bound_text
from driftboard.written_times import written_span

BY_MODEL = f"by ({', '.join(MODEL)})"
ON_MODEL = f"on ({', '.join(MODEL)})"
Matchers = tuple[str, ...]


def written(span: timedelta) -> str:
    """Return a length of time as Prometheus reads it.

    >>> written(timedelta(minutes=90)), written(timedelta(days=14))
    ('90m', '2w')
    """
    return written_span(span)


def number(value: float) -> str:
    """Return a number without the digits that arithmetic leaves behind.

    >>> number(14.4 * 0.01), number(2 * 0.5)
    ('0.144', '1')
    """
    return f"{value:.10g}"


def select(family: Family | str, *matchers: str, suffix: str = "") -> str:
    """Return a selector.

    >>> select("driftboard_requests_total", 'status="error"')
    'driftboard_requests_total{status="error"}'
    """
    known = find_family(family) if isinstance(family, str) else family
    return f"{known.name}{suffix}" + (f"{{{','.join(matchers)}}}" if matchers else "")


def rate(selector: str, window: timedelta | str) -> str:
    """Return the growth a second of counters, summed by model."""
    return f"sum {BY_MODEL} (rate({selector}[{_length(window)}]))"


def growth(selector: str, window: timedelta | str) -> str:
    """Return the growth of counters, summed by model."""
    return f"sum {BY_MODEL} (increase({selector}[{_length(window)}]))"


def bucket(bound: float) -> str:
    """Return the matcher of a histogram's bucket.

    >>> bucket(0.5)
    'le="0.5"'
    """
    return f'le="{bound_text(bound)}"'


def lines(*parts: str) -> str:
    """Return the parts of an expression, one a line."""
    return "\n".join(parts)


def without(expression: str, others: Iterable[Matchers], family: Family) -> str:
    """Return the expression less the models that other rules are about."""
    left_out = [f"unless {ON_MODEL} {select(family, *each)}" for each in others]
    return lines(expression, *left_out)


def _length(window: timedelta | str) -> str:
    return window if isinstance(window, str) else written(window)
