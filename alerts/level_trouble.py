"""Which service levels are missed, and which budgets burn. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from driftboard.alerts.rule_words import burn_message
from driftboard.alerts.service_level import ServiceLevel
from driftboard.alerts.service_trouble import Look, ServiceTrouble, Subject
from driftboard.alerts.severity import Severity
from driftboard.monitors.burn_rate import BURN_WINDOWS, Burn

BURNS, MISSED = "slo_burn", "slo_missed"

AT_ONCE = max(window.long for window in BURN_WINDOWS if window.severity == "critical")
"""The windows up to this length are looked at each minute; the longer ones change slowly."""

CALM = tuple(timedelta(minutes=minutes) for minutes in (10, 20, 30))
"""A budget that burned at one of these times before now is not yet out of danger: nobody is paged every ten minutes."""


def look_at_fast_burns(levels: Iterable[ServiceLevel], *, days: int) -> Look:
    """Return the budgets that burn so fast that it cannot wait; this look can tell of none that it is well."""
    found = (_burning(each, [burn for burn in each.burn if burn.window.long <= AT_ONCE], days) for each in levels)
    return Look(wrong=tuple(each for each in found if each is not None))


def look_at_levels(
    levels: Sequence[ServiceLevel],
    earlier: Iterable[Sequence[ServiceLevel]],
    open_now: Mapping[Subject, Severity],
    *,
    days: int,
    enough: bool,
) -> Look:
    """Return which levels are missed and which budgets burn, and which of both are well.

    Parameters
    ----------
    levels
        As they are now.
    earlier
        As they were at the times of `CALM`; only where a budget was burning.
    open_now
        The open incidents; those about levels that are promised no longer are over.
    days
        Over which compliance is counted.
    enough
        Whether so much was asked lately that silence means that nothing burns.
    """
    promised = {each.name for each in levels}
    gone = frozenset(each for each in open_now if each[0] in {BURNS, MISSED} and each[1] not in promised)
    before = [(each.name, _burning(each, each.burn, days)) for past in earlier for each in past]
    looks = [
        _look_at_burn(each, [trouble for name, trouble in before if name == each.name and trouble], days, enough=enough)
        for each in levels
    ]
    return sum((*looks, *map(_look_at_compliance, levels)), Look(well=gone))


def _look_at_burn(level: ServiceLevel, before: Sequence[ServiceTrouble], days: int, *, enough: bool) -> Look:
    """Return whether a budget burns; it is as grave as it was of late, and not well before it has been calm."""
    trouble = _burning(level, level.burn, days)
    if trouble is None:
        return Look(well=frozenset({(BURNS, level.name)})) if enough and not before else Look()
    if any(each.severity.rank > trouble.severity.rank for each in before):
        return Look()
    return Look(wrong=(trouble,))


def _burning(level: ServiceLevel, burns: Iterable[Burn], days: int) -> ServiceTrouble | None:
    burn = _first(burns)
    if burn is None:
        return None
    return ServiceTrouble(BURNS, level.name, Severity(burn.window.severity), burn_message(level.title, burn, days))


def _first(burns: Iterable[Burn]) -> Burn | None:
    """Return the gravest that fires."""
    return next((each for each in burns if each.firing), None)


def _look_at_compliance(level: ServiceLevel) -> Look:
    """Return whether a promise is broken: only when its whole interval is below the target, so not by bad luck."""
    proven = level.high is None or level.target is None or level.high < level.target
    if level.status == "missed" and proven:
        message = f"{level.title}: {level.message}"
        return Look(wrong=(ServiceTrouble(MISSED, level.name, Severity.WARNING, message),))
    return Look(well=frozenset({(MISSED, level.name)})) if level.status == "met" else Look()
