"""The alert rules, asked by Prometheus' own tool: each fires when it should, only then, and not before its time."""

import re
from datetime import timedelta

import pytest
import yaml

from driftboard.alerts.rules import RULES
from driftboard.alerts.service_rules import service_rules
from driftboard.config import Settings
from driftboard.errors import ConfigError
from driftboard.render.owners import owner_of
from driftboard.render.rules import rule_groups, rules_file
from driftboard.render.scope import scopes
from tests.prometheus_server import needs_prometheus, promtool
from tests.render.alert_cases import cases
from tests.render.configurations import ALL, default, every_channel

pytestmark = needs_prometheus
MINUTE = timedelta(minutes=1)


def every_rule(settings):
    """Return every rule, in order of the file."""
    return [rule for rules in rule_groups(settings).values() for rule in rules]


@pytest.mark.parametrize("name", ALL)
def test_prometheus_takes_the_rules(name, tmp_path):
    """Whatever the configuration says, the file of rules is one that Prometheus loads."""
    file = tmp_path / "rules.yml"
    file.write_text(rules_file(ALL[name]()))
    done = promtool("check", "rules", "--lint-fatal", str(file))
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_fires_when_it_should_and_only_then(tmp_path):
    """Above its threshold each alert fires once its time is over; just below, on few events, or early, none does."""
    done = promtool("test", "rules", *_test_files(default(), tmp_path))
    assert done.returncode == 0, (done.stdout + done.stderr).decode()[-6000:]


def test_alerts_of_models_with_promises_of_their_own_go_by_those(tmp_path):
    """A model of which something else is promised is judged by that and not by what is promised of all."""
    done = promtool("test", "rules", *_test_files(every_channel(), tmp_path, only="promised_to"))
    assert done.returncode == 0, (done.stdout + done.stderr).decode()[-6000:]


def test_a_threshold_that_is_off_is_found(tmp_path):
    """Negative control: a rule with half its threshold fires where it should not, and the tool says so."""
    files = _test_files(default(), tmp_path, damage=lambda text: text.replace("> 0.05", "> 0.025"))
    assert promtool("test", "rules", *files).returncode == 1


def test_no_rule_is_without_a_test():
    """Every alert of every configuration has a case that fires and one that does not."""
    for make in ALL.values():
        for rule in every_rule(make()):
            found = [case.fires for case in cases(rule)]
            assert {True, False} <= set(found), rule.alert


def test_models_with_promises_of_their_own_are_left_out_of_the_rules_for_all(tmp_path):
    """95 % in 0.6 s is fine for all, too slow for churn (0.25 s): only churn's alert fires."""
    settings = every_channel()
    rules = [rule for rule in every_rule(settings) if rule.alert == "HighLatencyP95"]
    of_churn = next(rule for rule in rules if ("promised_to", "churn") in rule.labels)
    case = next(case for case in cases(of_churn, model="churn", version="7") if case.name == "above")
    series = case.series | {'driftboard_requests_total{model="churn",version="7",environment="production"}': "1+1x140"}
    assert [rule.threshold for rule in rules if not rule.labels] == [1.0, 0.75]
    files = _write(tmp_path, "one", rules_file(settings), [_test(series, {"HighLatencyP95": {"60m": {"churn"}}})])
    done = promtool("test", "rules", *files)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()[-3000:]


def test_a_short_lull_does_not_end_an_alert(tmp_path):
    """What fires goes on for `keep_firing_for` after the trouble is over, and ends then."""
    rule = every_rule(default())[0]
    failing = {
        'driftboard_requests_total{model="m",version="1",environment="p",status="error"}': "0+500x30 15000+0x60",
        'driftboard_requests_total{model="m",version="1",environment="p",status="success"}': "0+500x90",
    }
    checks = {"30m": 1, "39m": 1, "50m": 0}
    files = _write(tmp_path, "keep", _alone(default(), 0), [_counted(failing, checks)])
    done = promtool("test", "rules", *files)
    assert rule.keep == timedelta(minutes=5), "the times above go by it"
    assert done.returncode == 0, (done.stdout + done.stderr).decode()[-3000:]


@pytest.mark.parametrize(
    "make",
    [
        default,
        lambda: Settings(service={"error_rate_critical": 0.2, "low_confidence_share": 0.4}, slo={"latency_p95": 0.1}),
    ],
)
def test_thresholds_are_those_that_driftboard_judges_by(make):
    """Every number, window and `for:` in a rendered rule is that of the same rule in the application."""
    settings = make()
    judged = service_rules(settings)
    groups = {group["name"]: group["rules"] for group in yaml.safe_load(rules_file(settings))["groups"]}
    written = groups["driftboard-service"]
    assert [each["alert"] for each in written] == [rule.alert for rule in judged]
    for rule, text in zip(judged, written, strict=True):
        comparison = "<" if rule.measure == "accuracy" else ">"
        numbers = re.findall(rf" {comparison} ([\d.]+)$", text["expr"], flags=re.MULTILINE)
        assert [float(each) for each in numbers] == [pytest.approx(rule.threshold)]
        assert text["for"] == f"{rule.hold // MINUTE}m" or (rule.hold == timedelta(hours=1) and text["for"] == "1h")
        least = [int(each) for each in re.findall(r">= (\d+)$", text["expr"], flags=re.MULTILINE)]
        assert least == [n for n in (rule.at_least, rule.at_least_bad) if n]
        assert text["labels"]["severity"] == rule.severity


