"""Each promised level, measured. Pure: what was counted comes in, a level with its sentence goes out."""

from collections.abc import Iterator
from dataclasses import replace

from driftboard.alerts import level_words as words
from driftboard.alerts.capacity import capacity, hours_with_traffic, predictions
from driftboard.alerts.level_course import Course, course, served_minutes, within
from driftboard.alerts.level_evidence import LevelEvidence
from driftboard.alerts.service_level import LevelName, ServiceLevel, Status
from driftboard.data.service_counts import LATENCY_BOUNDS
from driftboard.monitors.histogram import histogram_quantile
from driftboard.monitors.service_level import Tally, budget_left, compliance, compliance_interval
from driftboard.monitors.wording import count, number

_PERCENTILES: tuple[tuple[LevelName, str, float], ...] = (
    ("latency_p50", "p50", 0.50),
    ("latency_p95", "p95", 0.95),
    ("latency_p99", "p99", 0.99),
)
_HAIR = 1e-12
"""The share of 990 in 1,000 is 0.99 to the last digit but one: rounding breaks no promise."""


def measured_levels(evidence: LevelEvidence) -> tuple[ServiceLevel, ...]:
    """Return each level that is promised, in the order of `LevelName`."""
    return tuple(_measured(evidence))


def _measured(evidence: LevelEvidence) -> Iterator[ServiceLevel]:
    promised, requests = evidence.objectives, evidence.requests()
    for name, short, target in _PERCENTILES:
        objective = getattr(promised, name)
        if objective is not None:
            yield _latency(evidence, requests, name, short, target, objective)
    if promised.availability is not None:
        yield _availability(evidence, requests, promised.availability)
    if promised.error_rate is not None:
        yield _error_rate(evidence, requests, promised.error_rate)
    if promised.accuracy is not None and evidence.outcomes is not None:
        yield _accuracy(evidence, evidence.outcomes, promised.accuracy)
    if promised.throughput is not None:
        yield _throughput(evidence, promised.throughput)
    if promised.cost_per_thousand is not None and promised.cost_per_hour is not None:
        yield _cost(evidence, promised.cost_per_thousand, promised.cost_per_hour)


def _latency(
    evidence: LevelEvidence, requests: Course, name: LevelName, short: str, target: float, objective: float
) -> ServiceLevel:
    cells = [each.counts.latency for each in evidence.counted().stretches if each.counts.latency]
    value = histogram_quantile(target, LATENCY_BOUNDS, [sum(column) for column in zip(*cells, strict=True)])
    level = ServiceLevel(name, f"Latency {short}", "seconds", objective, "unknown", "", value=value)
    level = _counted(level, evidence, course(evidence.service.stretches, within(objective)), requests, target)
    if value is None or level.compliance is None:
        return _judged(level, evidence, level.total, "timed request", "")
    said = words.latency(short, value, objective, level.compliance, level.total, evidence.days)
    return _judged(level, evidence, level.total, "timed request", said)


def _availability(evidence: LevelEvidence, requests: Course, objective: float) -> ServiceLevel:
    """Return the share of minutes served; whether that is enough to say is counted in requests, not minutes."""
    level = ServiceLevel("availability", "Availability", "share", objective, "unknown", "")
    level = _counted(level, evidence, course(evidence.service.stretches, served_minutes), requests, objective)
    level = replace(level, value=level.compliance)
    said = words.served(level.value or 0.0, objective, level.total, evidence.days)
    return _judged(level, evidence, requests.between(evidence.since, evidence.now).total, "request", said)


def _error_rate(evidence: LevelEvidence, requests: Course, objective: float) -> ServiceLevel:
    level = ServiceLevel("error_rate", "Error rate", "share", objective, "unknown", "")
    level = _counted(level, evidence, requests, requests, 1 - objective)
    value = (level.total - level.good) / level.total if level.total else None
    level = replace(level, value=value)
    said = words.failures(value or 0.0, objective, level.total, evidence.days)
    return _judged(level, evidence, level.total, "request", said)


