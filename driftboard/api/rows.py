"""The rows of a request: checked one by one and put together by batch; one bad row never costs its neighbours."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from driftboard.api.bad_row import BadRow, Code
from driftboard.api.heading import Heading, is_name, nearest
from driftboard.api.refusal import Refusal
from driftboard.api.row_scores import ScoreReader
from driftboard.api.row_times import RowTimes
from driftboard.api_settings import ApiSettings
from driftboard.data.entries import Entry, Origin
from driftboard.data.grouping import Group
from driftboard.data.values import MAX_NAME, storable

FIELDS = ("prediction_id", "features", "predicted", "scores", "confidence", "latency", "error", "segments",
          "predicted_at", "batch_id", "label")  # fmt: skip
MAX_BATCHES = 400
"""Batches in a request: each is a write of its own."""

MAX_CELLS = 1_000_000
"""Rows of a batch times the names of its features and segments: a name that one row has costs a place in all."""

_KNOWN = frozenset(FIELDS)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not stored as a prediction: its place in the request, its id if it has one, and why."""

    row: int
    prediction_id: str | None
    code: Code
    reason: str


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Rows of one batch, where they stand in the request, and their labels (None: not known yet)."""

    group: Group
    numbers: list[int] = field(default_factory=list)
    labels: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReadRows:
    """The rows of a request, by batch, and those that cannot be rows."""

    batches: tuple[RowBatch, ...]
    rejected: tuple[Rejected, ...]


def read_rows(
    heading: Heading, rows: Any, *, api: ApiSettings, now: datetime, idempotency_key: str | None = None
) -> ReadRows:
    """Return the rows by batch.

    Parameters
    ----------
    rows
        What the JSON had: a list of objects.
    now
        When rows were predicted that do not say.
    idempotency_key
        What the ids of rows without one are made of, so that a retry finds the same.

    Raises
    ------
    Refusal
        422: `rows` is no list of rows; 413: they are too many, in too many batches, or too different.
    """
    if not isinstance(rows, list):
        raise Refusal(422, "bad_request", "predictions: write a list of rows")
    if len(rows) > api.max_rows:
        raise Refusal(413, "too_many_rows", f"more than {api.max_rows:,} rows: send fewer in a request")
    reader = _Reader(heading, api, now, idempotency_key)
    for number, row in enumerate(rows):
        reader.add(number, row)
    if not rows and heading.batch_id is not None:
        reader.empty_batch(heading.batch_id)
    return reader.result()


class _Reader:
    """Reads row by row."""

    def __init__(self, heading: Heading, api: ApiSettings, now: datetime, idempotency_key: str | None) -> None:
        self._heading = heading
        self._max_features = api.max_features
        self._key = idempotency_key
        self._scores = ScoreReader(heading.classes)
        self._times = RowTimes(now, api.window)
        self._origin = Origin(heading.model, heading.task or "classification", api.window, heading.classes)
        self._batches: dict[tuple[str, str | None], RowBatch] = {}
        self._rejected: list[Rejected] = []

    def add(self, number: int, row: Any) -> None:
        """Take a row, or the reason against it."""
        try:
            entry = self._entry(number, row)
            batch = self._batch(entry)
        except BadRow as problem:
            name = row.get("prediction_id") if isinstance(row, dict) else None
            shown = storable(str(name))[:MAX_NAME] if is_name(name) else None
            self._rejected.append(Rejected(number, shown, problem.code, problem.reason))
            return
        batch.group.entries.append(entry)
        batch.numbers.append(number)
        batch.labels.append(row.get("label"))

    def empty_batch(self, batch_id: str | int) -> None:
        """Take note of a batch without any row: it is recorded, too."""
        self._batches[str(batch_id), None] = RowBatch(Group(self._origin, str(batch_id), []))

    def result(self) -> ReadRows:
        """Return what was taken."""
        for batch in self._batches.values():
            _check_cells(batch.group.entries)
        return ReadRows(tuple(self._batches.values()), tuple(self._rejected))

    def _entry(self, number: int, row: Any) -> Entry:
        if type(row) is not dict:
            raise BadRow("bad_row", "a row must be an object")
        if not row.keys() <= _KNOWN:
            raise BadRow("unknown_field", nearest(min(row.keys() - _KNOWN), FIELDS))
        get = row.get
        predicted, scores = get("predicted"), get("scores")
        if predicted is None and get("error") is None:
            raise BadRow("bad_row", "predicted: missing (write what the model answered, or `error` if it failed)")
        features, segments = get("features") or {}, get("segments")
        if type(features) is not dict or not (segments is None or type(segments) is dict):
            raise BadRow("bad_row", "features and segments must be objects from name to value")
        if len(features) + len(segments or ()) > self._max_features:
            raise BadRow("bad_row", f"more than {self._max_features:,} features and segments")
        batch_id = get("batch_id")
        if batch_id is not None and not is_name(batch_id):
            raise BadRow("bad_row", f"batch_id: write a text of at most {MAX_NAME} bytes, or an integer")
        return Entry(
            self._id(number, get("prediction_id")),
            self._at(get("predicted_at")),
            features,
            predicted,
            None if scores is None else self._scores.read(scores, predicted),
            get("confidence"),
            get("latency"),
            get("error"),
            segments,
            self._heading.batch_id if batch_id is None else batch_id,
        )

    def _id(self, number: int, given: Any) -> str:
        if given is None:
            if self._key is None:
                advice = "prediction_id: missing (give each row one, or the request an Idempotency-Key)"
                raise BadRow("missing_id", advice)
            text = f"{self._heading.model}\0{self._key}\0{number}"
            return hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()
        if not is_name(given):
            raise BadRow("bad_row", f"prediction_id: write a text of at most {MAX_NAME} bytes, or an integer")
        return storable(str(given))

    def _at(self, given: Any) -> int:
        try:
            return self._times.micros(given)
        except ValueError as problem:
            raise BadRow("bad_row", f"predicted_at: {problem}") from None

    def _batch(self, entry: Entry) -> RowBatch:
        """The batch of a row; rows whose scores are for classes of another type are a write of their own."""
        batch_id = self._times.batch_of(entry.at) if entry.batch_id is None else str(entry.batch_id)
        classes = entry.scores["c"] if isinstance(entry.scores, dict) else self._heading.classes
        key = batch_id, type(classes[0]).__name__ if classes else None
        batch = self._batches.get(key)
        if batch is None:
            if len(self._batches) == MAX_BATCHES:
                message = f"rows of more than {MAX_BATCHES} batches: send fewer in a request, or name their `batch_id`"
                raise Refusal(413, "too_many_batches", message)
            batch = self._batches[key] = RowBatch(Group(self._origin, batch_id, []))
        return batch


def _check_cells(entries: list[Entry]) -> None:
    """Refuse rows that have so few names in common that their table would be mostly empty, and huge."""
    names = set().union(*(entry.features for entry in entries))
    segments = set().union(*(entry.segments or () for entry in entries))
    lists = {id(each): each for each in (entry.scores["c"] for entry in entries if type(entry.scores) is dict)}
    classes = set().union(*lists.values())
    if (len(names) + len(segments) + len(classes)) * len(entries) > MAX_CELLS:
        message = "the rows have too many different features: send rows with the same ones, fewer in a request"
        raise Refusal(413, "too_many_features", message)
