"""What is wrong with a model's service, and what is well again. Pure: counts and levels come in.

Whatever is neither wrong nor well stays as it is: an incident does not end because nothing is asked any more, or too
little to tell. A gap is no recovery; that nothing comes is told by a rule of its own, `no_data`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from driftboard.alerts.rule_words import rule_message
from driftboard.alerts.service_measures import EVERY, Measured, Minutes, whole_minute
from driftboard.alerts.service_rules import ServiceRule, held_through, measured_at
from driftboard.alerts.severity import Severity

_LONGEST_LOOK = timedelta(hours=6)

Subject = tuple[str, str]
"""A rule, and the level it is about; empty for the service as a whole."""


@dataclass(frozen=True, slots=True)
class ServiceTrouble:
    """Something that is wrong with a model's service."""

    rule: str
    subject: str
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a service found: what is wrong, and what is certainly well."""

    wrong: tuple[ServiceTrouble, ...] = ()
    well: frozenset[Subject] = frozenset()

    def __add__(self, other: "Look") -> "Look":
        return Look(self.wrong + other.wrong, self.well | other.well)


def look_at_rules(
    rules: Iterable[ServiceRule], counted: Minutes, open_now: Mapping[Subject, Severity], *, now: datetime
) -> Look:
    """Return what the rules about counts say; of each name the gravest that holds.

    Parameters
    ----------
    rules
        Those of one name together, the gravest first.
    counted
        The last six hours by the minute.
    open_now
        Severity of the open incidents.
    now
        Aware, UTC.
    """
    looks = (
        _look(name, tuple(grades), counted, open_now.get((name, "")), now)
        for name, grades in groupby(rules, key=lambda rule: rule.rule)
    )
    return sum(looks, Look())


def _look(name: str, grades: Sequence[ServiceRule], counted: Minutes, severity: Severity | None, now: datetime) -> Look:
    for rule in grades:
        held = held_through(rule, counted, now=now)
        if held is not None:
            return Look(wrong=(ServiceTrouble(name, "", rule.severity, rule_message(rule, held)),))
        is_open = severity is not None and severity.rank >= rule.severity.rank
        if is_open and not is_well(rule, counted, now=now):
            return Look()
    return Look(well=frozenset({(name, "")}))


def is_well(rule: ServiceRule, counted: Minutes, *, now: datetime) -> bool:
    """Whether a rule's threshold was kept at every evaluation for as long as it takes to fire, on enough events."""
    times = [whole_minute(now) - n * EVERY for n in range(rule.hold // EVERY + 1)]
    return all(_is_kept(rule, _of_enough(rule, counted, at)) for at in times)


def _is_kept(rule: ServiceRule, measured: Measured) -> bool:
    enough = measured.total >= rule.at_least
    return enough and measured.value is not None and measured.value <= rule.threshold


def _of_enough(rule: ServiceRule, counted: Minutes, at: datetime) -> Measured:
    """Measure over the rule's window, or the shortest longer one with enough events in it: nights are quiet."""
    span = rule.window
    measured = measured_at(rule, counted, at)
    while measured.total < rule.at_least and 2 * span <= _LONGEST_LOOK:
        span *= 2
        measured = counted.measured(rule.measure, since=at - span, until=at)
    return measured
