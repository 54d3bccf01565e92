"""The instrument: what a service counts and logs of itself, by a decorator, a middleware or by hand."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar, overload

from driftboard.data import exits
from driftboard.data.catalog import ClassValue, Task
from driftboard.data.client import PredictionLogger
from driftboard.data.model_key import ModelKey
from driftboard.data.privacy import Privacy
from driftboard.data.tally import Tally
from driftboard.data.windows import window_micros
from driftboard.errors import StoreError
from driftboard.instrument.call import reading_of
from driftboard.instrument.decorator import watched
from driftboard.instrument.inputs import Row, Unreadable
from driftboard.instrument.ledger import Ledger
from driftboard.instrument.live import Job, Live
from driftboard.instrument.meter import Meter
from driftboard.instrument.processes import ProcessWatch
from driftboard.instrument.request import Request
from driftboard.instrument.stats import InstrumentStats

P = ParamSpec("P")
R = TypeVar("R")

_WARN_SECONDS = 60.0

log = logging.getLogger(__name__)


class Instrument:
    """Watches one model's service: rate, errors by kind, durations, requests under way, and the predictions themselves.

    Counts are written once a second: `kill -9` loses at most those of the last second or, while the store is away,
    those since it was. Predictions are logged as by `PredictionLogger`, with its promises. Nothing of this raises into
    the service; what could not be made out is counted in `stats()`.

    Parameters
    ----------
    where
        The log, as for `open_store`: a path or `postgresql://...`.
    model, version, environment, task, window, classes, spool, privacy
        As for `PredictionLogger`.
    resources
        Store what the process uses, each minute.
    log
        Log predictions; False: count only.
    handle_sigterm
        Write what there is on SIGTERM, and then do what was done before.

    Raises
    ------
    ConfigError
        A setting is impossible.
    """

    def __init__(
        self,
        where: Path | str,
        *,
        model: str,
        version: str = "1",
        environment: str = "production",
        task: Task = "classification",
        window: str = "1h",
        classes: Sequence[ClassValue] | None = None,
        spool: bool | Path | str = True,
        privacy: Privacy | None = None,
        resources: bool = True,
        log: bool = True,
        handle_sigterm: bool = True,
    ) -> None:
        window_micros(window)
        self.key = ModelKey(model, version, environment)
        self.classes = None if classes is None else tuple(classes)
        self.logger: PredictionLogger | None = None
        if log:
            self.logger = PredictionLogger(
                where,
                model=model,
                version=version,
                environment=environment,
                task=task,
                window=window,
                classes=classes,
                spool=spool,
                privacy=privacy,
                handle_sigterm=handle_sigterm,
            )
        self._meter = Meter(Ledger(where, self.key, task), ProcessWatch("service") if resources else None)
        self._problems = Tally()
        self._last_problem: str | None = None
        self._warned_at = -_WARN_SECONDS
        self._closed = False
        exits.watch(self._meter, sigterm=handle_sigterm, feeds=True)

    @overload
    def predicts(self, function: Callable[P, R], /) -> Callable[P, R]: ...
    @overload
    def predicts(
        self,
        *,
        features: Callable[..., Any] | None = None,
        prediction: Callable[[Any], Any] | None = None,
        prediction_id: str | Callable[[Row], Any] | None = None,
        segments: Sequence[str] | Callable[[Row], Mapping[str, Any]] | None = None,
        feature_names: Sequence[str] | None = None,
    ) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
    def predicts(self, *function: Callable[..., Any], **options: Any) -> Any:
        """Watch a function or method, plain or async: a decorator, with or without arguments.

        Each call is a request, with as many predictions as its input has rows; each prediction is logged, with the
        duration of the call, or with the error that the function raised. Signature, answer and exceptions stay what
        they were. `asyncio.CancelledError` (the caller is gone) counts as rejected, and logs nothing.

        Parameters
        ----------
        features
            Of the call's arguments, the input; by default the first argument, or all of them by name where it is a
            plain number or text. What an input may be: `instrument.inputs.rows_of`.
        prediction
            Of the answer, the predictions; by default the answer. What they may be: `instrument.answers`.
        prediction_id
            Name of a feature, or a function of a row of them.
        segments
            Names of features, or a function of a row of them.
        feature_names
            Of the columns of arrays and tensors.
        """

        def watch(function: Callable[..., Any]) -> Callable[..., Any]:
            return watched(function, self, reading_of(function, classes=self.classes, **options))

        return watch(*function) if function else watch

    def request(self, rows: int | None = None) -> Request:
        """Return a request to be done by hand: `with watched.request(rows=3) as request:`.

        Inside, `request.rejected()` and `request.failed("Timeout")` say what it came to; an exception counts by its
        class, and goes on.

        Parameters
        ----------
        rows
            How many predictions it asks for; by default as many as the watched functions called in it, or one.
        """
        return Request(self._meter, rows)

    def begin(self, rows: int | None) -> Request:
        """Begin a request now; it is for whom begins it to end it."""
        return Request(self._meter, rows).begin()

    def log(self, features: Mapping[str, Any], prediction: Any, **details: Any) -> str | None:
        """Log one prediction, as `PredictionLogger.log` does; None where this instrument logs none."""
        return None if self.logger is None else self.logger.log(features, prediction, **details)

    def later(self, job: Job, size: int) -> bool:
        """Have the meter's thread do something, which holds so many bytes; False: too much is waiting."""

        def guarded() -> None:
            try:
                job()
            except Exception as error:  # noqa: BLE001 - a caller's function may raise anything
                self.problem(error)

        if self._meter.live.asleep:
            self._meter.start()
        return self._meter.live.keep(guarded, size)

    def problem(self, error: BaseException) -> None:
        """Count a call that could not be made out, and say so in the service's log, once a minute at most."""
        self._problems.add()
        known = isinstance(error, Unreadable)  # what others say may show a value
        self._last_problem = str(error) if known else f"reading a call raised {type(error).__name__}"
        if time.monotonic() - self._warned_at > _WARN_SECONDS:
            self._warned_at = time.monotonic()
            log.warning("predictions of %s are not logged: %s", self.key, self._last_problem)

    @property
    def live(self) -> Live:
        """What this process has counted and not yet written."""
        return self._meter.live

    def flush(self, timeout: float = 30.0) -> None:
        """Return when everything counted and logged before this call is in the store.

        Raises
        ------
        StoreError
            It is not, after `timeout` seconds; it still waits.
        """
        deadline = time.monotonic() + timeout
        if not self._meter.mark().wait(timeout):
            raise StoreError(f"not flushed within {timeout:g} s, the counts wait: {self._why()}")
        if self.logger is not None:
            self.logger.flush(max(0.0, deadline - time.monotonic()))

    def close(self, timeout: float = exits.DRAIN_SECONDS) -> None:
        """Flush and end; what comes after it is not counted. A second time is a no-op.

        Raises
        ------
        StoreError
            Not everything was written within `timeout` seconds.
        """
        if self._closed:
            return
        self._closed = True
        deadline = time.monotonic() + timeout
        written = self._meter.stop(deadline)
        exits.unwatch(self._meter)
        if self.logger is not None:
            self.logger.close(max(0.0, deadline - time.monotonic()))
        if not written:
            raise StoreError(f"closed before all counts were written, they are lost: {self._why()}")

    def stats(self) -> InstrumentStats:
        """Return what has become of what was counted so far."""
        meter, live = self._meter, self._meter.live
        return InstrumentStats(
            in_progress=len(live.active),
            counted=meter.counted,
            waiting=meter.buffered,
            dropped=live.dropped.value + meter.lost,
            unread=live.unread.value,
            problems=self._problems.value,
            last_problem=self._last_problem,
            last_error=meter.last_error,
            log=None if self.logger is None else self.logger.stats(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _why(self) -> str:
        return self._meter.last_error or "the store did not answer"
