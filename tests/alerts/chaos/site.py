"""The other side: an https server that takes, refuses, blocks and breaks, and writes down what arrived."""

import json
import random
import socket
import ssl
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import trustme

from tests.alerts.chaos.script import Told

OK, TOO_MANY, FAILED, BROKEN, LOST = "ok", "429", "500", "reset", "taken, then reset"
BLOCK_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message that arrived.

    Attributes
    ----------
    at
        Seconds on the monotonic clock.
    channel
        Which webhook.
    news
        What it tells.
    answer
        What was done with it; it is taken when that is `ok`, or `taken, then reset`.
    blocked
        It came while the channel had asked to be left alone.
    """

    at: float
    channel: str
    news: tuple[Told, ...]
    answer: str
    blocked: bool

    @property
    def is_taken(self) -> bool:
        """Whether somebody reads it."""
        return self.answer in (OK, LOST)


@dataclass
class Site:
    """What arrived, and how the next one is answered.

    Attributes
    ----------
    odds
        How likely each answer is; what is left is `ok`.
    most
        How often each answer is given at most.
    """

    odds: Mapping[str, float]
    most: Mapping[str, int]
    chance: random.Random
    port: int = 0
    arrivals: list[Arrival] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    given: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    free_at: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def url(self, channel: str) -> str:
        """The address of a webhook."""
        return f"https://localhost:{self.port}/{channel}"

    def arrived(self, channel: str, body: bytes) -> str:
        """Write down what arrived; return how it is answered."""
        incidents = json.loads(body)["incidents"]
        news = tuple((each["subject"], each["episode"], each["kind"]) for each in incidents)
        with self.lock:
            now, answer = time.monotonic(), self._answer()
            self.arrivals.append(Arrival(now, channel, news, answer, blocked=now < self.free_at[channel]))
            if answer == TOO_MANY:
                self.free_at[channel] = time.monotonic() + BLOCK_SECONDS
        return answer

    def _answer(self) -> str:
        number = self.chance.random()
        for answer, odds in self.odds.items():
            number -= odds
            if number < 0:
                if self.given[answer] >= self.most.get(answer, 1 << 31):
                    return OK
                self.given[answer] += 1
                return answer
        return OK


@contextmanager
def open_site(
    authority: trustme.CA, odds: Mapping[str, float], most: Mapping[str, int], *, seed: int
) -> Iterator[Site]:
    """Serve https on localhost."""
    site = Site(odds, most, random.Random(seed))  # noqa: S311 - a proof must be repeatable
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    class Requests(BaseHTTPRequestHandler):
        timeout = 20

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = site.arrived(self.path.strip("/"), body)
            if answer in (BROKEN, LOST):
                _reset(self.connection)
                self.close_connection = True
                return
            with suppress(OSError):
                self.send_response({OK: 200, TOO_MANY: 429, FAILED: 500}[answer])
                if answer == TOO_MANY:
                    self.send_header("Retry-After", str(BLOCK_SECONDS))
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 100

        def finish_request(self, request, client_address) -> None:
            with context.wrap_socket(request, server_side=True) as secure:
                super().finish_request(secure, client_address)

        def handle_error(self, *args: object) -> None:
            """Be silent: clients are killed here."""

    server = Server(("127.0.0.1", 0), Requests)
    site.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def _reset(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
