"""How much attention an alert asks for."""

from enum import StrEnum


class Severity(StrEnum):
    """Ordered: `info` is only kept, `warning` is for office hours, `critical` is a page."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Position in the order, 0 for `info`."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


def at_least(severity: Severity) -> tuple[Severity, ...]:
    """Return this severity and those above it.

    >>> [str(each) for each in at_least(Severity.WARNING)]
    ['warning', 'critical']
    """
    return tuple(each for each in Severity if each.rank >= severity.rank)
