"""Real parts for the tests: a small store, a server that plays Slack, and reports with a given finding."""

import json
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sqlalchemy import create_engine, event, insert

from driftboard.alerts.gate import Alert
from driftboard.alerts.severity import Severity
from driftboard.data import alert_log, tables
from driftboard.data.alert_log import AlertRecord, AlertState
from driftboard.data.model_key import ModelKey
from driftboard.monitors.finding import Finding
from driftboard.monitors.report import FeatureReport, PerformanceReport, PredictionReport
from driftboard.monitors.verdict import Verdict

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MODEL = ModelKey("flights", "2")
CANARY = "canary-5f1c-secret"

HOSTILE = [
    "<!channel>",
    "<!here|x>",
    "<@U012AB3CD>",
    "<https://evil|x>",
    "<https://evil.example|Reset your password>",
    "https://evil.example/x",
    "![](http://evil/x.png)",
    "[click](http://evil)",
    "a\r\nBcc: victim@example.com",
    "a\nSubject: other",
    "a\r\n\r\n<html>",
    "a\r\n.\r\nMAIL FROM:<x@y>",
    "nul\0byte",
    "bidi \u202egnp.exe",
    "zero\u200bwidth",
    "\u2028line",
    "half \ud800 pair",
    "*bold* _it_ `code`",
    "&lt;!channel&gt;",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "x" * 10_000,
    "<" * 4_000,
    "\x1b[31mred",
    "=cmd|' /C calc'!A0",
]


class SmallStore:
    """An SQLite file with our tables; `write` is one BEGIN IMMEDIATE transaction, as the real store's is."""

    def __init__(self, path) -> None:
        self.engine = create_engine(f"sqlite:///{path}")
        self.open_transactions = 0
        event.listen(self.engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
        event.listen(self.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        tables.metadata.create_all(self.engine)

    @contextmanager
    def write(self):
        self.open_transactions += 1
        try:
            with self.engine.begin() as connection:
                yield connection
        finally:
            self.open_transactions -= 1

    read = write

    def add_model(self, key=MODEL):
        values = {
            "name": key.name,
            "version": key.version,
            "environment": key.environment,
            "task": "classification",
            "created_at": 0,
        }
        with self.write() as connection:
            return connection.execute(insert(tables.models).values(values)).inserted_primary_key[0]

    def add_batch(self, model_id, batch_id):
        values = {
            "model_id": model_id,
            "batch_id": batch_id,
            "first_at": 0,
            "last_at": 0,
            "n_predictions": 1000,
            "n_labels": 0,
            "changes": 1,
        }
        with self.write() as connection:
            return connection.execute(insert(tables.batches).values(values)).inserted_primary_key[0]

    def rows(self):
        """All alerts, oldest first."""
        with self.read() as connection:
            return alert_log.recent_alerts(connection, limit=100_000)[::-1]

    def states(self):
        return [str(row.state) for row in self.rows()]


@dataclass
class FakeSlack:
    """Answers from a script, then 200 ok; keeps what it was sent."""

    script: list = field(default_factory=list)
    posts: list = field(default_factory=list)
    hits: list = field(default_factory=list)
    url: str = ""


@contextmanager
def fake_slack(authority):
    """Serve https on localhost with a certificate of `authority`."""
    fake = FakeSlack()

    class Requests(BaseHTTPRequestHandler):
        def do_POST(self):
            fake.hits.append(("POST", self.path))
            fake.posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            step = fake.script.pop(0) if fake.script else (200, "ok", {})
            if step == "drip":
                self._drip()
            else:
                self._answer(*step)

        def do_GET(self):
            fake.hits.append(("GET", self.path))
            self._answer(200, "ok", {})

        def _answer(self, status, body, headers):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def _drip(self):
            with suppress(OSError):
                for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 200:
                    self.wfile.write(bytes([byte]))
                    time.sleep(0.1)

        def log_message(self, *args: object):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # a client that hangs up is what some tests are about
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    fake.url = f"https://localhost:{server.server_port}/services/{CANARY}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()


def alert(subject="age", rule="feature_drift", severity=Severity.CRITICAL, message="PSI 0.3; KS rejects"):
    """An alert, by default a page."""
    return Alert(rule, subject, severity, message)


def record(alert_id=1, *, subject="age", message="PSI 0.3", **changes: object):
    """One queued row, as the alert log would return it."""
    values = {
        "alert_id": alert_id,
        "model_id": 1,
        "model": MODEL,
        "batch_key": 1,
        "batch_id": "2026-03-01",
        "n_predictions": 1000,
        "fingerprint": "0" * 32,
        "rule": "feature_drift",
        "subject": subject,
        "severity": "critical",
        "message": message,
        "channel": "slack",
        "state": AlertState.QUEUED,
        "reason": "",
        "attempts": 1,
        "not_before": NOW,
        "created_at": NOW,
        "finished_at": None,
    }
    return AlertRecord(**values | changes)


def finding(kind, verdict, subject="", *, text="the monitor's clause"):
    """What a monitor might say."""
    return Finding(verdict, text, kind, subject)


def features(*findings: Finding, verdict=Verdict.OK):
    """A report of the inputs with these findings."""
    return FeatureReport(
        verdict=verdict,
        message="",
        n=1000,
        n_reference=5000,
        features=(),
        psi_warning=0.1,
        psi_critical=0.2,
        findings=findings,
    )


def predictions(*findings: Finding, verdict=Verdict.OK):
    """A report of the outputs with these findings."""
    return PredictionReport(verdict=verdict, message="", n=1000, n_reference=5000, findings=findings)


def performance(*findings: Finding, verdict=Verdict.OK, provisional=False):
    """A report of the outcomes with these findings."""
    return PerformanceReport(
        verdict=verdict,
        message="",
        n=1000,
        n_labelled=400,
        coverage=0.4,
        decay_limit=0.05,
        accuracy=0.7,
        reference_accuracy=0.9,
        provisional=provisional,
        findings=findings,
    )
