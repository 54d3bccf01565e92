"""What each alert is about, as series for `promtool test rules`: some that it fires on, some that are not enough."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from driftboard.data.service_counts import LATENCY_BOUNDS
from driftboard.exporter.family import bound_text
from driftboard.render.alert_rule import AlertRule

PER_MINUTE = 1000
MINUTES = 140
_NAMES = 'model="{model}",version="{version}",environment="production"'


@dataclass(frozen=True, slots=True)
class Case:
    """Series by selector, and whether they fire; values are written as Prometheus' tool expands them.

    `at`: in which minute that is asked; by default a little after the alert has held for its time.
    """

    name: str
    series: dict[str, str]
    fires: bool
    at: int | None = None


def cases(rule: AlertRule, *, model: str = "m", version: str = "1", objective: float = 0.5) -> Iterator[Case]:
    """Yield the cases of an alert; KeyError where there are none for it."""
    of = _NAMES.format(model=model, version=version)
    yield from _CASES[rule.alert](rule, of, objective)


def growth(selector: str, each: float) -> dict[str, str]:
    """Return a counter that grows by so much a minute."""
    return {selector: f"0+{each:g}x{MINUTES}"}


def flat(selector: str, value: float) -> dict[str, str]:
    """Return a gauge that stays."""
    return {selector: f"{value:g}+0x{MINUTES}"}


def requests(of: str, failed: float, total: float = PER_MINUTE) -> dict[str, str]:
    """Return requests by minute."""
    name = f"driftboard_requests_total{{{of},status="
    return growth(f'{name}"error"}}', failed) | growth(f'{name}"success"}}', total - failed)


def durations(of: str, by_bound: dict[float, float]) -> dict[str, str]:
    """Return durations by minute, so many in the cell below each bound."""
    name, whole, found = "driftboard_request_duration_seconds", 0.0, {}
    for bound in (*LATENCY_BOUNDS, float("inf")):
        whole += by_bound.get(bound, 0)
        found |= growth(f'{name}_bucket{{{of},le="{bound_text(bound)}"}}', whole)
    return found | growth(f"{name}_count{{{of}}}", whole)


def with_p95(of: str, seconds: float) -> dict[str, str]:
    """Return durations of which 95 of 100 take at most so long, as a histogram's cells are interpolated."""
    place = bisect_left(LATENCY_BOUNDS, seconds)
    low, high = LATENCY_BOUNDS[place - 1], LATENCY_BOUNDS[place]
    slow = PER_MINUTE * 0.05 / (1 - (seconds - low) / (high - low))
    return durations(of, {low: PER_MINUTE - slow, high: slow})


def cell_above(seconds: float) -> float:
    """Return the bound of the cell that begins there."""
    return LATENCY_BOUNDS[LATENCY_BOUNDS.index(seconds) + 1]


def _error_rate(rule: AlertRule, of: str, _: float) -> Iterator[Case]:
    yield Case("above", requests(of, PER_MINUTE * rule.threshold * 1.02), fires=True)
    yield Case("below", requests(of, PER_MINUTE * rule.threshold * 0.98), fires=False)
    yield Case("few requests", requests(of, 2, 2), fires=False)
    yield Case("few failures", requests(of, 0.6, 6), fires=False)


def _latency(rule: AlertRule, of: str, _: float) -> Iterator[Case]:
    yield Case("above", with_p95(of, rule.threshold * 1.01), fires=True)
    yield Case("below", with_p95(of, rule.threshold * 0.95), fires=False)
    yield Case("few requests", durations(of, {10.0: 15}), fires=False)


def _confidence(rule: AlertRule, of: str, _: float) -> Iterator[Case]:
    def predicted(unsure: float, total: float) -> dict[str, str]:
        low = growth(f"driftboard_low_confidence_predictions_total{{{of}}}", unsure)
        return low | growth(f"driftboard_prediction_confidence_count{{{of}}}", total)

    yield Case("above", predicted(PER_MINUTE * rule.threshold * 1.02, PER_MINUTE), fires=True)
    yield Case("below", predicted(PER_MINUTE * rule.threshold * 0.98, PER_MINUTE), fires=False)
    yield Case("few predictions", predicted(0.2, 0.2), fires=False)


def _accuracy(rule: AlertRule, of: str, _: float) -> Iterator[Case]:
    def measured(upper: float, labels: int) -> dict[str, str]:
        rests_on = flat(f"driftboard_accuracy_labels{{{of}}}", labels)
        return rests_on | flat(f"driftboard_accuracy_upper_ratio{{{of}}}", upper)

    yield Case("below", measured(rule.threshold - 0.01, 20), fires=True)
    yield Case("at it", measured(rule.threshold, 20), fires=False)
    yield Case("few labels", measured(rule.threshold - 0.01, 19), fires=False)


