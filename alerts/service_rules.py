"""The rules about services: one table, which the app evaluates and `driftboard config render` writes for Prometheus.

A rule is evaluated each minute over the counts of a window, as `rate(...[window])` is, and fires once it has exceeded
its threshold at every evaluation for as long as it must hold, as `for:` has it. In a window with fewer events than
`at_least`, or fewer bad ones than `at_least_bad`, it does not hold: one failure in twenty requests is 5 %, and nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from driftboard.alerts.service_measures import EVERY, Measure, Measured, Minutes, whole_minute
from driftboard.alerts.severity import Severity
from driftboard.config import Settings
from driftboard.data.model_key import ModelKey
from driftboard.data.service import Stretch
from driftboard.data.service_counts import LATENCY_BOUNDS
from driftboard.monitors.burn_rate import LEAST_BAD
from driftboard.service_settings import Objectives

_BEYOND_95 = 0.05
_LARGEST_P95 = 0.999 * LATENCY_BOUNDS[-1]
"""A quantile above the last bound is told as that bound: a threshold there would never be exceeded."""


@dataclass(frozen=True, slots=True)
class ServiceRule:
    """When requests or predictions are worth a message.

    Attributes
    ----------
    rule, alert
        Its name in `alerts.rules`, and the name of its alert in Prometheus: the same for both severities.
    window, hold
        Over what it is measured, and how long it must have been exceeded (`for:`).
    threshold
        Exceeded above it: a share, or seconds. An accuracy is exceeded below it, by the upper bound of its interval.
    at_least, at_least_bad
        Events, and bad events, without which a window says nothing.
    runbook
        Slug of the page that says what to do.
    """

    rule: str
    alert: str
    severity: Severity
    window: timedelta
    hold: timedelta
    threshold: float
    measure: Measure
    at_least: int
    at_least_bad: int = 0

    @property
    def runbook(self) -> str:
        """The page is named after the rule."""
        return self.rule


def objectives_of(settings: Settings, model: ModelKey | str | None) -> Objectives:
    """Return what is promised of a model's service: `churn`, `churn:3@production`; of all without one."""
    key = "" if model is None else str(model)
    return settings.slo.of(model.name if isinstance(model, ModelKey) else key.partition(":")[0], key)


def service_rules(settings: Settings, model: ModelKey | str | None = None) -> tuple[ServiceRule, ...]:
    """Return the rules of a model, the gravest of each first; where no latency is promised there is none about it."""
    errors, slow = _error_rules(settings), _latency_rules(settings, objectives_of(settings, model).latency_p95)
    return (*errors, *slow, _confidence_rule(settings), _accuracy_rule(settings))


def firing(rule: ServiceRule, stretches: Sequence[Stretch], *, now: datetime, settings: Settings) -> float | None:
    """Return the newest value of a rule that has held all through its time; None while it has not.

    Parameters
    ----------
    rule
        Not the one about accuracy: that one is told by reports (`accuracy_watch`).
    stretches
        Of the model, at least the last `window + hold`; for the rule about confidence those of its predictions.
    now
        Aware, UTC. The minute that is under way is not looked at.
    """
    held = held_through(rule, Minutes(stretches, unsure_at=settings.service.low_confidence), now=now)
    return None if held is None else held.value


def held_through(rule: ServiceRule, counted: Minutes, *, now: datetime) -> Measured | None:
    """Return the newest measurement of a rule that has held all through its time; None while it has not."""
    newest = measured_at(rule, counted, whole_minute(now))
    times = [whole_minute(now) - n * EVERY for n in range(1, rule.hold // EVERY + 1)]
    if exceeds(rule, newest) and all(exceeds(rule, measured_at(rule, counted, at)) for at in times):
        return newest
    return None


def measured_at(rule: ServiceRule, counted: Minutes, at: datetime) -> Measured:
    """Return what a rule measures at a whole minute: over the window that ends there."""
    return counted.measured(rule.measure, since=at - rule.window, until=at)


def exceeds(rule: ServiceRule, measured: Measured) -> bool:
    """Whether a measurement rests on enough, and is above the threshold."""
    enough = measured.total >= rule.at_least and measured.bad >= rule.at_least_bad
    return enough and measured.value is not None and measured.value > rule.threshold


def _error_rules(settings: Settings) -> tuple[ServiceRule, ...]:
    limits = settings.service
    grades = (
        (Severity.CRITICAL, limits.error_rate_critical, timedelta(minutes=5)),
        (Severity.WARNING, limits.error_rate_warning, timedelta(minutes=10)),
    )
    return tuple(
        ServiceRule(
            rule="high_error_rate",
            alert="HighErrorRate",
            severity=severity,
            window=timedelta(minutes=5),
            hold=hold,
            threshold=threshold,
            measure="error_rate",
            at_least=limits.min_requests,
            at_least_bad=LEAST_BAD,
        )
        for severity, threshold, hold in grades
    )


def _latency_rules(settings: Settings, objective: float | None) -> tuple[ServiceRule, ...]:
    if objective is None:
        return ()
    limits = settings.service
    grades = (
        (Severity.CRITICAL, limits.latency_critical, timedelta(minutes=10)),
        (Severity.WARNING, limits.latency_warning, timedelta(minutes=15)),
    )
    return tuple(
        ServiceRule(
            rule="high_latency",
            alert="HighLatencyP95",
            severity=severity,
            window=timedelta(minutes=5),
            hold=hold,
            threshold=min(times * objective, _LARGEST_P95),
            measure="latency_p95",
            at_least=max(limits.min_requests, round(LEAST_BAD / _BEYOND_95)),  # so that five of them are beyond p95
        )
        for severity, times, hold in grades
    )


def _confidence_rule(settings: Settings) -> ServiceRule:
    return ServiceRule(
        rule="low_confidence",
        alert="LowConfidencePredictions",
        severity=Severity.WARNING,
        window=timedelta(hours=1),
        hold=timedelta(hours=1),
        threshold=settings.service.low_confidence_share,
        measure="low_confidence",
        at_least=settings.service.min_requests,
        at_least_bad=LEAST_BAD,
    )


def _accuracy_rule(settings: Settings) -> ServiceRule:
    return ServiceRule(
        rule="low_accuracy",
        alert="LowModelAccuracy",
        severity=Severity.CRITICAL,
        window=timedelta(0),
        hold=timedelta(minutes=30),
        threshold=settings.service.accuracy_floor,
        measure="accuracy",
        at_least=settings.service.min_requests,
    )
