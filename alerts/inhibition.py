"""Inhibition: while one rule is in trouble for a subject, others are not judged for it. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from driftboard.alert_settings import Inhibition
from driftboard.alerts.gate import Reading


def sources_first(readings: Sequence[Reading], inhibit: Sequence[Inhibition]) -> tuple[Reading, ...]:
    """Return the readings such that what inhibits comes before what it inhibits; in a circle, as they are given."""
    by_rule = {reading.rule: reading for reading in readings}
    ordered: dict[str, Reading] = {}
    visited: set[str] = set()

    def visit(rule: str) -> None:
        if rule in visited:
            return
        visited.add(rule)
        for each in inhibit:
            if rule in each.targets:
                visit(each.source)
        if rule in by_rule:
            ordered[rule] = by_rule[rule]

    for reading in readings:
        visit(reading.rule)
    return tuple(ordered.values())


def hold(
    reading: Reading, trouble: Mapping[str, Collection[str]], known: Collection[str], inhibit: Sequence[Inhibition]
) -> Reading:
    """Return the reading without what is inhibited.

    Parameters
    ----------
    trouble
        By rule, the subjects that are bad in this batch, or fire.
    known
        The subjects that the rule remembers: what is held as a whole, is held for these too.
    """
    held = set(reading.held)
    for each in inhibit:
        if reading.rule in each.targets and each.source != reading.rule and (found := trouble.get(each.source)):
            held |= set(found) if each.same_subject else {*reading.seen, *known}
    if not held:
        return reading
    seen = {subject: what for subject, what in reading.seen.items() if subject not in held}
    return replace(reading, seen=seen, held=frozenset(held))
