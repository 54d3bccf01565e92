"""One request from its beginning to its end: how long it took, what it came to; each is counted once."""

from contextvars import ContextVar
from time import perf_counter
from types import TracebackType
from typing import Any, Self

from driftboard.data.plain import plain_text
from driftboard.instrument.live import REJECTED, Live

_MAX_NAME = 100
_current: ContextVar["Request | None"] = ContextVar("driftboard_request", default=None)
_GONE = ("CancelledError", "ClientDisconnect", "GeneratorExit", "KeyboardInterrupt", "SystemExit")
"""Nobody waits for the answer any more: neither for nor against the service."""


class Request:
    """A request of a service.

    One that begins within another of the same instrument (a watched function behind the middleware) is part of it: it
    is timed for itself, but only the outer one is counted, with the predictions of all.

    Attributes
    ----------
    rows
        Predictions that were asked for; None: as many as the requests within it have, or one.
    seconds
        How long it took, once it has ended.
    ended
        Whether it has.
    """

    __slots__ = ("_end", "_error", "_inner", "_live", "_of", "_start", "_whole", "ended", "outer", "rows", "seconds")

    def __init__(self, of: Any, rows: int | None = None) -> None:
        self.rows = rows
        self.seconds = 0.0
        self.ended = True
        self.outer: Request | None = None
        self._of = of
        self._error: str | None = None
        self._inner: list[int] = []

    def begin(self) -> Self:
        """Begin it, now."""
        live: Live = self._of.live
        if live.asleep:
            self._of.start()
        outer = _current.get()
        while outer is not None and outer.ended:
            outer = outer.outer
        self.outer = outer
        self._live = live
        self._whole = None if outer is None else outer.part_of(live)
        self.ended = False
        _current.set(self)
        if self._whole is None:
            active = live.active
            active.append(None)
            under_way = len(active)
            if under_way > live.peak:
                live.peak = under_way
                live.peaks.append(under_way)
        self._start = perf_counter()
        return self

    def rejected(self) -> None:
        """Say that the caller is to blame: it counts neither for nor against the service."""
        self._error = REJECTED

    def failed(self, kind: str) -> None:
        """Say that the service has failed, and how: the name of an exception, or `HTTP 503`."""
        self._error = plain_text(str(kind))[:_MAX_NAME]

    def end(self, error: BaseException | None = None, *, count: bool = True) -> None:
        """End it, now, with the exception that ended it; a second time is a no-op.

        `count`: False where its predictions are not known yet; `count` is to be called once they are.
        """
        end = perf_counter()
        if self.ended:
            return
        self.ended = True
        self._end = end
        self.seconds = end - self._start
        if error is not None and self._error is None:
            self._error = kind_of(error)
        if self._whole is None:
            self._live.active.pop()
        if count:
            self.count()

    def count(self, rows: int | None = None, *, admitted: bool = False) -> None:
        """Have it counted; `admitted`: there is room for it, whatever else is waiting."""
        rows = rows or self.rows
        if type(rows) is not int:
            rows = sum(self._inner) or 1
        if self._whole is not None:
            self._whole.add_rows(rows)
            return
        live = self._live
        if admitted or len(live.events) < live.room:
            live.events.append((self._end, self.seconds, rows, self._error))
        else:
            live.dropped.add()

    def part_of(self, live: Live) -> "Request | None":
        """Return the nearest request of this process's meter that one which begins now, within this one, is part of."""
        request: Request | None = self
        while request is not None:
            if not request.ended and request._live is live:  # noqa: SLF001 - another request
                return request
            request = request.outer
        return None

    def add_rows(self, rows: int) -> None:
        """Add the predictions of a request within it."""
        self._inner.append(rows)

    def __enter__(self) -> Self:
        return self.begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end(error)


def kind_of(error: BaseException) -> str:
    """Return what an exception is counted as: the name of its class, or `REJECTED` where the caller is gone."""
    name = type(error).__name__
    return REJECTED if name in _GONE else plain_text(name)[:_MAX_NAME]
