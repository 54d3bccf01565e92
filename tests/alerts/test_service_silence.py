"""Luck opens nothing: a service that is well for a month is left in peace, one that fails is found in minutes."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np
import pytest

from driftboard.alerts.level_course import answered, course, served_minutes
from driftboard.alerts.level_evidence import LevelEvidence, burns
from driftboard.alerts.level_trouble import look_at_levels
from driftboard.alerts.measured_levels import measured_levels
from driftboard.alerts.service_measures import Minutes
from driftboard.alerts.service_rules import service_rules
from driftboard.alerts.service_trouble import look_at_rules
from driftboard.data.service import Service, Stretch
from tests.alerts.services import BEGIN, EVERY, asked, by_minute, service_settings

SETTINGS = service_settings()
DAY = 1440
BEFORE = DAY // 2
RULES = [rule for rule in service_rules(SETTINGS) if rule.measure in {"error_rate", "latency_p95"}]


def traffic(draw: np.random.Generator, minutes: int, *, errors: float, per_minute: float = 60.0) -> list[Stretch]:
    """Minutes with chance numbers of requests, each of which fails or is slow (1 in 50) by chance."""
    n = draw.poisson(per_minute, minutes)
    failed, slow = draw.binomial(n, errors), draw.binomial(n, 0.02)
    return list(by_minute(asked(*map(int, (each,)), failed=int(bad), slow=int(late), slowly=1.2)
                          for each, bad, late in zip(n, failed, slow, strict=True)))  # fmt: skip


def told(stretches: Sequence[Stretch], minutes: range, *, every: int = 1) -> Iterator[tuple[int, str, str]]:
    """(minute, rule, severity) of all that rules say, and burning budgets, looked at every so many minutes."""
    counted = Minutes(stretches, unsure_at=0.7)
    requests, served = course(stretches, answered), course(stretches, served_minutes)
    for minute in minutes:
        now = BEGIN + minute * EVERY
        for trouble in look_at_rules(RULES, counted, {}, now=now).wrong:
            yield minute, trouble.rule, str(trouble.severity)
        for events, target in ((requests, 0.99), (served, 0.995)) if minute % every == 0 else ():
            for burn in burns(events, requests, target=target, min_requests=20, now=now):
                if burn.firing:
                    yield minute, "slo_burn", burn.window.severity


def missed(stretches: Sequence[Stretch], now: datetime) -> list[str]:
    """The levels that are told to be missed at a time."""
    so_far = tuple(each for each in stretches if each.start < now)
    evidence = LevelEvidence(SETTINGS.slo, Service("requests", so_far), None, 30, 20, now)
    found = look_at_levels(measured_levels(evidence), [], {}, days=30, enough=True).wrong
    return [each.subject for each in found if each.rule == "slo_missed"]


def incidents(seed: int, days: int, per_minute: float) -> set[tuple[str, str, int]]:
    """(rule, severity, day) of what is told of a service with 0.5 % errors, where 1 % may fail."""
    minutes = days * DAY
    stretches = traffic(np.random.default_rng(seed), minutes, errors=0.005, per_minute=per_minute)
    looks = [*range(1, 120, 5), *range(120, minutes, DAY)]
    lost = [(minute, name, "warning") for minute in looks for name in missed(stretches, BEGIN + minute * EVERY)]
    return {(rule, severity, at // DAY) for at, rule, severity in [*told(stretches, range(minutes), every=5), *lost]}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("per_minute", [60.0, 20.0, 4.0])
def test_a_day_of_luck_is_told_to_nobody(seed: int, per_minute: float):
    """The first day of a service, with one request a second or four a minute: neither warning nor page."""
    assert incidents(seed, 1, per_minute) == set()


@pytest.mark.slow
@pytest.mark.parametrize("per_minute", [60.0, 20.0, 4.0])
def test_a_month_of_luck_is_told_to_nobody(per_minute: float):
    """30 days at 0.5 % of errors: no page, and at most one warning."""
    found = incidents(1, 30, per_minute)
    assert {each for each in found if "critical" in each} == set()
    assert len(found) <= 1


def found_after(seed: int, errors: float, severity: str | None = None) -> int:
    """Minutes from when requests begin to fail, after half a day of luck, until it is told; 60 when it is not."""
    draw = np.random.default_rng(seed)
    before, failing = traffic(draw, BEFORE, errors=0.005), traffic(draw, 60, errors=errors)
    moved = [Stretch(each.start + BEFORE * EVERY, each.seconds, each.counts) for each in failing]
    for minute, _, grade in told([*before, *moved], range(BEFORE, BEFORE + 60)):
        if severity in {None, grade}:
            return minute - BEFORE
    return 60


@pytest.mark.parametrize(
    ("errors", "severity", "within"),
    [(0.06, None, 14), (0.10, "critical", 10), (0.5, "critical", 7)],
)
def test_failures_are_found_in_minutes(errors: float, severity: str | None, within: int):
    """In at least 95 % of the runs; 6 % as soon as a rule allows: above 2 % from the second minute on, for ten."""
    delays = [found_after(seed, errors, severity) for seed in range(60)]
    assert np.mean([each <= within for each in delays]) >= 0.95
