"""From rows to batches: which rows are written together, and their columns, aligned by name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from driftboard.data.batch import PredictionBatch
from driftboard.data.entries import Entry, Origin, Refused
from driftboard.data.plain import safe_repr
from driftboard.data.times import from_micros
from driftboard.data.windows import start_text, window_micros

_YEARS = range(-62_135_596_800_000_000, 253_402_300_800_000_000)
"""Microseconds of the years 1 to 9999."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that are one write: of one batch, with scores for classes of one type."""

    origin: Origin
    batch_id: str
    entries: list[Entry]

    def halves(self) -> tuple["Group", "Group"]:
        """Return the group in two."""
        middle = len(self.entries) // 2
        parts = self.entries[:middle], self.entries[middle:]
        return Group(self.origin, self.batch_id, parts[0]), Group(self.origin, self.batch_id, parts[1])


def group(rows: Iterable[Entry | Refused], origin: Origin) -> tuple[list[Group], list[Refused]]:
    """Return the rows as groups, in the order in which batches first occur, and those that cannot be rows."""
    length = window_micros(origin.window)
    groups: dict[tuple[str, str | None], list[Entry]] = {}
    refused: list[Refused] = []
    for row in rows:
        reason = None if isinstance(row, Refused) else _fault(row, origin)
        if isinstance(row, Refused):
            refused.append(row)
        elif reason is not None:
            refused.append(Refused(reason, safe_repr(row.features), str(row.prediction_id)))
        else:
            batch_id = start_text(row.at, length) if row.batch_id is None else str(row.batch_id)
            groups.setdefault((batch_id, _class_type(row.scores, origin)), []).append(row)
    return [Group(origin, key[0], entries) for key, entries in groups.items()], refused


def as_batch(group: Group) -> PredictionBatch:
    """Return the group's columns; a feature or segment that a row lacks is missing there."""
    entries = group.entries
    classes = _classes(group)
    return PredictionBatch(
        model=group.origin.model,
        batch_id=group.batch_id,
        features=_columns([entry.features for entry in entries]),
        predicted=[entry.prediction for entry in entries],
        scores=_score_matrix(group, classes) if classes else None,
        classes=classes or None,
        confidence=_given([entry.confidence for entry in entries]),
        prediction_ids=[entry.prediction_id for entry in entries],
        predicted_at=[from_micros(entry.at) for entry in entries],
        latency=_given([entry.latency for entry in entries]),
        errors=_given([entry.error for entry in entries]),
        segments=_columns([entry.segments or {} for entry in entries]),
    )


def _columns(rows: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _given(values: list[Any]) -> list[Any] | None:
    return None if all(value is None for value in values) else values


def _fault(entry: Entry, origin: Origin) -> str | None:
    """Why the entry cannot be a row at all; single bad values are the store's to judge."""
    if not isinstance(entry.features, dict) or not isinstance(entry.segments, dict | None):
        return "features and segments must be mappings from name to value"
    if not isinstance(entry.at, int) or entry.at not in _YEARS:
        return "predicted_at: not a time between the years 1 and 9999"
    if not isinstance(entry.batch_id, str | int | None):
        return "batch_id: neither text nor number"
    return None if entry.scores is None else _score_fault(*_class_scores(entry.scores, origin))


def _score_fault(classes: Sequence[Any] | None, scores: Sequence[Any]) -> str | None:
    if classes is None:
        return "scores: a sequence needs `classes`, given to the logger"
    if len(classes) != len(scores):
        return f"scores: {len(scores)} for {len(classes)} classes"
    if any(not isinstance(each, str | int) for each in classes) or len({type(each) for each in classes}) > 1:
        return "scores: classes must be all text, all integers or all booleans"
    if any(isinstance(each, bool) or not isinstance(each, int | float | None) for each in scores):
        return "scores: not all are numbers"
    return None


def _class_scores(scores: Any, origin: Origin) -> tuple[Sequence[Any] | None, Sequence[Any]]:
    return (scores["c"], scores["s"]) if isinstance(scores, dict) else (origin.classes, scores)


def _class_type(scores: Any, origin: Origin) -> str | None:
    classes = origin.classes if scores is None else _class_scores(scores, origin)[0]
    return type(classes[0]).__name__ if classes else None


def _classes(group: Group) -> list[Any]:
    found = (_class_scores(entry.scores, group.origin)[0] for entry in group.entries if entry.scores is not None)
    return list(dict.fromkeys(each for classes in found for each in classes or ()))


def _score_matrix(group: Group, classes: list[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    column = {each: number for number, each in enumerate(classes)}
    matrix = np.full((len(group.entries), len(classes)), np.nan)
    for row, entry in enumerate(group.entries):
        if entry.scores is not None:
            named, scores = _class_scores(entry.scores, group.origin)
            matrix[row, [column[each] for each in named or ()]] = np.array(scores, dtype=np.float64)
    return matrix
