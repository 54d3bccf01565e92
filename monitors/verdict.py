"""How a batch stands, in one word."""

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """How a batch stands. Ordered by how much attention it asks for; NaN is never `ok`."""

    OK = "ok"
    NO_DATA = "no_data"
    INSUFFICIENT = "insufficient"
    INFO = "info"
    WARNING = "warning"
    INVALID = "invalid"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Position in the order of attention, 0 for `ok`."""
        return _RANKS[self]


_RANKS = {verdict: rank for rank, verdict in enumerate(Verdict)}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict that asks for most attention; `no_data` when there is none.

    >>> worst([Verdict.OK, Verdict.WARNING, Verdict.INSUFFICIENT])
    <Verdict.WARNING: 'warning'>
    """
    return max(verdicts, key=lambda verdict: verdict.rank, default=Verdict.NO_DATA)


def overall(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of those that say something: one sparse subject does not hide that the others are steady.

    >>> overall([Verdict.OK, Verdict.INSUFFICIENT])
    <Verdict.OK: 'ok'>
    """
    given = list(verdicts)
    return worst([each for each in given if each not in (Verdict.INSUFFICIENT, Verdict.NO_DATA)] or given)
