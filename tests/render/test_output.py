"""What is rendered: the same every time, taken by those who read it, equal to `deploy/`, without a secret."""

import json
import re
import tomllib
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from driftboard.config import Settings, load_settings
from driftboard.errors import ConfigError
from driftboard.exporter.families import FAMILIES
from driftboard.render import rendered
from driftboard.render.check import expressions, problems
from driftboard.render.folder import changes
from driftboard.render.written_yaml import NOTE
from tests.prometheus_server import needs_prometheus, promtool
from tests.render.configurations import ALL, default, every_channel

DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.fixture(params=ALL)
def texts(request):
    """What is rendered of each configuration."""
    return rendered(ALL[request.param]())


def test_rendering_is_deterministic():
    """The same configuration is the same bytes, whenever and in whatever process."""
    assert rendered(every_channel()) == rendered(every_channel())


def test_deploy_is_what_the_defaults_are_rendered_to(monkeypatch):
    """The folder in the repository is rendered, not written."""
    monkeypatch.chdir(Path(__file__).parent)  # no driftboard.toml here
    assert changes(rendered(default()), DEPLOY) == ()


def test_every_file_says_where_it_comes_from(texts):
    """Whoever opens one reads that it is rendered, and what to edit instead."""
    assert [path for path, text in texts.items() if NOTE not in text] == []


def test_nothing_is_wrong(texts):
    """No rule or panel asks for a metric that does not exist, and the servers' own tools take every file."""
    skipped = "url_file not found in type config.plain"  # Debian's Alertmanager is 0.25, webhooks need 0.26
    assert [line for line in problems(texts) if skipped not in line] == []


def test_a_metric_that_does_not_exist_is_found():
    """Negative control: a rule about a metric that nobody exports would be silent for ever."""
    texts = rendered(default())
    rules = "rules/driftboard.rules.yml"
    texts[rules] = texts[rules].replace("driftboard_queue_age_seconds", "driftboard_queue_years")
    assert "alert DriftboardQueueStuck: no metric is called driftboard_queue_years" in problems(texts)


def test_no_secret_and_no_reference_but_in_the_settings(texts):
    """References are in driftboard.toml only, for driftboard to resolve; the others read files."""
    named = re.compile(r"env:[A-Z]|file:/")
    found = {path for path, text in texts.items() if named.search(text) and path != "README.md"}
    assert found <= {"driftboard.toml", "kubernetes/driftboard.yaml"}


def test_a_secret_that_is_written_out_is_not_rendered():
    """A salt in the configuration instead of a reference is refused, not copied; the refusal does not show it."""
    with pytest.raises(ConfigError, match=r"privacy\.salt") as refused:
        rendered(Settings(privacy={"salt": "canary-4711"}))
    assert "canary" not in str(refused.value)


@needs_prometheus
def test_the_query_of_every_panel_is_promql(texts, tmp_path):
    """Prometheus parses each query once Grafana's variables have values."""
    rules = [
        {"record": f"panel:{place}", "expr": with_values(expression)}
        for place, (_, expression) in enumerate(expressions(texts))
    ]
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    done = promtool("check", "rules", str(file))
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_family_is_in_a_rule_or_a_panel():
    """What is exported is shown somewhere."""
    asked = " ".join(expression for _, expression in expressions(rendered(default())))
    assert [family.name for family in FAMILIES if family.name not in asked] == []


def test_dashboards_can_be_read(texts):
    """Each has a uid of its own, a description for each panel, a unit, and the choice of data source and model."""
    boards = [json.loads(text) for path, text in texts.items() if path.startswith("grafana/dashboards/")]
    assert len({board["uid"] for board in boards}) == len(boards) == 4
    for board in boards:
        assert [each["name"] for each in board["templating"]["list"]] == [
            "datasource",
            "model",
            "version",
            "environment",
        ]
        panels = [each for each in board["panels"] if each["type"] != "row"]
        assert all(each["description"] and each["fieldConfig"]["defaults"]["unit"] for each in panels)
        assert all(each["datasource"]["uid"] == "${datasource}" for each in panels)


