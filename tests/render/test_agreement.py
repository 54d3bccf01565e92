"""Prometheus and driftboard judge the same requests alike: rendered rules against `alerts.service_rules.firing`."""

from datetime import UTC, datetime, timedelta

import pytest
import yaml

from driftboard.alerts.service_rules import firing, service_rules
from driftboard.config import Settings
from driftboard.data.service import Stretch
from driftboard.data.service_counts import CONFIDENCE_BOUNDS, LATENCY_BOUNDS, MINUTE, ServiceCounts
from driftboard.render.rules import rules_file
from tests.prometheus_server import needs_prometheus, promtool

_START = datetime(2026, 1, 1, tzinfo=UTC)
_MINUTES = 150
_OF = 'model="m",version="1",environment="p"'


def life(errors, slow, unsure, total=100, seconds=1.0):
    """Return counts of a minute: so many of each that fail, take up to 1 s (the others 0.1 s), are 0.7 sure at most."""
    latency = [0] * (len(LATENCY_BOUNDS) + 1)
    latency[LATENCY_BOUNDS.index(0.1)], latency[LATENCY_BOUNDS.index(seconds)] = total - slow, slow
    confidence = [0] * (len(CONFIDENCE_BOUNDS) + 1)
    confidence[CONFIDENCE_BOUNDS.index(0.7)], confidence[CONFIDENCE_BOUNDS.index(0.9)] = unsure, total - unsure
    failed = {"E": errors} if errors else {}
    return ServiceCounts(
        success=total - errors, errors=failed, latency=tuple(latency), confidence=tuple(confidence)
    )  # fmt: skip


LIVES = {
    "well": [life(1, 2, 10)] * _MINUTES,
    "failing": [life(6, 2, 10)] * _MINUTES,
    "failing a little": [life(3, 2, 10)] * _MINUTES,
    "slow": [life(0, 20, 10)] * _MINUTES,
    "very slow": [life(0, 20, 10, seconds=2.5)] * _MINUTES,
    "unsure": [life(0, 0, 25)] * _MINUTES,
    "just got bad": [life(0, 0, 0)] * (_MINUTES - 4) + [life(30, 60, 90)] * 4,
    "hiccups": [life(100 if minute % 30 == 0 else 0, 0, 0) for minute in range(_MINUTES)],
    "few": [life(2, 2, 2, total=3) if minute % 3 == 0 else life(0, 0, 0, total=0) for minute in range(_MINUTES)],
    "over": [life(50, 50, 50)] * (_MINUTES - 30) + [life(0, 0, 0)] * 30,
}


@needs_prometheus
@pytest.mark.parametrize("name", LIVES)
def test_prometheus_fires_when_driftboard_does(name, tmp_path):
    """For each rule about requests, what a life of minutes leads to is the same in both."""
    settings = Settings()
    stretches = [Stretch(_START + timedelta(minutes=place), MINUTE, counts) for place, counts in enumerate(LIVES[name])]
    now = _START + timedelta(minutes=_MINUTES)
    judged = [rule for rule in service_rules(settings) if rule.measure != "accuracy"]
    told = {(each.alert, str(each.severity)): firing(each, stretches, now=now, settings=settings) for each in judged}
    _without_keep(tmp_path / "rules.yml", settings)
    checks = [
        {
            "expr": f'count(ALERTS{{alertname="{alert}",severity="{severity}",alertstate="firing"}}) or vector(0)',
            "eval_time": f"{_MINUTES}m",
            "exp_samples": [{"labels": "{}", "value": int(value is not None)}],
        }
        for (alert, severity), value in told.items()
    ]
    series = [{"series": key, "values": " ".join(values)} for key, values in _series(LIVES[name]).items()]
    test = {"interval": "1m", "input_series": series, "promql_expr_test": checks}
    file = tmp_path / "test.yml"
    file.write_text(yaml.safe_dump({"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [test]}))
    done = promtool("test", "rules", str(file))
    assert done.returncode == 0, (done.stdout + done.stderr).decode()[-3000:]


def test_lives_are_of_both_kinds():
    """Each rule fires in one life at least, and not in all: the comparison can tell."""
    now = _START + timedelta(minutes=_MINUTES)
    for rule in (each for each in service_rules(Settings()) if each.measure != "accuracy"):
        found = set()
        for counts in LIVES.values():
            stretches = [Stretch(_START + timedelta(minutes=n), MINUTE, each) for n, each in enumerate(counts)]
            found.add(firing(rule, stretches, now=now, settings=Settings()) is not None)
        assert found == {True, False}, rule


def _without_keep(file, settings):
    """Write the rules about services without `keep_firing_for`, which is about messages and not about judgement."""
    groups = yaml.safe_load(rules_file(settings))["groups"]
    rules = [rule for group in groups if group["name"] == "driftboard-service" for rule in group["rules"]]
    for rule in rules:
        del rule["keep_firing_for"]
    file.write_text(yaml.safe_dump({"groups": [{"name": "service", "rules": rules}]}))


def _series(lives):
    """Return what a scrape each minute reads: sums from the beginning."""
    found: dict[str, list[str]] = {}
    whole = ServiceCounts(latency=(0,) * (len(LATENCY_BOUNDS) + 1), confidence=(0,) * (len(CONFIDENCE_BOUNDS) + 1))
    for counts in (ServiceCounts(), *lives):
        whole += counts
        for key, value in _samples(whole).items():
            found.setdefault(key, []).append(str(value))
    return found


def _samples(whole):
    name = f"driftboard_request_duration_seconds_bucket{{{_OF},le="
    buckets = {f'{name}"{bound!r}"}}': whole.within(bound) for bound in LATENCY_BOUNDS}
    return buckets | {
        f'{name}"+Inf"}}': whole.measured,
        f"driftboard_request_duration_seconds_count{{{_OF}}}": whole.measured,
        f'driftboard_requests_total{{{_OF},status="error"}}': whole.failed,
        f'driftboard_requests_total{{{_OF},status="success"}}': whole.success,
        f"driftboard_prediction_confidence_count{{{_OF}}}": sum(whole.confidence),
        f"driftboard_low_confidence_predictions_total{{{_OF}}}": whole.unsure(0.7),
    }
