"""The app and Prometheus fire in the same minutes: the rendered rules and `firing`, on the same counts."""

import random
import subprocess
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
import yaml

from driftboard.alerts.service_rules import ServiceRule, firing, service_rules
from driftboard.data.service_counts import CONFIDENCE_BOUNDS, LATENCY_BOUNDS, ServiceCounts
from driftboard.exporter import bound_text
from driftboard.render import rendered
from tests.alerts.services import BEGIN, EVERY, asked, by_minute, predicted, service_settings
from tests.prometheus_server import PROMTOOL, needs_prometheus

SETTINGS = service_settings()
LABELS = 'model="churn", version="3", environment="production"'
RULES = [rule for rule in service_rules(SETTINGS) if rule.measure != "accuracy"]

Scenario = tuple[ServiceCounts, ...]


def random_day(seed: int) -> Scenario:
    """Seventy minutes of traffic that comes, goes, fails and is slow as chance has it."""
    draw = random.Random(seed)  # noqa: S311 - chance, not secrets
    share, slow, pace = draw.choice([0.0, 0.02, 0.06, 0.3]), draw.choice([0.0, 0.04, 0.08]), draw.choice([3, 40, 200])
    minutes = []
    for _ in range(70):
        if draw.random() < 0.1:
            share, slow, pace = draw.random() * 0.12, draw.random() * 0.1, draw.choice([0, 3, 40, 200])
        failed = sum(draw.random() < share for _ in range(pace))
        late = sum(draw.random() < slow for _ in range(pace))
        minutes.append(asked(pace, failed=failed, slow=late, slowly=draw.choice([0.8, 1.2, 2.0, 30.0])))
    return tuple(minutes)


def of_requests() -> dict[str, Scenario]:
    """Minutes of requests."""
    well, silent = [asked(60)], [asked(0)]
    return {
        "well": tuple(well * 60),
        "silent": tuple(silent * 60),
        "every request fails": tuple(well * 10 + [asked(60, failed=60)] * 30 + well * 20),
        "from the first minute": tuple([asked(60, failed=30)] * 40),
        "just the limit": tuple([asked(100, failed=5)] * 40),
        "just above the limit": tuple([asked(100, failed=6)] * 40),
        "warning only": tuple(well * 5 + [asked(100, failed=3)] * 40),
        "too few requests": tuple([asked(3, failed=3)] * 40),
        "just enough requests": tuple([asked(4, failed=4)] * 40),
        "too few failures": tuple(([asked(40, failed=4)] + silent * 4) * 8),
        "a gap in the failures": tuple([asked(60, failed=20)] * 4 + silent * 8 + [asked(60, failed=20)] * 20),
        "one bad minute in six": tuple(([asked(60, failed=60)] + well * 5) * 8),
        "a service that begins late": tuple(silent * 25 + [asked(60, failed=30)] * 25),
        "slow": tuple(well * 10 + [asked(100, slow=20)] * 30 + well * 15),
        "a little slow": tuple([asked(100, slow=20, slowly=0.8)] * 40),
        "beyond the last bound": tuple([asked(100, slow=20, slowly=60.0)] * 40),
        "too few to tell p95": tuple([asked(19, slow=10)] * 40),
        "slow in bursts": tuple((well * 4 + [asked(100, slow=50)] * 3) * 7),
    } | {f"chance {seed}": random_day(seed) for seed in range(12)}


def of_predictions() -> dict[str, Scenario]:
    """Minutes of predictions; the rule looks at two hours."""
    unsure = [predicted(9, unsure=3)]
    return {
        "sure": tuple([predicted(20)] * 150),
        "unsure": tuple([predicted(20)] * 30 + [predicted(20, unsure=12)] * 120),
        "just the limit of unsure": tuple([predicted(20, unsure=4)] * 130),
        "unsure for a while": tuple([predicted(20, unsure=12)] * 30 + [predicted(20)] * 120),
        "a pause of the unsure": tuple(unsure * 50 + [predicted(0)] * 70 + unsure * 80),
    }


SCENARIOS = of_requests() | of_predictions()


