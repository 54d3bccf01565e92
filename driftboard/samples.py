"""Where the log meets the monitors: logged rows become the plain arrays that a monitor looks at."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from driftboard.data.columns import LoggedRows
from driftboard.monitors import Categorical, Column, Numeric, Sample


def as_sample(rows: LoggedRows, *, segments: Sequence[str] = ()) -> Sample:
    """Return the rows as a monitor's sample.

    Parameters
    ----------
    rows
        From `read_batch` or `load_reference`.
    segments
        Features that are segments as well; a name that no feature has is left out, one that a logged segment has is
        that segment.
    """
    if len(rows) == 0:
        return Sample(n=0, task=rows.task, classes=class_names(rows))
    return Sample(
        n=len(rows),
        features={name: _as_column(column) for name, column in rows.features.items()},
        task=rows.task,
        classes=class_names(rows),
        predicted=rows.predicted if rows.task == "regression" else np.nan_to_num(rows.predicted, nan=-1.0),
        confidence=rows.confidence,
        labels=rows.labels if rows.task == "regression" else np.nan_to_num(rows.labels, nan=-1.0),
        scores=rows.scores if rows.task == "classification" else np.empty((0, 0)),
        segments=_segments(rows, segments),
    )


def as_reference_sample(rows: LoggedRows, *, segments: Sequence[str] = ()) -> Sample:
    """Return the rows of a reference, whose classes end with the last one that occurs in it.

    The list of a model's classes grows as batches bring new ones. What a reference is must not: counts of batches are
    added up by class.
    """
    sample = as_sample(rows, segments=segments)
    if rows.task == "regression" or len(rows) == 0:
        return sample
    scored = np.flatnonzero(~np.isnan(sample.scores).all(axis=0))
    last = max(sample.predicted.max(initial=-1.0), sample.labels.max(initial=-1.0), scored.max(initial=-1))
    known = int(last) + 1
    return replace(sample, classes=sample.classes[:known], scores=sample.scores[:, :known])


def class_names(rows: LoggedRows) -> tuple[str, ...]:
    """Return the classes as text: `late`, `2`, `true`."""
    return tuple(each if isinstance(each, str) else orjson.dumps(each).decode() for each in rows.classes)


def _segments(rows: LoggedRows, names: Sequence[str]) -> dict[str, Categorical]:
    features = rows.features
    given = {name: features[name] for name in names if name in features}
    return {name: _as_levels(column) for name, column in (given | rows.segments).items()}


def _as_column(column: pa.ChunkedArray) -> Column:
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind):
        return Numeric(column.cast(pa.float64()).to_numpy())
    return _as_levels(column)


def _as_levels(column: pa.ChunkedArray) -> Categorical:
    encoded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    codes = pc.fill_null(encoded.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    return Categorical(codes, tuple(encoded.dictionary.to_pylist()))
