"""The decorator: a function that counts its calls and logs their predictions, and is otherwise the same."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from driftboard.data.client import PredictionLogger
from driftboard.errors import ConfigError
from driftboard.instrument.call import Reading
from driftboard.instrument.inputs import Row
from driftboard.instrument.live import REJECTED, Live
from driftboard.instrument.prediction import Prediction
from driftboard.instrument.request import Request, kind_of

_ONE = frozenset({str, int, float, bool})


class Watcher(Protocol):
    """What the decorator needs of an instrument."""

    logger: PredictionLogger | None

    @property
    def live(self) -> Live:
        """What is counted."""
        ...

    def begin(self, rows: int | None) -> Request:
        """Begin a request."""
        ...

    def problem(self, error: BaseException) -> None:
        """Count a call that could not be read."""
        ...


def watched(function: Callable[..., Any], by: Watcher, reading: Reading) -> Callable[..., Any]:
    """Return the function, watched.

    Raises
    ------
    ConfigError
        It is a generator: it has no answer that could be logged.
    """
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise ConfigError(f"{function.__name__} yields: watch a function that returns its predictions")
    call = _Call(by, reading)
    is_async = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - of an object that is called, the method decides
    )
    return _asynchronous(function, call) if is_async else _synchronous(function, call)


def _synchronous(function: Callable[..., Any], call: "_Call") -> Callable[..., Any]:
    @wraps(function)
    def predict(*args: Any, **kwargs: Any) -> Any:
        rows, request = call.begin(args, kwargs)
        try:
            answer = function(*args, **kwargs)
        except BaseException as error:
            request.end(error)
            call.failed(rows, request, error)
            raise
        request.end()
        call.answered(rows, request, answer)
        return answer

    return predict


def _asynchronous(function: Callable[..., Any], call: "_Call") -> Callable[..., Any]:
    @wraps(function)
    async def predict(*args: Any, **kwargs: Any) -> Any:
        rows, request = call.begin(args, kwargs)
        try:
            answer = await function(*args, **kwargs)
        except BaseException as error:
            request.end(error)
            call.failed(rows, request, error)
            raise
        request.end()
        call.answered(rows, request, answer)
        return answer

    return predict


class _Call:
    """What happens before and after each call; nothing of it reaches the caller."""

    __slots__ = ("_begin", "_by", "_plain", "_reading")

    def __init__(self, by: Watcher, reading: Reading) -> None:
        self._by = by
        self._begin = by.begin
        self._reading = reading
        self._plain = reading.prediction is None and reading.prediction_id is None and reading.segments is None

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[Row] | None, Request]:
        """Read the input, and begin the request; the rows are None where none are to be logged."""
        rows, count = None, 1
        try:
            source = self._reading.source(args, kwargs)
            if self._by.logger is None:
                count = self._reading.count(source)
            else:
                rows = self._reading.rows(source)
                count = len(rows)
        except Exception as error:  # noqa: BLE001 - a caller's value may raise anything, and must not fail the request
            self._by.problem(error)
        return rows, self._begin(count)

    def answered(self, rows: list[Row] | None, request: Request, answer: Any) -> None:
        """Log the predictions of an answer."""
        logger = self._by.logger
        if rows is None or logger is None:
            return
        try:
            if type(answer) in _ONE and self._plain and len(rows) == 1:  # most calls, in the least time
                logger.log(rows[0], answer, latency=request.seconds)
                return
            for row, prediction in zip(rows, self._reading.predictions(answer, len(rows)), strict=True):
                self._log(row, prediction, request.seconds, None)
        except Exception as error:  # noqa: BLE001 - as above
            self._by.problem(error)

    def failed(self, rows: list[Row] | None, request: Request, error: BaseException) -> None:
        """Log that there are no predictions, and why; not where it is nobody's fault but the caller's."""
        kind = kind_of(error)
        if rows is None or kind == REJECTED:
            return
        try:
            for row in rows:
                self._log(row, _NONE, request.seconds, kind)
        except Exception as problem:  # noqa: BLE001 - as above
            self._by.problem(problem)

    def _log(self, row: Row, prediction: Prediction, seconds: float, error: str | None) -> None:
        reading = self._reading
        logger = self._by.logger
        if logger is None:
            return
        prediction_id = prediction.prediction_id
        if prediction_id is None and reading.prediction_id is not None:
            prediction_id = reading.id_of(row)
        segments = prediction.segments
        if segments is None and reading.segments is not None:
            segments = reading.segments_of(row)
        logger.log(
            row,
            prediction.value,
            scores=prediction.scores,
            confidence=prediction.confidence,
            prediction_id=prediction_id,
            latency=seconds,
            error=error,
            segments=segments,
        )


_NONE = Prediction(None)