def _burn(rule: AlertRule, of: str, objective: float) -> Iterator[Case]:
    slo = dict(rule.labels)["slo"]

    def broken(share: float, total: float = PER_MINUTE) -> dict[str, str]:
        if slo == "error_rate":
            return requests(of, total * share, total)
        name = f'driftboard_requests_total{{{of},status="success"}}'
        slow = {objective: total * (1 - share), cell_above(objective): total * share}
        return durations(of, slow) | growth(name, total)

    yield Case("above", broken(min(1.0, rule.threshold * 1.02)), fires=True)
    yield Case("below", broken(rule.threshold * 0.98), fires=False)
    yield Case("few requests", broken(1.0, 2), fires=False)
    if slo == "error_rate":
        yield Case("few failures", broken(rule.threshold * 1.05, 5), fires=False)
    if slo == "error_rate" and dict(rule.labels)["window"] == "1h":
        over = {key: f"0+500x10 5000+0x{MINUTES}" for key in broken(0.5) if "error" in key}
        yield Case("over for half an hour", broken(0.0) | over, fires=False, at=40)


def _drift(rule: AlertRule, of: str, _: float) -> Iterator[Case]:
    what = {"DataDrift": "feature", "PredictionDrift": "prediction", "ConceptDrift": "confidence"}[rule.alert]
    labels = f'{of},feature="age"' if what == "feature" else of

    def found(score: float, moved: int, name: str = "drift_score") -> dict[str, str]:
        return flat(f"driftboard_{what}_{name}{{{labels}}}", score) | flat(
            f"driftboard_{what}_moved{{{labels}}}", moved
        )

    yield Case("above", found(rule.threshold + 0.01, 1), fires=True)
    yield Case("below", found(rule.threshold - 0.01, 1), fires=False)
    yield Case("by luck", found(rule.threshold + 0.5, 0), fires=False)
    yield Case("index above", found(0.2001, 1, "psi"), fires=True)
    yield Case("index below", found(0.1999, 1, "psi"), fires=False)


def _missed(_: AlertRule, of: str, __: float) -> Iterator[Case]:
    yield Case("missed", flat(f'driftboard_slo_met{{{of},slo="accuracy"}}', 0), fires=True)
    yield Case("met", flat(f'driftboard_slo_met{{{of},slo="accuracy"}}', 1), fires=False)


def _down(_: AlertRule, __: str, ___: float) -> Iterator[Case]:
    yield Case("down", flat('up{job="driftboard",instance="a:1"}', 0), fires=True)
    yield Case("up", flat('up{job="driftboard",instance="a:1"}', 1), fires=False)
    yield Case("another job", flat('up{job="other",instance="a:1"}', 0), fires=False)


def _absent(_: AlertRule, __: str, ___: float) -> Iterator[Case]:
    yield Case("absent", flat("up", 1), fires=True)
    yield Case("there", flat('driftboard_build_info{version="0.1.0"}', 1), fires=False)


def _late(rule: AlertRule, _: str, __: float) -> Iterator[Case]:
    mine, other = ("worker", "dispatcher") if rule.alert == "DriftboardWorkerLate" else ("dispatcher", "worker")

    def seen(part: str, age: float, every: float) -> dict[str, str]:
        ages = flat(f'driftboard_heartbeat_age_seconds{{component="{part}"}}', age)
        return ages | flat(f'driftboard_heartbeat_interval_seconds{{component="{part}"}}', every)

    yield Case("another", seen(other, rule.threshold + 1, 10), fires=False)
    yield Case("late", seen(mine, rule.threshold + 1, 10), fires=True)
    yield Case("in time", seen(mine, rule.threshold, 10), fires=False)
    yield Case("a slow rhythm", seen(mine, rule.threshold + 1, rule.threshold), fires=False)


def _stuck(rule: AlertRule, _: str, __: float) -> Iterator[Case]:
    yield Case("stuck", flat("driftboard_queue_age_seconds", rule.threshold + 1), fires=True)
    yield Case("moving", flat("driftboard_queue_age_seconds", rule.threshold), fires=False)


def _unread(_: AlertRule, __: str, ___: float) -> Iterator[Case]:
    yield Case("errors", growth('driftboard_scrape_errors_total{part="disk"}', 1), fires=True)
    yield Case("none", flat('driftboard_scrape_errors_total{part="disk"}', 7), fires=False)


def _silent(rule: AlertRule, of: str, _: float) -> Iterator[Case]:
    name, hour = f"driftboard_newest_prediction_timestamp_seconds{{{of}}}", timedelta(hours=1).total_seconds()
    yield Case("silent", flat(name, -rule.threshold - 1), fires=True)
    yield Case("not yet", flat(name, -rule.threshold + hour), fires=False)
    yield Case("retired", flat(name, -timedelta(days=14).total_seconds()), fires=False)


_CASES = {
    "HighErrorRate": _error_rate,
    "HighLatencyP95": _latency,
    "LowConfidencePredictions": _confidence,
    "LowModelAccuracy": _accuracy,
    "ErrorBudgetBurn": _burn,
    "ServiceLevelMissed": _missed,
    "DataDrift": _drift,
    "PredictionDrift": _drift,
    "ConceptDrift": _drift,
    "DriftboardDown": _down,
    "DriftboardAbsent": _absent,
    "DriftboardWorkerLate": _late,
    "DriftboardHeartbeatLate": _late,
    "DriftboardQueueStuck": _stuck,
    "DriftboardScrapeErrors": _unread,
    "ModelSilent": _silent,
}
