"""Logged predictions as columns: Arrow underneath, numpy on demand."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from driftboard.data import block
from driftboard.data.catalog import ClassValue, Task
from driftboard.data.rows import as_floats


@dataclass(frozen=True, slots=True, eq=False)
class LoggedRows:
    """Predictions read back, in the order they were written.

    Attributes
    ----------
    table
        The stored columns of n rows; see `driftboard.data.block`.
    labels
        Shape (n,): the current label as class code or value; NaN where none has arrived.
    task, classes
        Of the model; a class code is a position in `classes`.
    """

    table: pa.Table
    labels: NDArray[np.float64]
    task: Task
    classes: tuple[ClassValue, ...]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def prediction_ids(self) -> list[str]:
        """The n ids."""
        return block.id_list(self.table["prediction_id"]) if len(self) else []

    @property
    def predicted_at(self) -> NDArray[np.int64]:
        """Shape (n,): microseconds since 1970 UTC."""
        return np.asarray(self.table["predicted_at"].to_numpy(), dtype=np.int64)

    @property
    def predicted(self) -> NDArray[np.float64]:
        """Shape (n,): class codes or values; NaN where the request failed."""
        return as_floats(self.table["predicted"])

    @property
    def scores(self) -> NDArray[np.float64]:
        """Shape (n, number of classes): NaN where the model gave none."""
        scores = np.full((len(self), len(self.classes)), np.nan)
        for name in self._named(block.SCORE):
            scores[:, int(name)] = as_floats(self.table[block.SCORE + name])
        return scores

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Shape (n,): as logged, else the score of the predicted class; NaN where there is neither."""
        confidence = np.full(len(self), np.nan)
        if self.task == "classification" and self._named(block.SCORE):
            predicted = self.predicted
            rows = np.flatnonzero(np.isfinite(predicted))
            confidence[rows] = self.scores[rows, predicted[rows].astype(np.int64)]
        if "confidence" in self.table.column_names:
            given = as_floats(self.table["confidence"])
            confidence = np.where(np.isnan(given), confidence, given)
        return confidence

    @property
    def features(self) -> dict[str, pa.ChunkedArray]:
        """Feature name to column: int64, double, bool or string; null type when all values are missing."""
        return {name: self.table[block.FEATURE + name] for name in self._named(block.FEATURE)}

    @property
    def segments(self) -> dict[str, pa.ChunkedArray]:
        """Segment name to column of text."""
        return {name: self.table[block.SEGMENT + name] for name in self._named(block.SEGMENT)}

    def _named(self, prefix: str) -> list[str]:
        return [name.removeprefix(prefix) for name in self.table.column_names if name.startswith(prefix)]


def joined(pieces: list[pa.RecordBatch]) -> pa.Table:
    """Return the blocks of a batch as one table; a column that some blocks lack is missing there.

    A feature that changed between numbers and text becomes text, so that its monitor can say so.
    """
    if all(piece.schema == pieces[0].schema for piece in pieces):
        return pa.Table.from_batches(pieces)
    apart = [pa.Table.from_batches([piece]) for piece in pieces]
    mixed = _mixed_columns(apart)
    return pa.concat_tables([_as_text(piece, mixed) for piece in apart], promote_options="permissive")


def _mixed_columns(pieces: list[pa.Table]) -> set[str]:
    kinds: dict[str, set[str]] = {}
    for piece in pieces:
        for field in piece.schema:
            if not pa.types.is_null(field.type):
                kinds.setdefault(field.name, set()).add(_kind(field.type))
    return {name for name, found in kinds.items() if len(found) > 1}


def _kind(kind: pa.DataType) -> str:
    return "number" if pa.types.is_integer(kind) or pa.types.is_floating(kind) else str(kind)


def _as_text(piece: pa.Table, names: set[str]) -> pa.Table:
    for name in names & set(piece.column_names):
        index = piece.schema.get_field_index(name)
        piece = piece.set_column(index, name, piece[name].cast(pa.string()))
    return piece
