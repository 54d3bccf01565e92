"""Flask: watches the requests of an application, by its own hooks."""

from collections.abc import Iterable
from typing import Any

from flask import Flask, Response, g, got_request_exception
from flask import request as asked

from driftboard.instrument.asgi import MAX_BODY, Predictions, mark_status, read_later
from driftboard.instrument.instrument import Instrument
from driftboard.instrument.paths import Paths
from driftboard.instrument.request import Request

_NAME = "_driftboard"


def watch_flask(
    app: Flask, watched: Instrument, paths: Iterable[str] = ("/predict",), predictions: Predictions | None = None
) -> None:
    """Count an application's requests and how long they took, to the last byte of the answer.

    Parameters
    ----------
    paths, predictions
        As for `instrument.asgi.RequestMiddleware`. An answer that is streamed is not read for predictions.
    """
    chosen = Paths(paths)

    def begin() -> None:
        if asked.path in chosen:
            setattr(g, _NAME, watched.begin(None))

    def answered(response: Response) -> Response:
        request = _pending()
        if request is not None:
            delattr(g, _NAME)  # from here on the answer ends it
            if request._error is None:  # noqa: SLF001 - an exception says more than the 500 that Flask makes of it
                mark_status(request, response.status_code)
            bodies = None if predictions is None else _bodies(response)
            response.call_on_close(lambda: _end(watched, request, predictions, bodies))
        return response

    def raised(_: Flask, exception: BaseException, **__: Any) -> None:
        request = _pending()
        if request is not None:
            request.failed(type(exception).__name__)

    def ended(error: BaseException | None) -> None:
        request = _pending()
        if request is not None:  # there was no answer: the exception goes on to the server
            request.end(error)

    app.before_request_funcs.setdefault(None, []).insert(0, begin)  # before the application's own
    app.after_request_funcs.setdefault(None, []).insert(0, answered)  # these run in reverse: after its own
    app.teardown_request(ended)
    got_request_exception.connect(raised, app, weak=False)


def _pending() -> Request | None:
    found: Request | None = g.get(_NAME)
    return found


def _bodies(response: Response) -> tuple[bytes, bytes] | None:
    good = 200 <= response.status_code < 300 and not response.is_streamed  # noqa: PLR2004 - success, by RFC 9110
    if not good or (asked.content_length or 0) > MAX_BODY:
        return None
    body, answer = asked.get_data(cache=True), response.get_data()
    return (body, answer) if max(len(body), len(answer)) <= MAX_BODY else None


def _end(
    watched: Instrument, request: Request, predictions: Predictions | None, bodies: tuple[bytes, bytes] | None
) -> None:
    request.end(count=predictions is None)
    if predictions is not None:
        read_later(watched, predictions, request, bodies)
