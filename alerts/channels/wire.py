"""One https request to a checked address: no redirects, no proxies, and ten seconds for all of it.

The name is looked up once, every address it has is checked, and the connection goes to one of those very addresses
while the certificate must be the name's: what a second look-up would say does not matter.
"""

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection

from driftboard.alerts.channels.address import Resolver, Target, checked, look_up
from driftboard.alerts.channels.answer import Answer
from driftboard.alerts.channels.deadline import DEADLINE, Cord, within
from driftboard.alerts.channels.tls import secured
from driftboard.alerts.plain import one_line
from driftboard.errors import ChannelError

_BODY_LIMIT = 64 * 1024
_PIECE = 4096


@dataclass(frozen=True, slots=True)
class Wire:
    """How requests are made.

    Attributes
    ----------
    deadline
        Seconds one request may take.
    resolver
        Finds the addresses of a host.
    """

    deadline: float = DEADLINE
    resolver: Resolver = look_up

    def post(self, target: Target, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post the body; return what was answered, whatever that is.

        Raises
        ------
        ChannelError
            There is no answer; `unknown` when the request may have arrived.
        """
        return self._ask("POST", target, body, headers)

    def get(self, target: Target) -> Answer:
        """Ask for an address; as `post`."""
        return self._ask("GET", target, None, {})

    def _ask(self, method: str, target: Target, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        cord = Cord()
        call = _Call(target, cord, self.resolver, time.monotonic() + self.deadline)
        try:
            return within(self.deadline, lambda: call.make(method, body, headers), cord=cord)
        except ChannelError:
            raise
        except (OSError, HTTPException, ValueError) as error:  # ValueError: an answer that is no HTTP
            # The error's own text may hold the address.
            text = f"{target.service} cannot be reached: {cause(error)}"
            raise ChannelError(text, permanent=False, unknown=cord.sent) from None


def cause(error: Exception) -> str:
    """Return why a connection failed, in words that hold no address."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate is not trusted"
    if isinstance(error, socket.gaierror):
        return "its name cannot be resolved"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return one_line(getattr(error, "strerror", None) or type(error).__name__, limit=120)


@dataclass(frozen=True, slots=True)
class _Call:
    """One request, in the thread that may take too long."""

    target: Target
    cord: Cord
    resolver: Resolver
    until: float

    def make(self, method: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        target = self.target
        connection = self._connection()
        try:
            connection.sock = self._connect()
            self.cord.sent = True
            own = {"User-Agent": "driftboard", "Connection": "close"}
            connection.request(method, target.path, body=body, headers={**own, **headers})
            with connection.getresponse() as response:
                return Answer(target.service, response.status, dict(response.headers), self._read(response))
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        kind = HTTPSConnection if self.target.scheme == "https" else HTTPConnection
        return kind(self.target.host, self.target.port, timeout=self._left())

    def _connect(self) -> socket.socket:
        """Connect to the first address that answers, and see who it is."""
        failure: OSError = OSError()
        for address in checked(self.resolver(self.target.host, self.target.port), self.target):
            try:
                raw = socket.create_connection((address, self.target.port), timeout=self._left())
            except OSError as error:
                failure = error
            else:
                return self._secured(raw)
        raise failure

    def _secured(self, raw: socket.socket) -> socket.socket:
        try:
            self.cord.hold(raw)
            if self.target.scheme == "http":
                return raw
            return secured(raw, self.target.host)
        except BaseException:
            raw.close()
            raise

    def _read(self, response: HTTPResponse) -> str:
        """Return the body, as far as it comes in time and is of a sane size."""
        body = b""
        while len(body) < _BODY_LIMIT and (piece := response.read1(_PIECE)):
            body += piece
            self._left()
        return body.decode("utf-8", "replace")

    def _left(self) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left
