"""Two policies side by side: what both told, what only one did, and what one told sooner."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from driftboard.alerts.backtest import Backtest, Told

Which = Literal["only first", "only second", "earlier", "later"]

_SAME_NEWS = timedelta(days=1)
"""Messages of one kind about one problem further apart than this are two pieces of news."""

_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One message that differs.

    Attributes
    ----------
    which
        Told by the first or the second policy only; or by both, by the second `earlier` or `later`.
    first, second
        The message of each policy; None where it told nothing.
    """

    which: Which
    first: Told | None
    second: Told | None

    @property
    def told(self) -> Told:
        """The message of the first policy, or, where that told nothing, of the second."""
        told = self.first or self.second
        assert told is not None  # noqa: S101 - one of the two is always there
        return told


def differences(first: Backtest, second: Backtest) -> tuple[Difference, ...]:
    """Return where two backtests of one history differ, in order of time.

    Messages of the same kind and severity about the same problem on the same channel are one and the same when they
    left at the same time; of the others, those less than a day apart are paired in order.
    """
    found: list[Difference] = []
    ones, others = _by_key(first.told), _by_key(second.told)
    for key in sorted(ones.keys() | others.keys()):
        found += _paired(ones.get(key, []), others.get(key, []))
    return tuple(sorted(found, key=lambda each: (each.told.at, each.told.channel)))


def _by_key(told: Iterable[Told]) -> dict[_Key, list[Told]]:
    grouped: dict[_Key, list[Told]] = {}
    for each in told:
        key = (str(each.model or ""), each.rule, each.subject, each.severity, each.kind, each.channel)
        grouped.setdefault(key, []).append(each)
    return grouped


def _paired(ones: list[Told], others: list[Told]) -> list[Difference]:
    same = {each.at for each in ones} & {each.at for each in others}
    left = [each for each in ones if each.at not in same]
    right = [each for each in others if each.at not in same]
    found: list[Difference] = []
    while left or right:
        if left and right and abs(left[0].at - right[0].at) < _SAME_NEWS:
            one, other = left.pop(0), right.pop(0)
            found.append(Difference("earlier" if other.at < one.at else "later", one, other))
        elif left and (not right or left[0].at < right[0].at):
            found.append(Difference("only first", left.pop(0), None))
        else:
            found.append(Difference("only second", None, right.pop(0)))
    return found
