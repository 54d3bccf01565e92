"""Alerts on requests as such: failures, latency, confidence, accuracy; the same table as driftboard's own judgement."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from driftboard.alerts.service_rules import ServiceRule, service_rules
from driftboard.config import Settings
from driftboard.exporter.families import (
    ACCURACY_LABELS,
    ACCURACY_UPPER,
    CONFIDENCE,
    DURATION,
    LOW_CONFIDENCE,
    MODEL,
    REQUESTS,
)
from driftboard.render.alert_rule import OF_MODEL, AlertRule
from driftboard.render.promql import ON_MODEL, growth, lines, number, rate, select, without, written
from driftboard.render.scope import Scope, scopes

ASKED = 'status=~"success|error"'
FAILED = 'status="error"'
_KEEP = timedelta(minutes=5)
_PAGES = {"low_confidence": "predictions", "low_accuracy": "performance"}
_SAID = {
    "error_rate": ("Requests to {of} fail", "{{{{ $value | humanizePercentage }}}} of the requests fail."),
    "latency_p95": ("Requests to {of} take long", "95 of 100 requests take up to {{{{ $value | humanizeDuration }}}}."),
    "low_confidence": ("{of} is often unsure", "{{{{ $value | humanizePercentage }}}} of the predictions are unsure."),
    "accuracy": (
        "Accuracy of {of} is low",
        "Accuracy is at most {{{{ $value | humanizePercentage }}}} (upper end of its 95 % interval).",
    ),
}
_LIMIT = " The limit is {limit}, for {hold}."


def service_alerts(settings: Settings) -> tuple[AlertRule, ...]:
    """Return an alert for every rule; those about latency once more for models of which another one is promised."""
    return tuple(_alert(rule, scope) for scope, rule in _scoped(settings))


def _scoped(settings: Settings) -> Iterator[tuple[Scope, ServiceRule]]:
    every, *named = scopes(settings)
    anyone = replace(every, others=())
    for rule in service_rules(settings):
        yield (every if rule.measure == "latency_p95" else anyone), rule
    for scope in named:
        yield from ((scope, rule) for rule in service_rules(settings, scope.written) if rule.measure == "latency_p95")


def _alert(rule: ServiceRule, scope: Scope) -> AlertRule:
    summary, description = (each.format(of=OF_MODEL) for each in _SAID[rule.measure])
    limit = f"{number(rule.threshold)} s" if rule.measure == "latency_p95" else f"{number(rule.threshold * 100)} %"
    return AlertRule(
        alert=rule.alert,
        expr=_expression(rule, scope),
        severity=rule.severity,
        threshold=rule.threshold,
        summary=summary,
        description=description + _LIMIT.format(limit=limit, hold=f"{rule.hold.total_seconds() / 60:g} minutes"),
        rule=rule.rule,
        hold=rule.hold,
        keep=_KEEP,
        labels=scope.labels,
        page=_PAGES.get(rule.rule, "service"),
    )


def _expression(rule: ServiceRule, scope: Scope) -> str:
    if rule.measure == "accuracy":
        low = f"{select(ACCURACY_UPPER, *scope.matchers)} < {number(rule.threshold)}"
        return lines(low, f"and {ON_MODEL} {select(ACCURACY_LABELS, *scope.matchers)} >= {rule.at_least}")
    value, events, bad = _MEASURES[rule.measure](rule, scope)
    enough = [f"and {growth(events, rule.window)} >= {rule.at_least}"]
    if rule.at_least_bad:
        enough.append(f"and {growth(bad, rule.window)} >= {rule.at_least_bad}")
    return without(lines(f"{value} > {number(rule.threshold)}", *enough), scope.others, REQUESTS)


def _failures(rule: ServiceRule, scope: Scope) -> tuple[str, str, str]:
    asked, failed = select(REQUESTS, ASKED, *scope.matchers), select(REQUESTS, FAILED, *scope.matchers)
    return f"{rate(failed, rule.window)}\n/ {rate(asked, rule.window)}", asked, failed


def _latency(rule: ServiceRule, scope: Scope) -> tuple[str, str, str]:
    measured = select(DURATION, *scope.matchers, suffix="_count")
    return quantile(0.95, scope, rule.window), measured, measured


def quantile(share: float, scope: Scope, window: timedelta) -> str:
    """Return the quantile of the durations, by model."""
    buckets = f"{select(DURATION, *scope.matchers, suffix='_bucket')}[{written(window)}]"
    return f"histogram_quantile({number(share)}, sum by ({', '.join(MODEL)}, le) (rate({buckets})))"


def _unsure(rule: ServiceRule, scope: Scope) -> tuple[str, str, str]:
    predicted = select(CONFIDENCE, *scope.matchers, suffix="_count")
    unsure = select(LOW_CONFIDENCE, *scope.matchers)
    return f"{rate(unsure, rule.window)}\n/ {rate(predicted, rule.window)}", predicted, unsure


_MEASURES = {"error_rate": _failures, "latency_p95": _latency, "low_confidence": _unsure}
