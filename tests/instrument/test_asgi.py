"""The ASGI middleware: applications of Starlette and bare ones, asked in this process and over a socket."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from driftboard.instrument import Instrument
from driftboard.instrument.asgi import MAX_BODY, RequestMiddleware
from tests.instrument.seen import seen

Make = Callable[..., Instrument]


@pytest.fixture
def place(path: Any) -> str:
    """In a file."""
    return str(path)


async def predict(request: Request) -> Response:
    """Answer as the request says."""
    asked = await request.json()
    if asked.get("raise"):
        raise LookupError(asked["raise"])
    return JSONResponse([{"class": "yes"} for _ in asked.get("customers", [1])], status_code=asked.get("status", 200))


async def stream(request: Request) -> Response:
    """Answer in pieces, slowly; then do something else for long."""

    async def something_else() -> None:
        request.app.state.answered_at = time.perf_counter()
        await asyncio.sleep(0.5)

    async def pieces() -> AsyncIterator[str]:
        for piece in "abc":
            await asyncio.sleep(0.05)
            yield piece

    return StreamingResponse(pieces(), background=BackgroundTask(something_else))


async def talk(socket: WebSocket) -> None:
    """Say hello."""
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


ROUTES = [
    Route("/predict", predict, methods=["POST"]),
    Route("/predict/stream", stream, methods=["POST"]),
    Route("/health", lambda _: PlainTextResponse("fine")),
    WebSocketRoute("/predict", talk),
]


def client(watched: Instrument, **options: Any) -> TestClient:
    """A client of the application behind the middleware."""
    app = RequestMiddleware(Starlette(routes=ROUTES), watched, **options)
    return TestClient(app, raise_server_exceptions=False)  # type: ignore[arg-type]


def read(body: bytes, answer: bytes) -> Iterator[dict[str, Any]]:
    """Read the predictions of a request."""
    for customer, each in zip(json.loads(body)["customers"], json.loads(answer), strict=True):
        yield {"features": customer, "prediction": each["class"]}


def test_status_and_exceptions(make: Make, place: str) -> None:
    """2xx is a success, 4xx rejected, 5xx an error by number, an exception one by class; other paths nothing."""
    watched = make(log=False)
    with client(watched) as service:
        answers = [service.post("/predict", json=body).status_code
                   for body in ({}, {"status": 422}, {"status": 503}, {"raise": "x"})]  # fmt: skip
        service.get("/health")
        assert service.get("/predict").status_code == 405
    assert answers == [200, 422, 503, 500]
    watched.flush()
    counts = seen(place).counts
    assert (counts.success, counts.rejected, counts.errors) == (1, 2, {"HTTP 503": 1, "LookupError": 1})
    assert watched.stats().in_progress == 0


def test_a_stream_is_timed_to_its_last_byte(make: Make, place: str) -> None:
    """The duration is that of all pieces, and not that of what is done after the answer."""
    watched, app = make(log=False), Starlette(routes=ROUTES)
    with TestClient(RequestMiddleware(app, watched, paths=["/predict*"])) as service:  # type: ignore[arg-type]
        asked_at = time.perf_counter()
        assert service.post("/predict/stream").text == "abc"
    watched.flush()
    counts = seen(place).counts
    assert counts.success == 1
    assert 0.15 <= counts.latency_sum <= app.state.answered_at - asked_at


def test_websockets_and_lifespan_pass(make: Make) -> None:
    """What is no request is not touched, on a watched path either."""
    watched = make(log=False)
    with client(watched) as service, service.websocket_connect("/predict") as socket:
        assert socket.receive_text() == "hello"
    assert watched.stats().waiting == watched.stats().counted == 0


def test_predictions_out_of_the_bodies(make: Make, place: str) -> None:
    """The predictions of good answers are logged after them, and the request is counted with as many."""
    watched = make()
    with client(watched, predictions=read) as service:
        service.post("/predict", json={"customers": [{"age": 1}, {"age": 2}, {"age": 3}]})
        service.post("/predict", json={"customers": [{"age": 4}], "status": 503})
    watched.flush()
    found = seen(place)
    assert (found.counts.success, found.counts.rows_sum, found.counts.errors) == (1, 4, {"HTTP 503": 1})
    assert [(row["f:age"], row["predicted"]) for row in found.table] == [(1, "yes"), (2, "yes"), (3, "yes")]
    assert all(row["latency"] > 0 for row in found.table)


def test_a_reader_that_fails_fails_alone(make: Make, place: str) -> None:
    """A function that cannot read a body is counted as a problem; the answer and the count are as they were."""
    watched = make()
    with client(watched, predictions=lambda *_: 1 / 0) as service:  # type: ignore[arg-type, return-value]
        assert service.post("/predict", json={}).status_code == 200
    watched.flush()
    assert (seen(place).counts.success, watched.stats().problems) == (1, 1)


def test_long_bodies_are_not_kept(make: Make, place: str) -> None:
    """A request of more than a mebibyte is counted, and not read."""
    watched = make()
    with client(watched, predictions=read) as service:
        service.post("/predict", json={"customers": [{"note": "x" * MAX_BODY}]})
    watched.flush()
    found = seen(place)
    assert (found.counts.success, found.table) == (1, [])


def test_no_more_than_there_is_room_for_is_kept(make: Make, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies that find no room are not read, which is counted; their requests are counted all the same."""
    monkeypatch.setattr("driftboard.instrument.live.MAX_JOB_BYTES", 10)
    watched = make()
    with client(watched, predictions=read) as service:
        service.post("/predict", json={"customers": [{"age": 1}]})
    watched.flush()
    assert (seen(place).counts.success, watched.stats().unread) == (1, 1)


def exchange(watched: Instrument, app: Any, *received: dict[str, Any]) -> list[dict[str, Any]]:
    """Speak to a bare application; return what it sent."""
    messages, sent = iter(received), []

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    async def ask() -> None:
        await RequestMiddleware(app, watched)({"type": "http", "path": "/predict"}, receive, send)

    asyncio.run(ask())
    return sent


def test_a_client_that_has_gone(make: Make, place: str) -> None:
    """No answer because the client has gone is rejected; no answer without that is an error."""
    watched = make(log=False)

    async def silent(_scope: Any, receive: Any, _send: Any) -> None:
        await receive()

    exchange(watched, silent, {"type": "http.disconnect"})
    exchange(watched, silent, {"type": "http.request"})
    watched.flush()
    counts = seen(place).counts
    assert (counts.rejected, counts.errors) == (1, {"no answer": 1})


def test_an_exception_after_the_answer_is_past(make: Make, place: str) -> None:
    """The answer was good and complete; what the application raises then goes on, and is no failed request."""
    watched = make(log=False)

    async def late(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"x"})
        raise RuntimeError

    with pytest.raises(RuntimeError):
        exchange(watched, late)
    watched.flush()
    assert (seen(place).counts.success, seen(place).counts.failed) == (1, 0)
