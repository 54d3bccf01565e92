"""A service level: one promise about a model's service, and how it is kept."""

from dataclasses import dataclass
from typing import Literal

from driftboard.monitors.burn_rate import Burn

LevelName = Literal[
    "latency_p50", "latency_p95", "latency_p99", "availability", "error_rate", "accuracy", "throughput", "cost"
]
Unit = Literal["seconds", "share", "per second", "cost"]
Status = Literal["met", "missed", "unknown"]


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """One promise, and how it is kept.

    Attributes
    ----------
    name, title, unit
        Which one; its words; the unit of `objective` and `value`.
    objective, value
        As configured, and as measured; None when there is nothing to measure.
    target
        Share of good events that is promised; None for throughput and cost, as are the next four.
    compliance, low, high
        Share of good events, with its 95 % interval.
    budget_left
        1 untouched, 0 spent, below 0 overspent.
    good, total
        Good events, and all of them; 0 for throughput and cost.
    burn
        How fast the budget burns, window by window; empty where events are not told by the minute.
    status, message
        Whether it is kept, and one sentence with numbers.
    """

    name: LevelName
    title: str
    unit: Unit
    objective: float
    status: Status
    message: str
    value: float | None = None
    target: float | None = None
    compliance: float | None = None
    low: float | None = None
    high: float | None = None
    good: int = 0
    total: int = 0
    budget_left: float | None = None
    burn: tuple[Burn, ...] = ()
