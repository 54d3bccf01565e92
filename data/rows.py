"""From a caller's batch to the columns of a block: canonical values, coded classes, bad rows set aside."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeGuard

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from driftboard.data import block
from driftboard.data.batch import PredictionBatch
from driftboard.data.catalog import ClassValue, Task
from driftboard.data.ids import new_ids
from driftboard.data.times import to_micros
from driftboard.data.values import MAX_NAME, Reasons, canonical, storable
from driftboard.errors import BadBatch

_EXACT = 2**53  # beyond it a float is no longer one integer

Coder = Callable[[list[ClassValue]], dict[str, int]]
"""Gives classes their codes, as `catalog.add_classes` does."""


MOST_ROWS = 65_536
"""Rows of one block at the most."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The good rows of a batch, ready to be stored, and the reasons against the bad ones.

    Attributes
    ----------
    ids
        Their prediction ids.
    columns
        The other columns of a block.
    labels
        float64, NaN where the label has not arrived.
    bad
        Position in the caller's batch to the reason.
    """

    ids: list[str]
    columns: pa.RecordBatch
    labels: np.ndarray[Any, np.dtype[np.float64]]
    bad: Reasons

    def __len__(self) -> int:
        return len(self.ids)

    def as_block(self) -> pa.RecordBatch:
        """Return the columns of a block, ids included."""
        names = ["prediction_id", *self.columns.schema.names]
        return pa.record_batch([block.id_column(self.ids), *self.columns.columns], names=names)

    def parts(self) -> Iterator["Rows"]:
        """Yield these rows in pieces of the size of a block: a million rows need not be in memory three times."""
        for start in range(0, max(len(self), 1), MOST_ROWS):
            piece = slice(start, start + MOST_ROWS)
            yield Rows(self.ids[piece], self.columns.slice(start, MOST_ROWS), self.labels[piece], self.bad)

    def without(self, dropped: set[int]) -> "Rows":
        """Return these rows less those at `dropped` (positions among the good rows)."""
        keep = np.array([row for row in range(len(self)) if row not in dropped], dtype=np.int64)
        ids = [self.ids[row] for row in keep]
        return Rows(ids, self.columns.take(pa.array(keep)), self.labels[keep], self.bad)


def lay_out(
    batch: PredictionBatch, *, task: Task, code_classes: Coder, known: Mapping[str, pa.DataType], now: datetime
) -> Rows:
    """Return the batch as the columns of a block.

    Parameters
    ----------
    batch
        What the caller gave.
    task
        Of the model: classes are coded, values are kept.
    code_classes
        Gives each class its code.
    known
        Feature name to the type it has in the reference, if there is one.
    now
        When the predictions were made, if the batch does not say.

    Raises
    ------
    BadBatch
        The columns are of different lengths, or scores come without classes.
    """
    batch.check_lengths()
    bad: Reasons = {}
    ids = _ids(batch, bad)
    columns: dict[str, Any] = {
        "predicted_at": _times(batch, now),
        "predicted": _targets(batch.predicted, "predicted", task, code_classes, bad),
    }
    columns |= _numbers({"confidence": batch.confidence, "latency": batch.latency}, bad)
    if batch.errors is not None:
        columns["error"] = _texts(batch.errors, "error", bad)
    columns |= _scores(batch, code_classes, bad)
    for name, values in batch.features.items():
        array = _kept(canonical(values, name=f"feature {name!r}", known=known.get(storable(name))), bad)
        columns[f"{block.FEATURE}{storable(name)}"] = array
    for name, values in batch.segments.items():
        columns[f"{block.SEGMENT}{storable(name)}"] = _texts(values, f"segment {name!r}", bad)
    labels = np.full(len(batch), np.nan)
    if batch.labels is not None:
        labels = _labels(batch.labels, task, code_classes, bad)
    rows = Rows(ids, pa.record_batch(columns), labels, bad)
    return rows.without(set(bad)) if bad else rows


def code_labels(
    values: Any, *, task: Task, code_classes: Coder
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], Reasons]:
    """Return labels as class codes or values (NaN: none), and the reasons against the bad ones."""
    bad: Reasons = {}
    return _labels(values, task, code_classes, bad), bad


def as_floats(array: pa.Array | pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return a numeric column as float64, null as NaN."""
    floats: np.ndarray[Any, np.dtype[np.float64]] = array.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return floats


def _kept(result: tuple[pa.Array, Reasons], bad: Reasons) -> pa.Array:
    array, reasons = result
    for row, reason in reasons.items():
        bad.setdefault(row, reason)
    return array