def _accuracy(evidence: LevelEvidence, outcomes: Tally, objective: float) -> ServiceLevel:
    """Return the share of right predictions: kept or broken only when its whole interval is on one side."""
    level = ServiceLevel("accuracy", "Accuracy", "share", objective, "unknown", "", target=objective)
    level = replace(_shares(level, outcomes, objective), value=compliance(outcomes))
    if level.value is None or level.low is None or level.high is None:
        return replace(level, message=f"No labels of {count(evidence.days, 'day')} have arrived in full yet.")
    said = words.right(level.value, objective, level.low, level.high, level.total, evidence.days)
    if level.low < objective <= level.high:
        return replace(level, message=f"{said}: more labels will tell.")
    return _judged(level, evidence, evidence.min_requests, "labelled prediction", said)


def _throughput(evidence: LevelEvidence, objective: float) -> ServiceLevel:
    seen = capacity(evidence.counted(), evidence.objectives)
    level = ServiceLevel("throughput", "Throughput", "per second", objective, "unknown", "")
    if not seen.asked:
        return replace(level, message=_nothing(evidence))
    level = replace(level, value=seen.done_well)
    done, promised = words.rate(seen.done_well), number(objective)
    if seen.done_well >= objective:
        return replace(level, status="met", message=f"Up to {done} were served well, {promised} promised.")
    if seen.asked >= objective:
        message = (
            f"Asked for up to {words.rate(seen.asked)}, it served {number(seen.done_well)} well, {promised} promised."
        )
        return replace(level, status="missed", message=message)
    return replace(level, message=f"Up to {done} were served well; it was never asked for the {promised} promised.")


def _cost(evidence: LevelEvidence, objective: float, per_hour: float) -> ServiceLevel:
    level = ServiceLevel("cost", "Cost of 1,000 predictions", "cost", objective, "unknown", "")
    service = evidence.counted()
    made = predictions(service.total, service)
    if not made:
        return replace(level, message=_nothing(evidence))
    hours = hours_with_traffic(service.stretches)
    value = 1000 * per_hour * hours / made
    spent = f"{number(per_hour)} in each of {count(hours, 'hour')} with requests"
    message = (
        f"1,000 predictions cost {number(value)} ({count(made, 'prediction')}, {spent}), {number(objective)} promised."
    )
    status: Status = "met" if value <= objective else "missed"
    return replace(level, value=value, status=status if made >= evidence.min_requests else "unknown", message=message)


def _counted(
    level: ServiceLevel, evidence: LevelEvidence, events: Course, requests: Course, target: float
) -> ServiceLevel:
    """Return a level with the shares of its events, and how fast its budget burns."""
    return replace(
        _shares(level, events.between(evidence.since, evidence.now), target),
        burn=evidence.burns(events, requests, target),
    )


def _shares(level: ServiceLevel, tally: Tally, target: float) -> ServiceLevel:
    interval = compliance_interval(tally)
    return replace(
        level,
        target=target,
        compliance=compliance(tally),
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        good=tally.good,
        total=tally.total,
        budget_left=budget_left(tally, target),
    )


def _judged(level: ServiceLevel, evidence: LevelEvidence, n: int, noun: str, said: str) -> ServiceLevel:
    """Return a level with its status and its sentence; `n` is what there was of what it takes to say anything."""
    if level.compliance is None or level.target is None or level.budget_left is None:
        return replace(level, message=_nothing(evidence))
    if n < evidence.min_requests:
        few = f"Only {count(n, noun)} in {count(evidence.days, 'day')}: fewer than {evidence.min_requests} say nothing."
        return replace(level, message=few)
    status: Status = "met" if level.compliance >= level.target - _HAIR else "missed"
    return replace(level, status=status, message=f"{said}; {words.budget(level.budget_left)}.")


def _nothing(evidence: LevelEvidence) -> str:
    return f"Nothing was measured in {count(evidence.days, 'day')}."
