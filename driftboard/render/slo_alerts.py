"""Alerts on error budgets: how fast they burn, in two windows at once, and what is missed already."""

from collections.abc import Iterator
from datetime import timedelta

from driftboard.alerts.severity import Severity
from driftboard.config import Settings
from driftboard.exporter.families import DURATION, REQUESTS, SLO_MET
from driftboard.monitors.burn_rate import BURN_WINDOWS, LEAST_BAD, Window
from driftboard.render.alert_rule import OF_MODEL, AlertRule
from driftboard.render.promql import bucket, growth, lines, number, rate, select, without, written
from driftboard.render.scope import Scope, scopes
from driftboard.render.service_alerts import ASKED, FAILED
from driftboard.service_settings import Objectives

_HOLD = timedelta(minutes=2)
_MISSED = timedelta(hours=1)
_LATENCIES = {"latency_p50": 0.5, "latency_p95": 0.95, "latency_p99": 0.99}


def slo_alerts(settings: Settings) -> tuple[AlertRule, ...]:
    """Return the alerts on every promise that a count of requests can break, and one on what is missed."""
    burning = [
        _burning(slo, allowed, window, scope, settings)
        for scope in scopes(settings)
        for slo, allowed in _allowed(scope.promised(settings))
        for window in BURN_WINDOWS
        if window.factor * allowed < 1  # more than everything cannot fail
    ]
    return (*burning, _missed())


def _allowed(promised: Objectives) -> Iterator[tuple[str, float]]:
    """Yield each promise's name, and the share of requests that may break it."""
    if promised.error_rate is not None:
        yield "error_rate", promised.error_rate
    for name, share in _LATENCIES.items():
        if getattr(promised, name) is not None:
            yield name, round(1 - share, 10)


def _burning(slo: str, allowed: float, window: Window, scope: Scope, settings: Settings) -> AlertRule:
    threshold = window.factor * allowed
    return AlertRule(
        alert="ErrorBudgetBurn",
        expr=_expression(slo, threshold, window, scope, settings),
        severity=Severity(window.severity),
        threshold=threshold,
        summary=f"The error budget of {OF_MODEL} burns: {slo}",
        description=(
            f"{{{{ $value | humanizePercentage }}}} of the requests of the last {written(window.long)} broke what is "
            f"promised ({slo}), and as many of the last {written(window.short)}: more than {number(window.factor)} "
            f"times what the budget of {settings.slo.days} days allows ({number(allowed * 100)} %)."
        ),
        rule="slo_burn",
        hold=_HOLD,
        keep=window.short,
        labels=(("slo", slo), ("window", written(window.long)), *scope.labels),
        page="service",
    )


def _expression(slo: str, threshold: float, window: Window, scope: Scope, settings: Settings) -> str:
    def share(of: timedelta) -> str:
        return f"({_bad_share(slo, scope, of, settings)}) > {number(threshold)}"

    asked = _asked(slo, scope)
    broken = _bad_count(slo, scope, window.long, settings)
    burning = lines(
        share(window.long),
        f"and {share(window.short)}",
        f"and {growth(asked, window.short)} >= {settings.service.min_requests}",
        f"and ({broken}) >= {LEAST_BAD}",
    )
    return without(burning, scope.others, REQUESTS)


def _asked(slo: str, scope: Scope) -> str:
    if slo == "error_rate":
        return select(REQUESTS, ASKED, *scope.matchers)
    return select(DURATION, *scope.matchers, suffix="_count")


def _bad_share(slo: str, scope: Scope, of: timedelta, settings: Settings) -> str:
    asked = rate(_asked(slo, scope), of)
    if slo == "error_rate":
        return f"{rate(select(REQUESTS, FAILED, *scope.matchers), of)} / {asked}"
    return f"1 - {rate(_within(slo, scope, settings), of)} / {asked}"


def _bad_count(slo: str, scope: Scope, of: timedelta, settings: Settings) -> str:
    if slo == "error_rate":
        return growth(select(REQUESTS, FAILED, *scope.matchers), of)
    return f"{growth(_asked(slo, scope), of)} - {growth(_within(slo, scope, settings), of)}"


def _within(slo: str, scope: Scope, settings: Settings) -> str:
    promised: float = getattr(scope.promised(settings), slo)
    return select(DURATION, bucket(promised), *scope.matchers, suffix="_bucket")


def _missed() -> AlertRule:
    return AlertRule(
        alert="ServiceLevelMissed",
        expr=f"{select(SLO_MET)} == 0",
        severity=Severity.WARNING,
        threshold=0,
        summary=f"{OF_MODEL} misses what is promised: {{{{ $labels.slo }}}}",
        description="Over the days that are promised the objective {{ $labels.slo }} is missed.",
        rule="slo_missed",
        hold=_MISSED,
        page="service",
    )
