"""The client for inference services: `log()` takes microseconds, a thread of its own writes to the store."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import time_ns
from types import TracebackType
from typing import Any, Self

from driftboard.data import exits
from driftboard.data.catalog import ClassValue, Task
from driftboard.data.entries import Origin, Refused, encode_entry, encode_refusal
from driftboard.data.flusher import Flusher
from driftboard.data.intake import Intake
from driftboard.data.model_key import ModelKey
from driftboard.data.plain import plain_text, safe_repr
from driftboard.data.privacy import DEFAULT, Privacy
from driftboard.data.spool import spool_folder
from driftboard.data.times import to_micros
from driftboard.data.windows import window_micros
from driftboard.errors import ConfigError, StoreError


@dataclass(frozen=True, slots=True)
class LoggerStats:
    """What has become of the rows this process logged.

    Attributes
    ----------
    accepted, duplicates, conflicts, quarantined
        Committed, as in `LogResult`.
    dropped
        There was no room for: neither in memory nor in the spool.
    buffered, spooled_bytes
        On their way: rows in memory, bytes in the spool.
    spool_failures
        Rows that the spool had no room for; they were kept in memory (L0), or dropped.
    recovered
        Rows accepted out of the spools of processes that died.
    last_error
        Why the latest write failed; None when it did not.
    """

    accepted: int
    duplicates: int
    conflicts: int
    quarantined: int
    dropped: int
    buffered: int
    spooled_bytes: int
    spool_failures: int
    recovered: int
    last_error: str | None


class PredictionLogger:
    """Logs predictions from a service without slowing it down.

    What has returned, and what it survives:

    - `log()` with a spool (the default): L1, the row is in this process's own spool file; it survives `kill -9`, and is
      written by the next logger that starts, or by `recover_spools`. It does not survive the loss of power.
    - `log()` with `spool=False`, or while the disk is full: L0, the row is in memory; while the store keeps up,
      `kill -9` loses at most the rows of the last `flush_interval`, or `flush_rows` of them.
    - `flush()`: L3, everything logged before the call is committed with full synchronisation; or it raised.

    While the store cannot be written the rows wait: in the spool up to `max_spool_bytes`, in memory up to `max_rows`.
    Beyond both, the newest are dropped, and counted: a row that has been taken is never given up for another.

    Parameters
    ----------
    where
        The log, as for `open_store`: a path or `postgresql://...`.
    model, version, environment, task
        Whose predictions these are. The model is registered with the first write, if it is not known.
    window
        Rows without a batch id belong to the batch of the time window they fall in: `15m`, `1h`, `1d`.
    classes
        Of the scores, where `log()` is given a sequence of them.
    flush_rows, flush_interval
        Rows are committed when there are so many, or after so many seconds, whichever comes first.
    spool
        True, False, or the folder of the spool files; by default `spool` beside the database file.
    max_rows, max_spool_bytes
        The most that waits in memory (besides up to 5,000 rows being written), and in the spool.
    privacy
        What becomes of features and segments before they reach the spool; names that look like a secret's are dropped
        in any case.
    handle_sigterm
        Write what there is on SIGTERM, for ten seconds at most, and then do what was done before.

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
        flush_rows: int = 500,
        flush_interval: float = 1.0,
        spool: bool | Path | str = True,
        max_rows: int = 100_000,
        max_spool_bytes: int = 2**30,
        privacy: Privacy | None = None,
        handle_sigterm: bool = True,
    ) -> None:
        window_micros(window)
        if flush_rows < 1 or flush_interval <= 0 or max_rows < 1:
            raise ConfigError("flush_rows, flush_interval and max_rows must be positive")
        origin = Origin(
            ModelKey(model, version, environment), task, window, None if classes is None else tuple(classes)
        )
        folder = spool_folder(where) if spool is True else Path(spool).resolve() if spool else None
        self._intake = Intake(folder, origin, max_rows=max_rows, max_spool_bytes=max_spool_bytes)
        self._flusher = Flusher(where, self._intake, interval=flush_interval)
        self._spools = folder is not None
        self._flush_rows = flush_rows
        self._last_of_many = flush_rows - 1
        self._treat = (privacy or DEFAULT).apply
        self._reported = 0
        exits.watch(self._flusher, sigterm=handle_sigterm)

    def log(
        self,
        features: Mapping[str, Any],
        prediction: Any,
        *,
        scores: Mapping[Any, float] | Sequence[float] | None = None,
        confidence: float | None = None,
        prediction_id: str | None = None,
        latency: float | None = None,
        error: str | None = None,
        segments: Mapping[str, Any] | None = None,
        predicted_at: datetime | None = None,
        batch_id: str | int | None = None,
    ) -> str:
        """Log one prediction and return its id; microseconds, and no exception whatever the values are.

        What cannot be stored goes to the quarantine with a reason, and is counted in `stats()`.
        See `PredictionBatch` for the meaning of the values; `scores` is a mapping from class to score, or a sequence in
        the order of the logger's `classes`.
        """
        intake = self._intake
        try:
            if intake.asleep:
                self._flusher.start()
            if type(prediction_id) is not str:
                prediction_id = (
                    next(intake.ids, None) or intake.more_ids() if prediction_id is None else _text(prediction_id)
                )
            row: Any = (
                prediction_id,
                time_ns() // 1000 if predicted_at is None else to_micros(predicted_at),
                self._treat(features),
                prediction,
                None if scores is None else _copied(scores),
                confidence,
                latency,
                error,
                None if segments is None else self._treat(segments),
                batch_id,
            )
        except Exception as problem:  # noqa: BLE001 - the caller's service must not fail on account of its log
            prediction_id, row = self._refused(prediction_id, problem)
        if self._spools:
            row = row if isinstance(row, bytes) else encode_entry(row)
            if not intake.spool(row):
                intake.keep(row)
        elif len(intake.buffer) < intake.max_rows:
            intake.buffer.append(row)
        else:
            intake.dropped.add()
        if intake.taken() % self._flush_rows == self._last_of_many:
            intake.nudge()
        return prediction_id

    def flush(self, timeout: float = 30.0) -> None:
        """Return when everything that was logged before this call is durable (L3).

        Rows in quarantine are: the reasons are with them.

        Raises
        ------
        StoreError
            It is not, after `timeout` seconds; the rows still wait. Or rows were dropped since the last flush.
        """
        if not self._flusher.mark().wait(timeout):
            reason = self._flusher.progress.last_error or "the store did not answer"
            raise StoreError(f"not flushed within {timeout:g} s, the predictions wait: {reason}")
        self._report_drops()

    def close(self, timeout: float = exits.DRAIN_SECONDS) -> None:
        """Flush and end; after this, `log()` drops what it is given, and counts it. A second time is a no-op.

        Raises
        ------
        StoreError
            Not everything was written within `timeout` seconds, or rows were dropped since the last flush. What is in
            the spool is recovered at the next start.
        """
        if not self._intake.closed:
            written = self._flusher.stop(time.monotonic() + timeout)
            exits.unwatch(self._flusher)
            if not written:
                reason = self._flusher.progress.last_error or "the store did not answer"
                rest = "the next start recovers them from the spool" if self._spools else "they are lost"
                raise StoreError(f"closed before all predictions were written, {rest}: {reason}")
            self._report_drops()

    def stats(self) -> LoggerStats:
        """Return what has become of the rows so far."""
        progress, intake = self._flusher.progress, self._intake
        return LoggerStats(
            accepted=progress.counts.accepted,
            duplicates=progress.counts.duplicates,
            conflicts=progress.counts.conflicts,
            quarantined=progress.counts.quarantined,
            dropped=intake.dropped.value,
            buffered=self._flusher.buffered,
            spooled_bytes=intake.spooled_bytes,
            spool_failures=intake.spool_failures.value,
            recovered=progress.recovered.accepted,
            last_error=progress.last_error,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _refused(self, prediction_id: Any, problem: Exception) -> tuple[str, bytes]:
        """Return the id and the bytes of a call that made no row; its values are not shown: privacy may have failed."""
        name = prediction_id if type(prediction_id) is str else self._intake.more_ids()
        reason = f"{type(problem).__name__}: {_text(problem)}"
        return name, encode_refusal(Refused(plain_text(reason), "", plain_text(name)))

    def _report_drops(self) -> None:
        dropped = self._intake.dropped.value
        new, self._reported = dropped - self._reported, dropped
        if new:
            raise StoreError(f"{new} predictions were dropped since the last flush: there was no room for them")


def _copied(scores: Any) -> Any:
    """The scores as they are now: the caller may use the same array again."""
    if isinstance(scores, Mapping):
        return {"c": list(scores), "s": list(scores.values())}
    return list(scores.tolist() if hasattr(scores, "tolist") else scores)  # of a numpy scalar `tolist` makes no list


def _text(value: Any) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - a caller's class may raise anything
        return safe_repr(value)
