"""How long from a committed report to a delivered page, and what three dispatchers make of a thousand notifications.

The real loop with its defaults: reports that call somebody are recorded at random moments, a dispatcher looks every
second, and an https server on this machine plays Slack. Beside it three dispatchers, each a process of its own, share
a thousand notifications on ten channels; nothing fails, so nothing may come twice.
"""

import json
import multiprocessing
import os
import random
import ssl
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest.mock import patch

import numpy as np
import trustme
from sqlalchemy import insert

from benchmarks.rounds import publish
from driftboard.alerts.desk import record_reports
from driftboard.alerts.dispatch import Dispatcher
from driftboard.config import Settings
from driftboard.data import ModelKey, Store, find_batch, open_store, register_model, tables
from driftboard.data.backend import hold_model
from driftboard.data.outbox import Delivery, count_deliveries
from driftboard.data.times import to_micros
from driftboard.monitors.finding import Finding
from driftboard.monitors.report import FeatureReport
from driftboard.monitors.verdict import Verdict

PAGES = 60
LONGEST_PAUSE = 1.0
SHARED = 100
CHANNELS = 10
PATIENCE = 120.0
HOOK = {"type": "slack", "allow_hosts": ["localhost"], "allow_private": True, "min_severity": "critical"}
UNPACED = {"min_seconds": 0, "max_per_hour": 1_000_000}


def main() -> None:
    """Measure, print, and write the figures where asked."""
    publish(measure(), __doc__)


def measure() -> dict[str, float]:
    """Return the figures by name."""
    with tempfile.TemporaryDirectory() as folder, _slack(Path(folder)) as slack:
        p50, p95 = np.percentile(_waits(Path(folder), slack), [50, 95])
        slack.arrived.clear()
        shared = _shared(Path(folder), slack)
    return {"report_to_page_p50_s": float(p50), "report_to_page_p95_s": float(p95)} | shared


@dataclass
class _Slack:
    """What arrived: for every feature that a message names, when, on which path."""

    port: int = 0
    arrived: list[tuple[str, str, float]] = field(default_factory=list)

    def url(self, name: str) -> str:
        return f"https://localhost:{self.port}/{name}"


@contextmanager
def _slack(folder: Path) -> Iterator[_Slack]:
    slack = _Slack()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    os.environ["SSL_CERT_FILE"] = str(folder / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    class Requests(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headline = str(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            now = time.monotonic()
            named = {f"f{number:04}" for number in range(PAGES + SHARED) if f"f{number:04}" in headline}
            slack.arrived += [(self.path, name, now) for name in named]
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    slack.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield slack
    finally:
        server.shutdown()
        server.server_close()


def _settings(slack: _Slack, channels: int, **pace: object) -> Settings:
    for number in range(channels):
        os.environ[f"SLACK_{number}"] = slack.url(f"c{number}")
    named = {f"c{number}": HOOK | pace | {"webhook_url": f"env:SLACK_{number}"} for number in range(channels)}
    rules = {"feature_drift": {"group": "subject"}}
    alerts = {"dry_run": False, "channels": named, "rules": rules, "escalation": []}
    return Settings.model_validate({"alerts": alerts})


def _waits(folder: Path, slack: _Slack) -> list[float]:
    """Record a page now and then beside a running dispatcher; return how long each took to arrive, in seconds."""
    chance = random.Random(7)  # noqa: S311 - the same pauses every time
    settings = _settings(slack, 1)
    stop = threading.Event()
    committed: dict[str, float] = {}
    with open_store(folder / "paced.sqlite") as store, open_store(folder / "paced.sqlite") as own:
        loop = threading.Thread(target=Dispatcher(own, settings).run, args=(stop,))
        loop.start()
        for number in range(PAGES):
            time.sleep(chance.uniform(0, LONGEST_PAUSE))
            _record(store, settings, number, [f"f{number:04}"])
            committed[f"f{number:04}"] = time.monotonic()
        _wait_until_sent(store)
        stop.set()
        loop.join()
    first: dict[str, float] = {}
    for _, name, at in slack.arrived:
        first[name] = min(at, first.get(name, at))
    return [first[name] - at for name, at in committed.items()]


def _shared(folder: Path, slack: _Slack) -> dict[str, float]:
    """Let three dispatchers deliver a thousand notifications; return what came twice, and how many went a second."""
    settings = _settings(slack, CHANNELS, **UNPACED)
    place = folder / "shared.sqlite"
    processes = multiprocessing.get_context("spawn")
    with open_store(place) as store:
        _record(store, settings, 0, [f"f{PAGES + number:04}" for number in range(SHARED)])
        started = time.monotonic()
        senders = [processes.Process(target=_send, args=(place, settings), daemon=True) for _ in range(3)]
        for sender in senders:
            sender.start()
        _wait_until_sent(store)
        seconds = time.monotonic() - started
        for sender in senders:
            sender.terminate()
            sender.join()
        with store.read() as connection:
            delivered = count_deliveries(connection)[Delivery.DELIVERED]
    came = Counter((path, name) for path, name, _ in slack.arrived)
    return {
        "three_dispatchers_delivered": float(delivered),
        "three_dispatchers_repeated": float(sum(count - 1 for count in came.values())),
        "three_dispatchers_seconds": seconds,
    }


def _send(place: Path, settings: Settings) -> None:
    # A thousand messages, not a few large ones.
    with patch("driftboard.alerts.selection.merges", return_value=False), open_store(place) as store:
        Dispatcher(store, settings).run(threading.Event(), 0.05)


def _record(store: Store, settings: Settings, number: int, drifted: list[str]) -> None:
    """Record what the monitor of inputs says of one more batch, as the worker does."""
    now = datetime.now(UTC)
    model = register_model(store, ModelKey("flights"))
    at = to_micros(now - timedelta(days=1) + timedelta(seconds=number))
    batch = {"batch_id": f"b{number}", "first_at": at, "last_at": at, "n_predictions": 1000, "n_labels": 0}
    findings = tuple(Finding(Verdict.CRITICAL, f"{name} moved.", "feature_drift", name) for name in drifted)
    report = FeatureReport(
        verdict=Verdict.CRITICAL,
        message="",
        n=1000,
        n_reference=5000,
        features=(),
        psi_warning=0.1,
        psi_critical=0.2,
        findings=findings,
    )
    with store.write() as connection:
        hold_model(connection, model.model_id)
        connection.execute(insert(tables.batches).values(model_id=model.model_id, changes=1, **batch))
        record_reports(
            connection, model, find_batch(connection, model, f"b{number}"), [report], settings.alerts, now=now
        )


def _wait_until_sent(store: Store) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with store.read() as connection:
            if not count_deliveries(connection)[Delivery.QUEUED]:
                return
        time.sleep(0.05)
    raise TimeoutError(f"not everything was delivered within {PATIENCE:g} s")


if __name__ == "__main__":
    main()
