"""A Prometheus and an Alertmanager of their own for tests: Debian's, on spare ports of loopback, in a folder."""

import json
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import pytest

PROMETHEUS = shutil.which("prometheus")
PROMTOOL = shutil.which("promtool")
ALERTMANAGER = shutil.which("prometheus-alertmanager")

needs_prometheus = pytest.mark.skipif(not (PROMETHEUS and PROMTOOL), reason="needs Debian's prometheus")
needs_alertmanager = pytest.mark.skipif(not ALERTMANAGER, reason="needs Debian's prometheus-alertmanager")

SECONDS = 30.0


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def scrape_config(*targets: str, path: str = "/metrics", interval: str = "1s", rules: tuple[str, ...] = ()) -> str:
    """Return a `prometheus.yml` that reads `host:port` targets, as the job `driftboard`."""
    return json.dumps(  # JSON is YAML
        {
            "global": {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval},
            "rule_files": list(rules),
            "scrape_configs": [
                {
                    "job_name": "driftboard",
                    "metrics_path": path,
                    "sample_limit": 50_000,
                    "static_configs": [{"targets": list(targets)}],
                }
            ],
        }
    )


def wait_until(ask: Callable[[], Any], *, seconds: float = SECONDS, what: str = "") -> Any:
    """Return the first answer that is true; fail the test when there is none in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(OSError):
            if answer := ask():
                return answer
        time.sleep(0.1)
    pytest.fail(f"waited {seconds:g} s in vain{f': {what}' if what else ''}")


class _Server:
    """One process with an address; started and stopped by its pid."""

    def __init__(self, folder: Path, config: str, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.config = folder / name
        self.config.write_text(config)
        self.address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.address}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it; return when it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self._command(), stdout=log, stderr=log, cwd=self.folder)
        try:
            wait_until(lambda: self._is_ready(self._process), what=f"the start of {self.config.name}'s server")
        except BaseException:
            self.stop()
            raise
        return self

    def _command(self) -> list[str]:
        raise NotImplementedError

    def _is_ready(self, process: "subprocess.Popen[bytes] | None") -> bool:
        if process is not None and process.poll() is not None:
            pytest.fail(f"it ended at once: {(self.folder / 'log').read_text()[-2000:]}")
        with suppress(urllib.error.HTTPError):  # 503 while it starts
            return bool(self.read("/-/ready"))
        return False

    def stop(self) -> None:
        """End it, and wait until it has."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(20)
            self._process = None

    def reload(self) -> None:
        """Have it read its configuration and rules again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def read(self, path: str, **parameters: str) -> bytes:
        """Return what it answers."""
        query = f"?{urllib.parse.urlencode(parameters)}" if parameters else ""
        with urllib.request.urlopen(f"{self.url}{path}{query}", timeout=10) as answer:  # noqa: S310 - our own
            return bytes(answer.read())

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class PrometheusServer(_Server):
    """A Prometheus: `with PrometheusServer(folder, scrape_config("127.0.0.1:8000")) as prometheus: ...`."""

    def __init__(self, folder: Path, config: str) -> None:
        super().__init__(folder, config, "prometheus.yml")

    def _command(self) -> list[str]:
        assert PROMETHEUS is not None
        return [
            PROMETHEUS,
            f"--config.file={self.config}",
            f"--storage.tsdb.path={self.folder / 'tsdb'}",
            f"--web.listen-address={self.address}",
            "--web.enable-lifecycle",
            "--log.level=warn",
        ]

    def _api(self, path: str, **parameters: str) -> Any:
        try:
            return json.loads(self.read(f"/api/v1/{path}", **parameters))["data"]
        except urllib.error.HTTPError as error:
            said = error.read().decode()
            raise AssertionError(f"{path} {parameters}: {said}") from error

    def query(self, promql: str, *, at: float | None = None) -> list[tuple[dict[str, str], float]]:
        """Return (labels, value) of each series of an instant vector, or one without labels for a scalar."""
        data = self._api("query", query=promql, **({} if at is None else {"time": str(at)}))
        if data["resultType"] == "scalar":
            return [({}, float(data["result"][1]))]
        return [(each["metric"], float(each["value"][1])) for each in data["result"]]

    def value(self, promql: str) -> float | None:
        """Return the value of the only series; None without one."""
        found = self.query(promql)
        assert len(found) <= 1, f"{promql}: {len(found)} series"
        return found[0][1] if found else None

    def wait_for(self, promql: str, *, seconds: float = SECONDS) -> list[tuple[dict[str, str], float]]:
        """Return what a query yields as soon as it yields anything: write the condition into it."""
        found: list[tuple[dict[str, str], float]] = wait_until(lambda: self.query(promql), seconds=seconds, what=promql)
        return found

    def targets(self) -> list[dict[str, Any]]:
        """Return the targets it scrapes: `health`, `lastError`, `labels`."""
        return list(self._api("targets")["activeTargets"])

    def alerts(self) -> list[dict[str, Any]]:
        """Return the alerts that are pending or firing: `labels`, `annotations`, `state`, `value`."""
        return list(self._api("alerts")["alerts"])

    def rules(self) -> list[dict[str, Any]]:
        """Return the groups of rules it has loaded."""
        return list(self._api("rules")["groups"])


class AlertmanagerServer(_Server):
    """An Alertmanager: `with AlertmanagerServer(folder, config_text) as alertmanager: ...`."""

    def __init__(self, folder: Path, config: str) -> None:
        super().__init__(folder, config, "alertmanager.yml")

    def _command(self) -> list[str]:
        assert ALERTMANAGER is not None
        return [
            ALERTMANAGER,
            f"--config.file={self.config}",
            f"--storage.path={self.folder / 'data'}",
            f"--web.listen-address={self.address}",
            "--cluster.listen-address=",
        ]

    def alerts(self) -> list[dict[str, Any]]:
        """Return the alerts it holds."""
        return list(json.loads(self.read("/api/v2/alerts")))


def promtool(*arguments: str, given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    """Run `promtool`; return what came of it."""
    assert PROMTOOL is not None
    return subprocess.run([PROMTOOL, *arguments], input=given, capture_output=True, timeout=60, check=False)


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an ASGI application from a thread; yield its `host:port`."""
    import threading  # noqa: PLC0415 - only who serves needs it

    import uvicorn  # noqa: PLC0415

    port = free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started, what="the application")
        yield f"127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
