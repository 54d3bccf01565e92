"""What a metric family is: its name, its kind, what it says, by which labels."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Alias:
    """A common name that a family is repeated under.

    Attributes
    ----------
    name
        As others write it.
    labels
        What the family's labels are called there, in the same order.
    scale
        Values are multiplied by it: 100 where the others count in per cent.
    """

    name: str
    labels: tuple[str, ...]
    scale: float = 1


@dataclass(frozen=True, slots=True)
class Family:
    """A metric family.

    Attributes
    ----------
    name, kind, help
        As in the exposition; a histogram's samples end in `_bucket`, `_sum` and `_count`.
    labels
        Names of its labels, in order.
    aliases
        Under which other names it is repeated when `metrics.aliases` is set.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()


def bound_text(bound: float) -> str:
    """Return a histogram's bound as its `le` label says it: what rules have to write.

    >>> bound_text(0.5), bound_text(1), bound_text(float("inf"))
    ('0.5', '1.0', '+Inf')
    """
    return "+Inf" if bound == float("inf") else repr(float(bound))
