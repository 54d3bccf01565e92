"""Columns of a request's rows: the same batch as `data.grouping.as_batch` makes, in passes over whole columns.

Nearly always all rows of a request have the same features and scores for the same classes; then nothing is looked up
row by row.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftboard.api.rows import RowBatch
from driftboard.data.batch import PredictionBatch
from driftboard.data.catalog import ClassValue
from driftboard.data.grouping import as_batch
from driftboard.data.times import from_micros


def columns_of(batch: RowBatch) -> PredictionBatch:
    """Return the rows as columns; a feature or segment that a row lacks is missing there.

    Raises
    ------
    ValueError, TypeError, OverflowError
        A row holds what no column can: the caller finds it by halving.
    """
    group = batch.group
    if not group.entries:
        return as_batch(group)
    ids, ats, features, predicted, scores, confidence, latency, errors, segments, _ = zip(*group.entries, strict=True)
    classes, matrix = _scores(scores, group.origin.classes)
    return PredictionBatch(
        model=group.origin.model,
        batch_id=group.batch_id,
        features=_columns(features),
        predicted=list(predicted),
        scores=matrix,
        classes=classes,
        confidence=_given(confidence),
        labels=_given(batch.labels),
        prediction_ids=list(ids),
        predicted_at=_times(ats),
        latency=_given(latency),
        errors=_given(errors),
        segments=_columns([each or {} for each in segments]),
    )


def _columns(rows: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    names = rows[0].keys()
    if all(row.keys() == names for row in rows):
        return {name: [row[name] for row in rows] for name in names}
    every = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in every}


def _given(values: Sequence[Any]) -> list[Any] | None:
    return None if values.count(None) == len(values) else list(values)


def _times(ats: Sequence[int]) -> datetime | list[datetime]:
    known = {at: from_micros(at) for at in set(ats)}
    return known[ats[0]] if len(known) == 1 else [known[at] for at in ats]


def _scores(
    scores: Sequence[Any], listed: Sequence[ClassValue] | None
) -> tuple[list[ClassValue] | None, NDArray[np.float64] | None]:
    """Return the classes and a matrix of scores with a column for each; None where no row has any."""
    pairs = [_pair(each, listed) for each in scores]
    classes = list(dict.fromkeys(each for named in {id(pair[0]): pair[0] for pair in pairs}.values() for each in named))
    if not classes:
        return None, None
    if all(pair[0] is pairs[0][0] for pair in pairs):
        return classes, np.array([pair[1] for pair in pairs], dtype=np.float64)
    column = {each: number for number, each in enumerate(classes)}
    matrix = np.full((len(scores), len(classes)), np.nan)
    for row, (named, values) in enumerate(pairs):
        if len(values):
            matrix[row, [column[each] for each in named]] = np.array(values, dtype=np.float64)
    return classes, matrix


def _pair(scores: Any, listed: Sequence[ClassValue] | None) -> tuple[Sequence[ClassValue], Sequence[Any]]:
    """The classes and scores of a row; equal classes are the same object, by `ScoreReader`."""
    if scores is None:
        return (), ()
    return (scores["c"], scores["s"]) if isinstance(scores, dict) else (listed or (), scores)
