"""Counting the rows of a block: how requests ended, how long they took, what was predicted and how surely.

It is done for each block in the transaction that stores it (`driftboard.data.predictions`): a row that is not stored is
not counted, and a retry counts nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from driftboard.data.block import SCORE
from driftboard.data.catalog import Task
from driftboard.data.rows import as_floats
from driftboard.data.service_counts import (
    CONFIDENCE_BOUNDS,
    HOUR,
    KEPT_BY_THE_MINUTE,
    LATENCY_BOUNDS,
    MINUTE,
    ServiceCounts,
    capped,
)
from driftboard.data.times import from_micros, to_micros

ONLY_CLASS = "value"
"""What the predictions of a regression are counted as."""

_MINUTE = 60_000_000  # microseconds
_RECENT = KEPT_BY_THE_MINUTE // timedelta(microseconds=1)
_LONGEST = 86_400.0  # seconds; what took longer is counted as a day, so that no sum overflows
_LONGEST_KIND = 80
_SLIP = 1e-6  # of a confidence that was computed with fewer digits
_LATENCIES, _CONFIDENCES = np.array(LATENCY_BOUNDS), np.array((*CONFIDENCE_BOUNDS[:-1], 1 + _SLIP))

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def count_rows(
    columns: pa.RecordBatch, *, task: Task, class_name: Callable[[int], str], now: datetime
) -> dict[tuple[int, datetime], ServiceCounts]:
    """Return the counts of a block's rows, by length and start of the stretch that each belongs to.

    A row belongs to the minute it was predicted in; when that is more than 48 hours ago to the hour, of which then as
    many minutes had traffic as the block has rows of; when it is in the future, to the minute of `now`.

    Parameters
    ----------
    columns
        A block (`driftboard.data.block`) of one row or more.
    class_name
        The text of a class, by its code.
    """
    at, present = columns["predicted_at"].to_numpy(), to_micros(now)
    rows = _Columns(columns, task, class_name)
    first, last = min(int(at.min()), present), min(int(at.max()), present)
    if first // _MINUTE == last // _MINUTE and present - last < _RECENT:  # nearly always
        return {(MINUTE, from_micros(last - last % _MINUTE)): rows.counted(slice(None), len(at))}
    return dict(_stretches(rows, np.minimum(at, present), present))


def _stretches(rows: "_Columns", at: Integers, present: int) -> Iterator[tuple[tuple[int, datetime], ServiceCounts]]:
    """Yield the counts of each minute, then of each hour that is older."""
    minute = at // _MINUTE
    recent = present - at < _RECENT
    for start, here in _groups(minute[recent], np.flatnonzero(recent)):
        yield (MINUTE, from_micros(start * _MINUTE)), rows.counted(here, len(here))
    for start, here in _groups(minute[~recent] // 60, np.flatnonzero(~recent)):
        yield (HOUR, from_micros(start * 60 * _MINUTE)), rows.counted(here, len(here), minute[here])


def confidences(columns: pa.RecordBatch) -> Floats:
    """Return the confidence of each row of a block: as logged, else the score of the predicted class, else NaN."""
    names = columns.schema.names
    given = _floats(columns["confidence"]) if "confidence" in names else None
    confidence, predicted = np.full(len(columns), np.nan), _floats(columns["predicted"])
    for name in names:
        if name.startswith(SCORE):
            np.copyto(confidence, _floats(columns[name]), where=predicted == int(name[len(SCORE) :]))
    if given is not None:
        np.copyto(confidence, given, where=~np.isnan(given))
    return confidence


def kind_of_error(text: str) -> str:
    """Return the name that an error is counted by: what stands before the first colon.

    >>> kind_of_error("Timeout: no answer within 3 s")
    'Timeout'
    """
    name = text.partition(":")[0].strip()[:_LONGEST_KIND]
    return "".join(each if each.isprintable() else "?" for each in name) or "error"


def class_text(value: str) -> str:
    """Return the text of a class that is given as the log keeps it, as JSON.

    >>> class_text('"late"'), class_text("2"), class_text("true")
    ('late', '2', 'true')
    """
    return str(orjson.loads(value)) if value.startswith('"') else value


def _groups(keys: Integers, rows: Integers) -> Iterator[tuple[int, Integers]]:
    """Yield each key with the rows that have it, in order of the keys."""
    if len(keys):
        order = np.argsort(keys, kind="stable")
        for here in np.split(order, np.flatnonzero(np.diff(keys[order])) + 1):
            yield int(keys[here[0]]), rows[here]


def _floats(array: pa.Array) -> NDArray[Any]:
    """The numbers of a column, null as NaN; without a cast where it has no null, which is what this costs."""
    floats: NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return floats if floats.dtype != object else as_floats(array)


class _Columns:
    """What is counted of a block, as numpy arrays."""

    def __init__(self, columns: pa.RecordBatch, task: Task, class_name: Callable[[int], str]) -> None:
        names = columns.schema.names
        self._predicted = _floats(columns["predicted"])
        self._class_name = class_name if task == "classification" else None
        self._confidence = confidences(columns)
        self._latency = _floats(columns["latency"]) if "latency" in names else np.empty(0)
        errors = columns["error"] if "error" in names else None
        self._errors = (
            None if errors is None or errors.null_count == len(errors) else errors.to_numpy(zero_copy_only=False)
        )

    def counted(self, here: Integers | slice, n_rows: int, minutes: Integers | None = None) -> ServiceCounts:
        """Return the counts of some rows; `minutes` are given when they are counted by the hour."""
        kinds, failed = self._failed(here, n_rows)
        latency = self._latency[here] if len(self._latency) else self._latency
        latency = latency[(latency >= 0) & (latency < np.inf)]
        confidence = self._confidence[here]
        confidence = confidence[(confidence >= -_SLIP) & (confidence <= 1 + _SLIP)]
        with_traffic, down = (0, 0) if minutes is None else _minutes(minutes, failed)
        return ServiceCounts(
            success=n_rows - sum(kinds.values()),
            errors=kinds,
            latency=_cells(_LATENCIES, latency),
            latency_sum=float(np.minimum(latency, _LONGEST).sum()),
            classes=self._classes(self._predicted[here]),
            confidence=_cells(_CONFIDENCES, confidence),
            confidence_sum=float(confidence.sum()),
            minutes=with_traffic,
            down=down,
        )

    def _failed(self, here: Integers | slice, n_rows: int) -> tuple[Mapping[str, int], NDArray[np.bool_]]:
        """The errors by kind, and which of the rows have one."""
        if self._errors is None:
            return {}, np.zeros(n_rows, bool)
        texts = self._errors[here]
        failed: NDArray[np.bool_] = texts.astype(bool)  # neither missing nor empty
        kinds: dict[str, int] = {}
        for text in texts[failed].tolist():
            kind = kind_of_error(text)
            kinds[kind] = kinds.get(kind, 0) + 1
        return capped(kinds), failed

    def _classes(self, predicted: NDArray[Any]) -> Mapping[str, int]:
        known = predicted[~np.isnan(predicted)]
        if self._class_name is None:
            return {ONLY_CLASS: len(known)} if len(known) else {}
        counts = np.bincount(known.astype(np.int64)).tolist()
        return capped({self._class_name(code): count for code, count in enumerate(counts) if count})


def _cells(bounds: Floats, values: Floats) -> tuple[int, ...]:
    """Count values in cells; a bound belongs to the cell below it. Empty when there is nothing to count."""
    if len(values) == 0:
        return ()
    return tuple(np.bincount(np.searchsorted(bounds, values), minlength=len(bounds) + 1).tolist())


def _minutes(minutes: Integers, failed: NDArray[np.bool_]) -> tuple[int, int]:
    """How many minutes had rows, and in how many of them most rows failed."""
    _, number, rows = np.unique(minutes, return_inverse=True, return_counts=True)
    return len(rows), int((np.bincount(number, weights=failed) * 2 > rows).sum())
