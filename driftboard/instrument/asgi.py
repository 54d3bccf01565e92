"""The ASGI middleware: watches requests of FastAPI, Starlette or any other ASGI application; imports none of them."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

from driftboard.instrument.instrument import Instrument
from driftboard.instrument.paths import Paths
from driftboard.instrument.request import Request

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Receive, Send], Awaitable[None]]
Predictions = Callable[[bytes, bytes], Iterable[Mapping[str, Any]]]

MAX_BODY = 2**20
"""Bytes of a request, and of an answer, that are kept for `predictions`; longer ones are not read."""

_REJECTED, _FAILED = range(400, 500), range(500, 600)


class RequestMiddleware:
    """Counts requests and how long they took, to the last byte of the answer.

    What it says to the application and to the client is what they said to each other. A status of 5xx is an error
    (`HTTP 503`), as is an exception (by its class); 4xx is rejected, as is a request whose client has gone before there
    was an answer. Websockets and the application's start and end pass untouched.

    Parameters
    ----------
    app
        The application.
    watched
        Its instrument.
    paths
        Which paths are predictions; one that ends with `*` is the beginning of any.
    predictions
        Of the bodies of a request and its answer (2xx), the predictions as arguments for `PredictionLogger.log`, one
        mapping for each. It is called after the answer, in the thread of the meter: until then, a second at most, the
        bodies are in memory (L0).
    """

    def __init__(
        self,
        app: App,
        watched: Instrument,
        paths: Iterable[str] = ("/predict",),
        predictions: Predictions | None = None,
    ) -> None:
        self.app = app
        self._watched = watched
        self._paths = Paths(paths)
        self._predictions = predictions

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["path"] not in self._paths:
            await self.app(scope, receive, send)
            return
        request = self._watched.begin(None)
        exchange = _Exchange(request, receive, send, keeps=self._predictions is not None)
        try:
            await self.app(scope, exchange.receive, exchange.send)
        except BaseException as error:
            exchange.end(error)
            raise
        else:
            exchange.end(None)
        finally:
            if self._predictions is not None:
                read_later(self._watched, self._predictions, request, exchange.bodies())


class _Exchange:
    """The messages of one request, as they pass."""

    __slots__ = ("_keeps", "_reads", "_receive", "_request", "_send", "answer", "body", "gone", "status")

    def __init__(self, request: Request, receive: Receive, send: Send, *, keeps: bool) -> None:
        self._request = request
        self._receive = receive
        self._send = send
        self._keeps = self._reads = keeps
        self.body = self.answer = b""
        self.status = 0
        self.gone = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.gone = True
        elif self._keeps:
            self.body = self._kept(self.body, message)
        return message

    async def send(self, message: Message) -> None:
        await self._send(message)
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
        elif kind == "http.response.body":
            if self._keeps:
                self.answer = self._kept(self.answer, message)
            if not message.get("more_body", False):
                self._answered()

    def end(self, error: BaseException | None) -> None:
        """The application has returned, or raised; where a good answer was sent before, that is past."""
        request = self._request
        if request.ended:
            self._say_why(error)
            return
        if self.gone:
            request.rejected()
        elif error is None:
            request.failed("no answer")
        request.end(error, count=not self._reads)

    def bodies(self) -> tuple[bytes, bytes] | None:
        """Return what was asked and answered; None where there is no good answer, or one of them is too long."""
        good = 200 <= self.status < 300  # noqa: PLR2004 - success, by RFC 9110
        return (self.body, self.answer) if self._keeps and good else None

    def _answered(self) -> None:
        mark_status(self._request, self.status)
        self._request.end(count=not self._reads and self.status not in _FAILED)

    def _say_why(self, error: BaseException | None) -> None:
        """Count a failed answer, now that it is known why: Starlette sends 500 first, and raises the reason again."""
        if self.status in _FAILED:
            if isinstance(error, Exception):
                self._request.failed(type(error).__name__)
            if not self._reads:
                self._request.count()

    def _kept(self, body: bytes, message: Message) -> bytes:
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            self._keeps = False
            self.body = self.answer = b""
            return b""
        return body


def mark_status(request: Request, status: int) -> None:
    """Say what a status means for the service."""
    if status in _FAILED:
        request.failed(f"HTTP {status}")
    elif status in _REJECTED:
        request.rejected()


def read_later(
    watched: Instrument, predictions: Predictions, request: Request, bodies: tuple[bytes, bytes] | None
) -> None:
    """Have the predictions in two bodies logged by the meter's thread, and the request counted with so many.

    Without bodies, or room for them, it is counted now.
    """

    def job() -> None:
        rows = 0
        try:
            for each in predictions(*(bodies or (b"", b""))):
                watched.log(**({"latency": request.seconds} | dict(each)))
                rows += 1
        finally:
            request.count(rows, admitted=True)

    if bodies is None or not watched.later(job, sum(map(len, bodies))):
        request.count()