def test_thresholds_of_panels_are_those_of_the_settings():
    """What is red on a dashboard is what is critical in a message."""
    settings = Settings(slo={"latency_p95": 0.2}, service={"error_rate_critical": 0.3})
    board = json.loads(rendered(settings)["grafana/dashboards/latency.json"])
    panels = [each for each in board["panels"] if each["type"] != "row"]
    steps = {each["title"]: each["fieldConfig"]["defaults"]["thresholds"]["steps"] for each in panels}
    assert [each["value"] for each in steps["95 of 100 requests take at most"]] == [None, pytest.approx(0.3), 0.4]
    assert [each["value"] for each in steps["Share of failed requests"]] == [None, 0.02, 0.3]


def test_compose_mounts_what_is_rendered_and_publishes_on_loopback_only(texts):
    """Every mounted path is there, every port is this machine's, no image floats, no password is known to all."""
    compose = yaml.safe_load(texts["compose.yml"])
    folders = {str(parent) for path in texts for parent in Path(path).parents}
    for name, service in compose["services"].items():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert service["healthcheck"]["test"][0] == "CMD"
        assert name == "driftboard" or re.fullmatch(r"[a-z/]+:v?\d+\.\d+\.\d+", service["image"])
        for mount in service["volumes"]:
            source = mount.split(":")[0]
            assert (
                source.removeprefix("./") in {*texts, *folders}
                if source.startswith(".")
                else source in compose["volumes"]
            )
        assert {each["source"] for each in service.get("secrets", ())} <= set(compose["secrets"])
    grafana = compose["services"]["grafana"]
    assert not any("PASSWORD" in key and not key.endswith("__FILE") for key in grafana["environment"])
    assert grafana["environment"]["GF_SECURITY_ADMIN_PASSWORD__FILE"] in {each["target"] for each in grafana["secrets"]}


def test_every_file_that_alertmanager_reads_is_a_secret_of_compose(texts):
    """No receiver names a file that nobody mounts."""
    named = set(re.findall(r"_file: (\S+)", texts["alertmanager.yml"] + texts["prometheus.yml"]))
    compose = yaml.safe_load(texts["compose.yml"])
    mounted = {each["target"] for service in compose["services"].values() for each in service.get("secrets", ())}
    assert named <= mounted


def test_kubernetes_takes_the_manifests(texts):
    """Each manifest is valid by Kubernetes' own schema, and probes ask for life and readiness."""
    kinds = []
    for path in ("kubernetes/driftboard.yaml", "kubernetes/shell.yaml"):
        for manifest in yaml.safe_load_all(texts[path]):
            kubernetes_validate.validate(manifest, "1.30", strict=True)
            kinds.append(manifest["kind"])
    assert kinds == ["Namespace", "ConfigMap", "PersistentVolumeClaim", "Deployment", "Service", "Pod"]
    pod = list(yaml.safe_load_all(texts["kubernetes/driftboard.yaml"]))[3]["spec"]["template"]["spec"]["containers"][0]
    assert pod["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert pod["readinessProbe"]["httpGet"]["path"] == "/readyz"


@pytest.mark.parametrize("name", ALL)
def test_driftboard_in_a_container_reads_the_settings_that_were_rendered(name, tmp_path):
    """The rendered driftboard.toml, read again, is the configuration; so is the one in the ConfigMap."""
    settings = ALL[name]()
    texts = rendered(settings)
    file = tmp_path / "driftboard.toml"
    file.write_text(texts["driftboard.toml"])
    again = load_settings(file)
    assert again.model_dump(exclude={"deploy"}) == settings.model_dump(exclude={"deploy"})
    manifests = list(yaml.safe_load_all(texts["kubernetes/driftboard.yaml"]))
    assert tomllib.loads(manifests[1]["data"]["driftboard.toml"]) == tomllib.loads(texts["driftboard.toml"])


def with_values(expression):
    """Return a panel's query as Grafana sends it when everything is chosen."""
    return re.sub(r"\$(model|version|environment)", ".*", expression.replace("$__rate_interval", "1m"))