def test_every_rule_has_a_runbook_of_the_application():
    """The runbook that an alert links is of a rule that exists."""
    assert {rule.rule for rule in every_rule(default())} <= set(RULES)


def test_who_tells_people_is_one_of_the_two():
    """A dry run leaves all to Prometheus; once driftboard sends, what it judges is its own, unless switched off."""
    every = every_rule(default())
    assert {owner_of(rule, default().alerts) for rule in every} == {"prometheus"}
    sending = every_channel().alerts
    owners = {rule.alert: owner_of(rule, sending) for rule in every}
    assert owners["HighErrorRate"] == "driftboard"
    assert owners["LowModelAccuracy"] == "prometheus", "it is switched off in driftboard"
    assert owners["DriftboardDown"] == "prometheus", "driftboard cannot tell of its own absence"
    assert (owners["DriftboardWorkerLate"], owners["DriftboardHeartbeatLate"]) == ("driftboard", "prometheus")


def test_a_rule_is_never_graver_than_the_policy_lets_it_be(tmp_path):
    """What `[alerts.rules]` caps is capped here too; two alerts that become one are one, by the lower threshold."""
    settings = Settings(
        alerts={"rules": {"high_error_rate": {"severity": "warning"}, "slo_burn": {"severity": "info"}}}
    )
    found = {(rule.alert, str(rule.severity), rule.threshold) for rule in every_rule(settings)}
    assert {each for each in found if each[0] == "HighErrorRate"} == {("HighErrorRate", "warning", 0.02)}
    assert {severity for alert, severity, _ in found if alert == "ErrorBudgetBurn"} == {"info"}
    file = tmp_path / "rules.yml"
    file.write_text(rules_file(settings))
    assert promtool("check", "rules", "--lint-fatal", str(file)).returncode == 0


def test_a_promise_that_nobody_would_look_up_is_refused():
    """`churn:3` means no model: the whole key, or the name, is asked for."""
    with pytest.raises(ConfigError, match="churn:3@production"):
        scopes(Settings(slo={"models": {"churn:3": {}}}))


def _test_files(settings, folder, damage=str, only=""):
    """Write a test of its own for each rule (with a label), of a file with that rule only; return the paths."""
    files = []
    for place, rule in enumerate(every_rule(settings)):
        if only and only not in dict(rule.labels):
            continue
        promised = dict(rule.labels).get("promised_to")
        scope = next(each for each in scopes(settings) if each.written == promised)
        name, version = (promised or "m").partition("@")[0].partition(":")[::2]
        objective = getattr(scope.promised(settings), dict(rule.labels).get("slo", ""), None)
        found = cases(rule, model=name, version=version or "1", objective=objective or 0.5)
        tests = [_counted(case.series, _times(rule.hold, case), case.name) for case in found]
        files += _write(folder, f"{place}", damage(_alone(settings, place)), tests)
    return files


def _times(hold, case):
    """Return at which times how many alerts fire."""
    if case.at is not None:
        return {f"{case.at}m": int(case.fires)}
    return {f"{hold // MINUTE - 1}m": 0, f"{hold // MINUTE + 3}m": int(case.fires)}


def _alone(settings, place):
    """Return a file of rules with one of them."""
    groups = yaml.safe_load(rules_file(settings))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    return yaml.safe_dump({"groups": [{"name": "one", "rules": [rules[place]]}]})


def _write(folder, name, rules, tests):
    (folder / f"{name}.rules.yml").write_text(rules)
    file = folder / f"{name}.test.yml"
    given = {"rule_files": [f"{name}.rules.yml"], "evaluation_interval": "1m", "tests": tests}
    file.write_text(yaml.safe_dump(given))
    return [str(file)]


def _counted(series, times, name=""):
    checks = [
        {
            "expr": 'count(ALERTS{alertstate="firing"}) or vector(0)',
            "eval_time": at,
            "exp_samples": [{"labels": "{}", "value": count}],
        }
        for at, count in times.items()
    ]
    return {"name": name, "interval": "1m", "input_series": _series(series), "promql_expr_test": checks}


def _test(series, expected):
    """Return a test of which models an alert fires for."""
    checks = [
        {
            "expr": f'count by (promised_to) (ALERTS{{alertname="{alert}",alertstate="firing"}}) > bool 0',
            "eval_time": at,
            "exp_samples": [{"labels": f'{{promised_to="{each}"}}', "value": 1} for each in models],
        }
        for alert, times in expected.items()
        for at, models in times.items()
    ]
    return {"interval": "1m", "input_series": _series(series), "promql_expr_test": checks}


def _series(series):
    return [{"series": name, "values": values} for name, values in series.items()]
