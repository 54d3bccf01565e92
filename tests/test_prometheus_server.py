"""The servers that other tests rely on are real, answer, and end."""

from pathlib import Path

from tests.prometheus_server import (
    AlertmanagerServer,
    PrometheusServer,
    needs_alertmanager,
    needs_prometheus,
    promtool,
    scrape_config,
    wait_until,
)


@needs_prometheus
def test_prometheus_scrapes_and_answers(tmp_path: Path) -> None:
    """It reads its own metrics, tells of a target that is down, and counts for us."""
    server = PrometheusServer(tmp_path / "prometheus", "")
    server.config.write_text(scrape_config(server.address, "127.0.0.1:1"))
    with server as prometheus:
        assert prometheus.value("1 + 1") == 2.0
        assert prometheus.wait_for("up == 1")[0][0]["instance"] == server.address
        down = wait_until(lambda: [each for each in prometheus.targets() if each["health"] == "down"])
        assert down[0]["labels"]["instance"] == "127.0.0.1:1"
    assert promtool("check", "config", str(server.config)).returncode == 0


@needs_alertmanager
def test_alertmanager_answers(tmp_path: Path) -> None:
    """It starts with a configuration of ours and holds no alerts."""
    config = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
    with AlertmanagerServer(tmp_path / "alertmanager", config) as alertmanager:
        assert alertmanager.alerts() == []