def _ids(batch: PredictionBatch, bad: Reasons) -> list[str]:
    if batch.prediction_ids is None:
        return new_ids(len(batch))
    if _are_plain(batch.prediction_ids):
        return batch.prediction_ids
    array = _kept(canonical(batch.prediction_ids, name="prediction_id"), bad)
    if array.null_count or not pa.types.is_string(array.type):
        array = array.cast(pa.string())
        for row in np.flatnonzero(array.is_null().to_numpy(zero_copy_only=False)):
            bad.setdefault(int(row), "prediction_id: missing")
    for row in np.flatnonzero(pc.greater(pc.binary_length(array), MAX_NAME).fill_null(False)):  # noqa: FBT003
        bad.setdefault(int(row), f"prediction_id: longer than {MAX_NAME} bytes")
    return [each and each.replace("\0", "\\x00") for each in array.to_pylist()]


def _are_plain(ids: Any) -> TypeGuard[list[str]]:
    """Whether ids are as they will be stored: nearly always, and so they are looked at all together."""
    if type(ids) is not list or set(map(type, ids)) != {str}:
        return False
    text = "".join(ids)
    return text.isascii() and "\0" not in text and max(map(len, ids)) <= MAX_NAME


def _times(batch: PredictionBatch, now: datetime) -> pa.Array:
    if batch.predicted_at is None or isinstance(batch.predicted_at, datetime):
        at = batch.predicted_at or now
        return pa.array(np.full(len(batch), _micros(at, batch), dtype=np.int64))
    return pa.array([_micros(at, batch) for at in batch.predicted_at], pa.int64())


def _micros(at: datetime, batch: PredictionBatch) -> int:
    try:
        return to_micros(at)
    except (ValueError, AttributeError, TypeError) as error:
        raise BadBatch(f"batch {batch.batch_id}: predicted_at {error}") from None


def _numbers(columns: Mapping[str, Any], bad: Reasons) -> dict[str, pa.Array]:
    given = {name: values for name, values in columns.items() if values is not None}
    return {name: _number(values, name, bad) for name, values in given.items()}


def _number(values: Any, name: str, bad: Reasons) -> pa.Array:
    array = _kept(canonical(values, name=name, known=pa.float64()), bad)
    if pa.types.is_string(array.type):
        for row in np.flatnonzero(array.is_valid().to_numpy(zero_copy_only=False)):
            bad.setdefault(int(row), f"{name}: a text where a number was expected")
        return pa.nulls(len(array), pa.float64())
    return array.cast(pa.float64())


def _texts(values: Any, name: str, bad: Reasons) -> pa.Array:
    return _kept(canonical(values, name=name, known=pa.string()), bad).cast(pa.string())


def _scores(batch: PredictionBatch, code_classes: Coder, bad: Reasons) -> dict[str, pa.Array]:
    if batch.scores is None:
        return {}
    try:
        matrix = np.asarray(batch.scores, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadBatch(f"batch {batch.batch_id}: scores are not a matrix of numbers") from None
    if batch.classes is None or matrix.ndim != 2 or matrix.shape[1] != len(batch.classes):  # noqa: PLR2004 - rows and columns
        shape = " x ".join(str(size) for size in matrix.shape)
        raise BadBatch(f"batch {batch.batch_id}: scores of shape {shape} need `classes`, one for each column")
    codes = _targets(batch.classes, "class", "classification", code_classes, bad).to_pylist()
    return {f"{block.SCORE}{code}": pa.array(matrix[:, column], from_pandas=True) for column, code in enumerate(codes)}


def _labels(values: Any, task: Task, code_classes: Coder, bad: Reasons) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Class codes or values, NaN where there is none; an infinite truth is none that could be compared with."""
    labels = as_floats(_targets(values, "label", task, code_classes, bad))
    for row in np.flatnonzero(np.isinf(labels)):
        bad.setdefault(int(row), "label: infinite")
    return np.where(np.isinf(labels), np.nan, labels)


def _targets(values: Any, name: str, task: Task, code_classes: Coder, bad: Reasons) -> pa.Array:
    """Class codes (int32) or values (float64), null where missing."""
    if task == "regression":
        return _number(values, name, bad)
    encoded = _kept(canonical(values, name=name), bad)
    if pa.types.is_null(encoded.type):
        return pa.nulls(len(encoded), pa.int32())
    encoded = encoded.dictionary_encode()
    classes = [_as_class(value) for value in encoded.dictionary.to_pylist()]
    codes = code_classes([each for each in classes if each is not None])
    mapping = [None if each is None else codes[orjson.dumps(each).decode()] for each in classes]
    coded = pa.array(mapping, pa.int32()).take(encoded.indices)
    if None in mapping:
        for row in np.flatnonzero(pc.and_(encoded.is_valid(), coded.is_null()).to_numpy(zero_copy_only=False)):
            value = str(encoded[int(row)].as_py())[:40]
            bad.setdefault(int(row), f"{name}: {value} is no class (text up to {MAX_NAME} bytes, integer or boolean)")
    return coded


def _as_class(value: Any) -> ClassValue | None:
    """A class as it is kept: 1.0 is the integer 1; 1.9 is none, and neither is an essay."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else None
    if isinstance(value, str) and len(orjson.dumps(value)) > MAX_NAME:
        return None
    return value if isinstance(value, str | int | bool) else None
