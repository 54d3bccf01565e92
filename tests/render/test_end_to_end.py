"""The whole way: drift in a real log, real API, Prometheus and Alertmanager as rendered, a webhook that rings.

Nothing of the rendered files is changed but times (`for:`, the pace of a group) and the address of the webhook, which
Debian's Alertmanager (0.25) does not take from a file.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from driftboard.api.app import create_app
from driftboard.config import Settings
from driftboard.data import Store, open_store
from driftboard.render import rendered
from driftboard.render.check import expressions
from driftboard.render.prometheus import RULES
from tests.prometheus_server import (
    AlertmanagerServer,
    PrometheusServer,
    needs_alertmanager,
    needs_prometheus,
    serving,
    wait_until,
)
from tests.render.drifting_log import at_work, fill
from tests.render.test_output import with_values

pytestmark = [needs_prometheus, needs_alertmanager, pytest.mark.slow]
_TIMES = re.compile(r"^( +)(for|keep_firing_for|interval): \S+$", re.MULTILINE)


class Bell(BaseHTTPRequestHandler):
    """Keeps what is posted, by path."""

    def do_POST(self):
        """Take it."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.rung.append((self.path, json.loads(body)))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object):
        """Say nothing."""


@contextmanager
def bell() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """A receiver; yields its address and what it was told."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Bell) as server:
        server.rung = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", server.rung
        finally:
            server.shutdown()
            thread.join()


def settings_for(folder: Path, **deploy: str) -> Settings:
    """Slack and a webhook, told by Prometheus (a dry run here), at the pace of a test."""
    channels = {
        "ops": {"type": "slack", "webhook_url": "env:UNUSED", "min_severity": "warning"},
        "hook": {"type": "webhook", "url": "env:UNUSED", "min_severity": "warning"},
    }
    alerts = {"channels": channels, "group_wait": "0s", "group_interval": "1s"}
    return Settings(alerts=alerts, deploy={"scrape_interval": "1s", "secrets": str(folder), **deploy})


def hurried(text: str) -> str:
    """Return rules that wait for a second where they wait for minutes."""
    return _TIMES.sub(r"\1\2: 1s", text)


@contextmanager
def stack(folder: Path, store: Store, url: str) -> Iterator[tuple[PrometheusServer, dict[str, str]]]:
    """The API, Prometheus and Alertmanager, all as rendered; yields Prometheus and the rendered files."""
    (folder / "ops.webhook_url").write_text(f"{url}/slack")
    told = rendered(settings_for(folder))["alertmanager.yml"].replace(
        f"url_file: {folder}/hook.url", f"url: {url}/hook"
    )
    with (
        AlertmanagerServer(folder / "alertmanager", told) as alertmanager,
        serving(create_app(store, settings_for(folder))) as api,
    ):
        texts = rendered(settings_for(folder, target=api, alertmanager=alertmanager.address))
        home = folder / "prometheus"
        (home / RULES).parent.mkdir(parents=True)
        (home / RULES).write_text(hurried(texts[RULES]))
        with PrometheusServer(home, texts["prometheus.yml"]) as prometheus:
            yield prometheus, texts


def test_drift_rings_the_bell_and_every_panel_has_data(tmp_path: Path) -> None:
    """Injected drift is scraped, fires, is routed, arrives with its labels; no panel of no dashboard stays empty."""
    with open_store(tmp_path / "log.sqlite") as store, bell() as (url, rung):
        fill(store, settings_for(tmp_path))
        with at_work(store), stack(tmp_path, store, url) as (prometheus, texts):
            prometheus.wait_for('up{job="driftboard"} == 1')
            alert = wait_until(lambda: _alert(rung, "DataDrift"), what="the message about drift")
            _is_about_drift(alert)
            failing = wait_until(lambda: _alert(rung, "HighErrorRate", severity="critical"), what="failing requests")
            assert failing["labels"]["model"] == "churn"
            _is_for_slack(wait_until(lambda: _attachment(rung, "[FIRING] warning: DataDrift of churn"), what="Slack"))
            _every_panel_has_data(prometheus, texts)
            _no_template_is_broken(prometheus)


def _alert(rung: list[tuple[str, Any]], name: str, **labels: str) -> Any:
    wanted = {"alertname": name, **labels}
    told = [alert for path, body in rung if path == "/hook" for alert in body["alerts"]]
    return next((each for each in told if wanted.items() <= each["labels"].items()), None)


def _is_about_drift(alert: Any) -> None:
    labels, notes = alert["labels"], alert["annotations"]
    expected = {"model": "churn", "version": "3", "environment": "production", "feature": "age", "severity": "warning"}
    assert expected.items() <= labels.items()
    assert (labels["owner"], labels["rule"], labels["job"]) == ("prometheus", "feature_drift", "driftboard")
    assert notes["summary"] == "age of churn (3, production) moved"
    assert notes["dashboard"] == "http://127.0.0.1:8501/drift?model=churn%3A3%40production"
    assert notes["runbook_url"] == "http://127.0.0.1:8501/alerts?runbook=feature_drift"


def _attachment(rung: list[tuple[str, Any]], title: str) -> Any:
    told = [attachment for path, body in rung if path == "/slack" for attachment in body["attachments"]]
    return next((each for each in told if each["title"] == title), None)


def _is_for_slack(found: Any) -> None:
    assert found["text"].startswith("age of churn (3, production) moved\nThe feature's distribution lies ")


def _every_panel_has_data(prometheus: PrometheusServer, texts: dict[str, str]) -> None:
    asked = {where + query: with_values(query) for where, query in expressions(texts) if not where.startswith("alert ")}
    assert len(asked) > 40

    def empty() -> list[str]:
        return [where for where, query in asked.items() if not prometheus.query(query)]

    wait_until(lambda: not empty(), seconds=20, what=f"data for {empty()}")


def _no_template_is_broken(prometheus: PrometheusServer) -> None:
    notes = [text for alert in prometheus.alerts() for text in alert["annotations"].values()]
    assert notes
    assert [text for text in notes if "error expanding" in text or "<no value>" in text or "%!" in text] == []
