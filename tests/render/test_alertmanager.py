"""Alertmanager's configuration: taken by its own tool, which is also asked where alerts go."""

import shutil
import subprocess

import pytest
import yaml

from driftboard.config import Settings
from driftboard.render import rendered
from driftboard.render.check import remarks
from tests.render.configurations import ALL, every_channel, hostile

AMTOOL = shutil.which("amtool")
pytestmark = pytest.mark.skipif(AMTOOL is None, reason="needs Debian's prometheus-alertmanager")
_OF = {"version": "1", "environment": "production"}


def amtool(*arguments: str):
    """Run the tool; return what it says."""
    done = subprocess.run([AMTOOL, *arguments], capture_output=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.decode()


def written(settings, folder):
    """Write the configuration as this release takes it: it knows no `url_file` of webhooks yet (0.26 does)."""
    file = folder / "alertmanager.yml"
    text = rendered(settings)["alertmanager.yml"]
    file.write_text(text.replace("url_file: /run/secrets/hook.url", "url: http://127.0.0.1:1/"))
    return str(file)


def receivers(file, **labels: str):
    """Return whom an alert goes to, by Alertmanager itself."""
    matched = amtool("config", "routes", "test", f"--config.file={file}", *(f"{k}={v}" for k, v in labels.items()))
    return set(matched.strip().split(",")) - {""}


@pytest.mark.parametrize("name", ALL)
def test_alertmanager_takes_it(name, tmp_path):
    """Whatever the configuration says, Alertmanager loads what is rendered."""
    assert "SUCCESS" in amtool("check-config", written(ALL[name](), tmp_path))


def test_alerts_go_where_the_routes_say(tmp_path):
    """The first route that matches decides, and each channel takes what reaches its least severity."""
    file = written(every_channel(), tmp_path)
    pager, hers = "night-shift-", {"owner": "prometheus", "rule": "high_error_rate"} | _OF
    critical = receivers(file, model="churn", severity="critical", **hers)
    assert {each.rpartition("-")[0] + "-" if each.startswith(pager) else each for each in critical} == {pager, "ops"}
    assert receivers(file, model="flights", severity="critical", **hers) == {"ops", "mail", "relay", "hook"}
    assert receivers(file, model="churn", severity="warning", **hers) == {"ops", "hook"}
    assert receivers(file, model="churn", severity="info", **hers) == {"hook"}
    assert receivers(file, model="flights", severity="warning", **{**hers, "environment": "staging"}) == {"nobody"}


def test_what_driftboard_tells_people_of_pages_nobody_here(tmp_path):
    """One owner of each alert."""
    file = written(every_channel(), tmp_path)
    assert receivers(file, owner="driftboard", model="m", severity="critical", rule="high_error_rate", **_OF) == {
        "nobody"
    }


def test_without_channels_nobody_is_told(tmp_path):
    """The default configuration names nobody, and is valid all the same."""
    assert receivers(written(Settings(), tmp_path), severity="critical") == {"nobody"}


def test_a_name_is_a_name_and_no_pattern(tmp_path):
    """A model whose name is full of special characters is matched by exactly that name."""
    name = "a.b[c](d) e-f#g+h|i^j$k{l}?"
    settings = Settings(
        alerts={
            "channels": {"ops": {"type": "slack", "webhook_url": "env:X"}},
            "routes": [{"match": {"model": name, "environment": "*[x]"}, "channels": ["ops"]}],
        }
    )
    file = written(settings, tmp_path)
    assert receivers(file, model=name[:-1] + "!", environment="a[x]", severity="critical") == {"ops"}
    for other in (name.replace(".", "x"), name.replace("[c]", "c"), f"{name}-"):
        assert receivers(file, model=other, environment="a[x]", severity="critical") == {"nobody"}
    assert receivers(file, model=name, environment="ax", severity="critical") == {"nobody"}


def test_unlike_names_are_unlike_receivers():
    """Two channels with nearly the same name, full of what means something elsewhere, stay two."""
    config = yaml.safe_load(rendered(hostile())["alertmanager.yml"])
    assert len({each["name"] for each in config["receivers"]}) == 3


def test_what_is_critical_does_not_wait_for_company(tmp_path):
    """Critical alerts leave at once and at any hour; warnings are grouped and quiet at night."""
    del tmp_path
    config = yaml.safe_load(rendered(every_channel())["alertmanager.yml"])
    inner = [child for route in config["route"]["routes"] for child in route.get("routes", ())]
    for child in inner:
        critical = child["matchers"] == ['severity="critical"']
        assert (child.get("group_wait") == "0s") == critical
        assert ("mute_time_intervals" in child) != critical


def test_times_are_those_of_the_settings():
    """Group and repeat intervals are `[alerts]`' own."""
    route = yaml.safe_load(
        rendered(Settings(alerts={"group_wait": "45s", "repeat_interval": "8h"}))["alertmanager.yml"]
    )["route"]
    assert (route["group_wait"], route["group_interval"], route["repeat_interval"]) == ("45s", "5m", "8h")


def test_an_inhibition_of_rules_that_prometheus_has_is_rendered():
    """High error rates hide slow requests, as configured; what only driftboard knows (schema) is left out."""
    config = yaml.safe_load(rendered(every_channel())["alertmanager.yml"])
    last = config["inhibit_rules"][-1]
    assert last["source_matchers"] == ['rule="high_error_rate"']
    assert last["target_matchers"] == ['rule="high_latency"']


def test_one_outage_is_one_page():
    """What the app covers, Alertmanager inhibits: failing requests say what burning budgets would say again."""
    config = yaml.safe_load(rendered(Settings())["alertmanager.yml"])
    rules = [(each["source_matchers"], each["target_matchers"]) for each in config["inhibit_rules"]]
    source = ['rule="high_error_rate"', 'severity="critical"']
    assert (source, ['rule="slo_burn"', 'slo=~"error_rate|availability"']) in rules
    assert (source, ['rule="slo_missed"', 'slo=~"error_rate|availability"']) in rules


def test_paging_twice_is_remarked():
    """A channel `alertmanager` beside a direct one is said; without it, or in a dry run, it is not."""
    slack, hub = {"type": "slack", "webhook_url": "env:X"}, {"type": "alertmanager", "urls": ["http://127.0.0.1:9093"]}

    def said(*, dry_run=False, **channels: dict):
        settings = Settings(alerts={"dry_run": dry_run, "channels": channels})
        return [line for line in remarks(settings) if "told twice" in line]

    assert len(said(ops=slack, hub=hub)) == 1
    assert said(ops=slack) == said(hub=hub) == said(dry_run=True, ops=slack, hub=hub) == []
