"""Flask: the hooks of a real application."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Response, abort, jsonify, request

from driftboard.instrument import Instrument
from driftboard.instrument.flask import watch_flask
from tests.instrument.seen import seen

Make = Callable[..., Instrument]


@pytest.fixture
def place(path: Any) -> str:
    """In a file."""
    return str(path)


def application() -> Flask:
    """A service with a good, a bad, a failing and a slow answer."""
    app = Flask("churn")

    @app.post("/predict")
    def predict() -> Any:
        body = request.get_json()
        if "status" in body:
            abort(body["status"])
        if "raise" in body:
            raise LookupError
        return jsonify({"class": "yes"})

    @app.get("/predict/stream")
    def stream() -> Response:
        def pieces() -> Iterator[str]:
            for piece in "abc":
                time.sleep(0.05)
                yield piece

        return Response(pieces())

    @app.get("/health")
    def health() -> str:
        return "fine"

    return app


def test_requests_of_flask(make: Make, place: str) -> None:
    """Success, rejected, error by status and by the class of what was raised; a stream is timed to its end."""
    watched, app = make(log=False), application()
    watch_flask(app, watched, paths=("/predict*",))
    client = app.test_client()
    bodies: list[dict[str, int]] = [{}, {"status": 404}, {"status": 503}, {"raise": 1}]
    answers = [client.post("/predict", json=body, buffered=True).status_code for body in bodies]
    assert client.get("/predict/stream", buffered=True).data == b"abc"
    client.get("/health")
    assert answers == [200, 404, 503, 500]
    watched.flush()
    counts = seen(place).counts
    assert (counts.success, counts.rejected, counts.errors) == (2, 1, {"HTTP 503": 1, "LookupError": 1})
    assert counts.latency_sum >= 0.15
    assert watched.stats().in_progress == 0


def test_an_exception_that_flask_lets_through(make: Make, place: str) -> None:
    """Where exceptions go on to the server, there is no answer; the request is counted by what was raised."""
    watched, app = make(log=False), application()
    app.config["PROPAGATE_EXCEPTIONS"] = True
    watch_flask(app, watched)
    with pytest.raises(LookupError):
        app.test_client().post("/predict", json={"raise": 1})
    watched.flush()
    assert (seen(place).counts.errors, watched.stats().in_progress) == ({"LookupError": 1}, 0)


def test_predictions_of_flask(make: Make, place: str) -> None:
    """The bodies of a good answer are read for predictions."""
    watched, app = make(), application()

    def read(body: bytes, answer: bytes) -> list[dict[str, Any]]:
        return [{"features": app.json.loads(body), "prediction": app.json.loads(answer)["class"]}]

    watch_flask(app, watched, predictions=read)
    client = app.test_client()
    client.post("/predict", json={"age": 4}, buffered=True)
    client.post("/predict", json={"status": 404}, buffered=True)
    watched.flush()
    (row,) = seen(place).table
    assert (row["f:age"], row["predicted"], seen(place).counts.rejected) == (4, "yes", 1)