def series_of(counts: Scenario, *, confidence: bool) -> list[dict[str, str]]:
    """What the exporter shows at each minute: all that was counted before it."""
    if confidence:
        cells = [list(accumulate(each.confidence or (0,) * (len(CONFIDENCE_BOUNDS) + 1))) for each in counts]
        return [
            _series("driftboard_prediction_confidence_count", [each[-1] for each in cells]),
            _series("driftboard_low_confidence_predictions_total", [each.unsure(0.7) for each in counts]),
        ]
    cells = [list(accumulate(each.latency or (0,) * (len(LATENCY_BOUNDS) + 1))) for each in counts]
    bounds = [*map(bound_text, LATENCY_BOUNDS), "+Inf"]
    buckets = [
        _series("driftboard_request_duration_seconds_bucket", [each[n] for each in cells], f'le="{bound}"')
        for n, bound in enumerate(bounds)
    ]
    return [
        *buckets,
        _series("driftboard_request_duration_seconds_count", [each[-1] for each in cells]),
        _series("driftboard_requests_total", [each.success for each in counts], 'status="success"'),
        _series("driftboard_requests_total", [each.failed for each in counts], 'status="error"'),
        _series("driftboard_requests_total", [each.rejected for each in counts], 'status="rejected"'),
    ]


def _series(name: str, steps: Sequence[int], label: str = "") -> dict[str, str]:
    values = " ".join(map(str, accumulate(steps, initial=0)))
    return {"series": f"{name}{{{LABELS}{', ' if label else ''}{label}}}", "values": values}


def fired(rule: ServiceRule, counts: Scenario) -> dict[int, int]:
    """Whether the app fires, minute by minute."""
    stretches = by_minute(counts)
    return {
        n: int(firing(rule, stretches, now=BEGIN + n * EVERY + timedelta(seconds=1), settings=SETTINGS) is not None)
        for n in range(len(counts) + 1)
    }


def group_of(counts: Scenario, expected: Mapping[ServiceRule, Mapping[int, int]]) -> dict[str, Any]:
    """One group of `promtool test rules`: the counters, and at which minutes which alert fires."""
    return {
        "interval": "1m",
        "input_series": series_of(counts, confidence=any(rule.measure == "low_confidence" for rule in expected)),
        "promql_expr_test": [
            {
                "expr": f'count(ALERTS{{alertname="{rule.alert}", severity="{rule.severity}", alertstate="firing"}}) '
                "or vector(0)",
                "eval_time": f"{minute}m",
                "exp_samples": [{"labels": "{}", "value": fires}],
            }
            for rule, minutes in expected.items()
            for minute, fires in minutes.items()
        ],
    }


@cache
def expectation(name: str) -> dict[ServiceRule, dict[int, int]]:
    """What the app says of a scenario, by the rules that look at such counts."""
    confidence = name in of_predictions()
    rules = [rule for rule in RULES if (rule.measure == "low_confidence") is confidence]
    return {rule: fired(rule, SCENARIOS[name]) for rule in rules}


def checked(folder: Path, groups: list[dict[str, Any]]) -> subprocess.CompletedProcess[str]:
    """Run `promtool test rules` on the rules as they are rendered, without the five minutes that they fire longer."""
    (text,) = [text for path, text in rendered(SETTINGS).items() if path.endswith("driftboard.rules.yml")]
    rules = yaml.safe_load(text)
    rules["groups"] = [each for each in rules["groups"] if each["name"] == "driftboard-service"]
    for group in rules["groups"]:
        for rule in group["rules"]:
            rule.pop("keep_firing_for", None)
    (folder / "rules.yml").write_text(yaml.safe_dump(rules))
    tests = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": groups}
    (folder / "tests.yml").write_text(yaml.safe_dump(tests))
    assert PROMTOOL
    command = [PROMTOOL, "test", "rules", "tests.yml"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@needs_prometheus
def test_both_fire_in_the_same_minutes(tmp_path: Path):
    """In each of 35 scenarios, at every minute, every rule about counts."""
    result = checked(tmp_path, [group_of(counts, expectation(name)) for name, counts in SCENARIOS.items()])
    assert result.returncode == 0, (result.stdout + result.stderr)[:3000]


def test_the_scenarios_prove_something():
    """Every rule fires in some of them and is quiet in some, so that agreeing is no accident."""
    assert len(SCENARIOS) >= 20
    said = [expectation(name) for name in SCENARIOS]
    for rule in RULES:
        fires = [any(minutes[rule].values()) for minutes in said if rule in minutes]
        assert True in fires
        assert False in fires


@needs_prometheus
@pytest.mark.parametrize("shift", [-1, 1])
def test_a_difference_of_one_minute_would_be_noticed(tmp_path: Path, shift: int):
    """The negative control: what the app says, a minute early or late."""
    name = "every request fails"
    shifted = {
        rule: {minute + shift: fires for minute, fires in minutes.items() if minute + shift >= 0}
        for rule, minutes in expectation(name).items()
    }
    assert checked(tmp_path, [group_of(SCENARIOS[name], shifted)]).returncode != 0
