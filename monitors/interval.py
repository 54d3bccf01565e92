"""A confidence interval."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided 95 % confidence interval, unless its field says otherwise."""

    low: float
    high: float
