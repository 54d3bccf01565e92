"""A comparison of two models in a sentence that a person can act on."""

from collections.abc import Sequence
from math import floor, log10

from driftboard.monitors.paired_report import Measure, PairedFigures, Side
from driftboard.monitors.wording import count, number

_OFTEN = 0.05
_NEVER = 1e-9


def nothing_to_compare(names: tuple[str, str], n: int) -> str:
    """Return why there is nothing to compare: no predictions in common, or no labels."""
    if n == 0:
        return f"{names[0]} and {names[1]} have no prediction in common: log both under the same prediction ids."
    shared = count(n, "prediction")
    return f"{names[0]} and {names[1]} have {shared} in common, none of them with a label yet."


def comparison(measure: Measure, names: tuple[str, str], figures: PairedFigures, better: Side | None) -> str:
    """Return who is better, how good both are, on what, by how much, and how often luck would do that."""
    sign = -1 if better == "champion" else 1
    first, second = (figures.challenger, figures.champion)[::sign]
    bounds = sorted((sign * figures.interval.low, sign * figures.interval.high))
    gap = _gap(measure, sign * figures.difference, bounds)
    values = f"{measure} {_figure(measure, first)} against {_figure(measure, second)}"
    where = f"on the same {count(figures.n, 'labelled prediction')}"
    if better:
        name = names[0] if better == "champion" else names[1]
        return f"{name} is better: {values} {where}, {gap}, {odds(figures.p_value)}."
    start = f"neither is seen to be better: {names[1]} has {values} {where}, {gap}"
    more = "" if figures.needed is None else f"; about {figures.needed:,} would tell"
    return f"{start}, {odds(figures.p_value)}{more}."


def _figure(measure: Measure, value: float) -> str:
    return f"{100 * value:.1f} %" if measure == "accuracy" else number(value)


def _gap(measure: Measure, difference: float, bounds: Sequence[float]) -> str:
    if measure == "accuracy":
        return f"{100 * difference:+.1f} points ({100 * bounds[0]:.1f} to {100 * bounds[1]:.1f})"
    return f"{difference:+.3g} ({bounds[0]:.3g} to {bounds[1]:.3g})"


def odds(p_value: float) -> str:
    """Return how often luck would do that.

    >>> odds(0.43), odds(0.00051), odds(1e-12)
    ('luck does that 43 times in 100', '1 chance in 2,000 of that by luck', 'less than 1 chance in a billion of that by luck')
    """  # noqa: E501 - three clauses
    if p_value > _OFTEN:
        return f"luck does that {100 * p_value:.0f} times in 100"
    if p_value < _NEVER:
        return "less than 1 chance in a billion of that by luck"
    digits = 10 ** max(0, floor(log10(1 / p_value)) - 1)
    return f"1 chance in {round(1 / p_value / digits) * digits:,} of that by luck"
