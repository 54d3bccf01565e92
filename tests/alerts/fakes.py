"""Real parts for the tests: an https server that plays Slack, PagerDuty and a webhook; names made to harm; findings."""

import json
import socket
import ssl
import struct
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from driftboard.monitors.finding import Finding
from driftboard.monitors.report import FeatureReport, PerformanceReport, PredictionReport
from driftboard.monitors.verdict import Verdict

CANARY = "canary-5f1c-secret"
SLACK_PATH = f"/services/{CANARY}"
PAGER_PATH = "/v2/enqueue"
HOOK_PATH = f"/hook/{CANARY}"


@dataclass
class FakeSite:
    """Answers from a script, then as the service would; keeps what it was sent.

    Attributes
    ----------
    script
        What to do with the next requests: (status, body, headers), `"drip"` (a byte now and then, without end),
        `"reset"` (at once, before anything can be sent) or `"accept_then_reset"` (once the request has arrived).
    posts, requests
        Bodies, parsed; and each request as (path, headers, raw body).
    hits, connections
        (method, path) of every request; how often somebody connected.
    """

    script: list = field(default_factory=list)
    posts: list = field(default_factory=list)
    requests: list = field(default_factory=list)
    hits: list = field(default_factory=list)
    connections: int = 0
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """The address of a Slack webhook, with the canary in it."""
        return f"https://localhost:{self.port}{SLACK_PATH}"

    @property
    def pager_url(self) -> str:
        """The address of PagerDuty's Events API v2."""
        return f"https://localhost:{self.port}{PAGER_PATH}"

    @property
    def hook_url(self) -> str:
        """The address of a webhook, with the canary in it."""
        return f"https://localhost:{self.port}{HOOK_PATH}"

    def next_step(self, *, only=None):
        """Take the next step of the script; with `only`, when it is that one."""
        with self.lock:
            if self.script and (only is None or self.script[0] == only):
                return self.script.pop(0)
        return None


def slack_complaint(post):
    """Say what Slack would not take about a message; None when it is fine."""
    blocks = post.get("blocks", [])
    limits = {"header": 150, "section": 3000}
    if len(post.get("text", "")) > 40_000 or len(blocks) > 50:
        return "invalid_blocks"
    for block in blocks:
        if block["type"] in limits and not 0 < len(block["text"]["text"]) <= limits[block["type"]]:
            return "invalid_blocks"
        if block["type"] == "header" and block["text"]["type"] != "plain_text":
            return "invalid_blocks"
        if any(len(element["text"]) > 2000 for element in block.get("elements", [])):
            return "invalid_blocks"
    return None


def pagerduty_complaint(event, size):
    """Say what PagerDuty would not take about an event; None when it is fine."""
    action, key = event.get("event_action"), event.get("dedup_key", "")
    if size > 512 * 1024 or action not in {"trigger", "acknowledge", "resolve"} or not 0 < len(key) <= 255:
        return "invalid event"
    if not isinstance(event.get("routing_key"), str):
        return "no routing key"
    if action != "trigger":
        return None
    payload = event["payload"]
    severities = {"critical", "error", "warning", "info"}
    fine = 0 < len(payload["summary"]) <= 1024 and payload["severity"] in severities and payload["source"]
    return None if fine else "invalid payload"


def _usual(path, post, size):
    """Answer as the service of that path does."""
    if path == PAGER_PATH:
        complaint = pagerduty_complaint(post, size)
        return (400, json.dumps({"status": complaint}), {}) if complaint else (202, '{"status":"success"}', {})
    if path.startswith("/services/"):
        complaint = slack_complaint(post)
        return (400, complaint, {}) if complaint else (200, "ok", {})
    return (200, "", {})


@contextmanager
def fake_https(authority, *, host="localhost"):
    """Serve https on 127.0.0.1 with a certificate of `authority` for `host`."""
    fake = FakeSite()

    class Requests(BaseHTTPRequestHandler):
        timeout = 20

        def do_POST(self):
            fake.hits.append(("POST", self.path))
            body = self.rfile.read(int(self.headers["Content-Length"]))
            post = json.loads(body)
            fake.requests.append((self.path, dict(self.headers), body))
            fake.posts.append(post)
            step = fake.next_step() or _usual(self.path, post, len(body))
            if step == "drip":
                self._drip()
            elif step == "accept_then_reset":
                _reset(self.connection)
                self.close_connection = True
            else:
                self._answer(*step)

        def do_GET(self):
            fake.hits.append(("GET", self.path))
            self._answer(*(fake.next_step() or (200, "ok", {})))

        def _answer(self, status, body, headers):
            with suppress(OSError):
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

    with _serving(fake, Requests, _context(authority, host)):
        yield fake


fake_slack = fake_https


def _context(authority, host):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context


@contextmanager
def _serving(fake, requests, context):
    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request, client_address):
            fake.connections += 1
            if fake.next_step(only="reset"):
                request.recv(1)  # the client has begun to shake hands
                _reset(request)
                return
            with context.wrap_socket(request, server_side=True) as secure:
                super().finish_request(secure, client_address)

        def handle_error(self, *args: object):
            """Be silent: a client that hangs up is what some tests are about."""

    server = Server(("127.0.0.1", 0), requests)
    fake.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def _reset(connection):
    """Close with RST."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


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
