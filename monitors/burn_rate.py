"""How fast an error budget burns: 1 spends it exactly by the end of its time, 14.4 spends 2 % of 30 days in an hour.

One window alone is slow or noisy: a long one goes on for hours after the trouble is over, a short one pages for every
hiccup. A window here is a pair: the long one says that it matters, the short one that it has not stopped.

Source: B. Beyer et al., The Site Reliability Workbook (2018), chapter 5, "Multiwindow, Multi-Burn-Rate Alerts".
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from driftboard.monitors.service_level import Tally

LEAST_BAD = 5
"""Fewer bad events than these in the long window are no evidence: one failure in twenty requests burns nothing."""


@dataclass(frozen=True, slots=True)
class Window:
    """A pair of windows, and the burn rate that both must exceed."""

    long: timedelta
    short: timedelta
    factor: float
    severity: Literal["critical", "warning"]


BURN_WINDOWS = (
    Window(timedelta(hours=1), timedelta(minutes=5), 14.4, "critical"),
    Window(timedelta(hours=6), timedelta(minutes=30), 6.0, "critical"),
    Window(timedelta(days=1), timedelta(hours=2), 3.0, "warning"),
    Window(timedelta(days=3), timedelta(hours=6), 1.0, "warning"),
)
"""The gravest first: what 2 %, 5 %, 10 % and 10 % of a budget of 30 days are worth."""


@dataclass(frozen=True, slots=True)
class Burn:
    """How fast the budget burned in a pair of windows; None where nothing happened."""

    window: Window
    long: float | None
    short: float | None
    firing: bool


def burn_rate(tally: Tally, target: float) -> float | None:
    """Return the share of bad events over the share that is allowed; None without events.

    >>> round(burn_rate(Tally(928, 1000), 0.995), 6)
    14.4
    """
    return (tally.bad / tally.total) / (1 - target) if tally.total else None


def burn(window: Window, long: Tally, short: Tally, *, target: float, enough: bool) -> Burn:
    """Return the burn rates of a pair of windows, and whether both exceed its factor.

    Parameters
    ----------
    long, short
        What happened in each.
    target
        Share of good events that is promised, below 1.
    enough
        Whether so much was asked of the service in the short window that it says something.

    >>> burn(BURN_WINDOWS[0], Tally(800, 1000), Tally(70, 100), target=0.99, enough=True).firing
    True
    """
    slow, fast = burn_rate(long, target), burn_rate(short, target)
    exceeds = slow is not None and fast is not None and min(slow, fast) > window.factor
    return Burn(window, slow, fast, firing=exceeds and enough and long.bad >= LEAST_BAD)
