"""What is promised of a service: a card for each level, with what was measured, how sure that is, and what is left."""

from collections.abc import Sequence

import streamlit as st

from driftboard.alerts.service_levels import ServiceLevel
from driftboard.dashboard import page
from driftboard.dashboard.status import of_level, of_verdict
from driftboard.dashboard.text import lasting, number, percent, sentence
from driftboard.monitors.burn_rate import Burn

_A_ROW = 4
_LOW, _HIGH = 0.05, 0.95
_SIDES = {"throughput": "at least", "availability": "at least", "accuracy": "at least"}


def show(levels: Sequence[ServiceLevel]) -> None:
    """Show the cards, what is missed first."""
    ranked = sorted(levels, key=lambda each: ("missed", "met", "unknown").index(each.status))
    for start in range(0, len(ranked), _A_ROW):
        for column, level in zip(st.columns(_A_ROW), ranked[start : start + _A_ROW], strict=False):
            with column, st.container(border=True, height="stretch", gap="small"):
                _card(level)


def worst(levels: Sequence[ServiceLevel]) -> ServiceLevel | None:
    """Return what Health says of a service: a missed level, the one with the least budget left first."""
    missed = [each for each in levels if each.status == "missed"]
    known = missed or [each for each in levels if each.status == "met"]
    return min(known, key=lambda each: 1.0 if each.budget_left is None else each.budget_left, default=None)


def summary(levels: Sequence[ServiceLevel]) -> str:
    """Return the sentence above the cards: how many are kept."""
    missed = [each.title.lower() for each in levels if each.status == "missed"]
    judged = [each for each in levels if each.status != "unknown"]
    if not judged:
        return "Nothing of what is promised can be measured yet"
    if not missed:
        return f"Every promise that can be measured is kept ({len(judged)} of {len(levels)})"
    return f"{len(missed)} of {len(judged)} promises missed: {', '.join(missed)}"


def measured(level: ServiceLevel, value: float | None) -> str:
    """Return a value of a level in its unit.

    Seconds below one are milliseconds; a share is in per cent, to two decimals where the first would hide what matters.
    """
    if value is None:
        return "-"
    if level.unit == "seconds":
        return f"{1000 * value:,.0f} ms" if value < 1 else f"{value:.3g} s"
    if level.unit == "share":
        return percent(value) if _LOW < value < _HIGH else f"{100 * value:.2f} %"
    return f"{number(value)}/s" if level.unit == "per second" else number(value)


def burn_name(burn: Burn) -> str:
    """Return how fast a budget burns, and over which windows: `6.2 x over 1 h and 5 min`."""
    rate = "" if burn.long is None else f"{burn.long:.1f} x over "
    return f"{rate}{lasting(burn.window.long)} and {lasting(burn.window.short)}"


def _card(level: ServiceLevel) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        page.badge(of_level(level.status))
        for burn in level.burn:
            if burn.firing:
                status = of_verdict(burn.window.severity)
                st.badge(f"Burning {burn_name(burn)}", icon=status.icon, color=status.badge)
    promise = f"{_SIDES.get(level.name, 'at most')} {measured(level, level.objective)}"
    st.metric(sentence(level.title), measured(level, level.value), promise, delta_color="off", delta_arrow="off")
    if level.budget_left is not None:
        left = max(0.0, min(1.0, level.budget_left))
        st.progress(left, text=_budget(level.budget_left))
    if level.compliance is not None:
        st.caption(_compliance(level))
    st.caption(sentence(level.message))


def _budget(left: float) -> str:
    if left < 0:
        return f"Error budget overspent by {-100 * left:.0f} %"
    return f"{100 * left:.0f} % of the error budget left"


def _compliance(level: ServiceLevel) -> str:
    known = level.low is not None and level.high is not None
    interval = f", 95 % interval {_exact(level.low)} to {_exact(level.high)}" if known else ""
    needed = f"; {_exact(level.target)} promised" if level.target is not None else ""
    return f"**{_exact(level.compliance)}** good of {level.total:,}{interval}{needed}."


def _exact(share: float | None) -> str:
    """A share to two decimals where the first would hide what matters."""
    return "-" if share is None else f"{100 * share:.2f} %".replace(".00 %", " %")
