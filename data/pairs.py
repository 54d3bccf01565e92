"""Predictions that two models made under the same ids: read batch by batch, never the whole log at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from driftboard.data import tables
from driftboard.data.catalog import ClassValue, Model, Task, class_values
from driftboard.data.columns import LoggedRows
from driftboard.data.places import Place, places_of
from driftboard.data.reading import list_batches, read_batch, read_block
from driftboard.data.rows import as_floats
from driftboard.errors import ConfigError, PurgedBatch

NEWEST_BATCHES = 200
"""Batches of the champion that are read when nothing is said."""

MOST_PAIRS = 1_000_000
"""Pairs at the most: the newest."""

_IDS_AT_ONCE = 20_000

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """n predictions that two models both made, newest batch first.

    Attributes
    ----------
    task, classes
        Of both; a class code is a position in `classes`, where classes are matched by how they are written.
    champion, challenger
        Shape (n,): predicted class codes or values, never NaN: where one failed there is no pair.
    labels
        Shape (n,): the current label, the champion's or else the challenger's; NaN where neither has one.
    segments
        Segment of the champion to codes of shape (n,), -1 where missing, and the levels they are positions in.
    batches, purged
        Batches of the champion that were read, and those whose rows are gone.
    """

    task: Task
    classes: tuple[str, ...]
    champion: Floats
    challenger: Floats
    labels: Floats
    segments: dict[str, tuple[Codes, tuple[str, ...]]]
    batches: int
    purged: int

    def __len__(self) -> int:
        return self.labels.size


@dataclass(slots=True)
class _Levels:
    """A column of levels that grows batch by batch."""

    levels: dict[str, int] = field(default_factory=dict)
    pieces: list[Codes] = field(default_factory=list)

    def add(self, column: pa.ChunkedArray | None, rows: Codes) -> None:
        """Append these rows of a batch's column; a batch without it has none of its levels."""
        if column is None:
            self.pieces.append(np.full(rows.size, -1))
            return
        encoded = column.take(pa.array(rows)).combine_chunks().dictionary_encode()
        known = [self.levels.setdefault(level, len(self.levels)) for level in encoded.dictionary.to_pylist()]
        codes = pc.fill_null(encoded.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
        self.pieces.append(np.array([*known, -1])[codes])


def read_pairs(
    connection: Connection,
    champion: Model,
    challenger: Model,
    *,
    since: datetime | None = None,
    newest: int | None = None,
    segments: Sequence[str] | None = None,
) -> Pairs:
    """Return what both models predicted under the same ids.

    One batch of the champion is in memory at a time, with the challenger's predictions of its ids: they may lie in
    other batches.

    Parameters
    ----------
    connection
        From `Store.read`.
    champion, challenger
        From `get_model`; two models of one task.
    since, newest
        Only batches of the champion from then on, or so many; the newest 200 when neither is given. A million pairs
        end it in any case.
    segments
        Only these, which may be features as well; by default all that the champion logged as segments.

    Raises
    ------
    ConfigError
        The two are one model, or of different tasks.
    StoreError
        A block is not as it was written.
    """
    _refuse_unlike(champion, challenger)
    newest = NEWEST_BATCHES if since is None and newest is None else newest
    reader = _Reader(connection, champion, challenger, segments)
    for batch in reversed(list_batches(connection, champion, since=since, newest=newest)):
        if reader.n >= MOST_PAIRS:
            break
        try:
            reader.add(read_batch(connection, champion, batch))
        except PurgedBatch:
            reader.purged += 1
    return reader.pairs()


class _Reader:
    """Gathers the pairs of one batch after the other."""

    def __init__(
        self, connection: Connection, champion: Model, challenger: Model, segments: Sequence[str] | None
    ) -> None:
        self.n = self.batches = self.purged = 0
        self._connection, self._champion, self._challenger = connection, champion, challenger
        self._wanted = segments
        own, other = (_written(class_values(connection, model.model_id)) for model in (champion, challenger))
        self._classes = tuple(dict.fromkeys((*own, *other)))
        self._recode = [np.array([self._classes.index(each) for each in names] or [0]) for names in (own, other)]
        self._pieces: list[Floats] = [np.empty((3, 0))]
        self._segments: dict[str, _Levels] = {}

    def add(self, rows: LoggedRows) -> None:
        """Add the rows of a batch that the challenger predicted as well."""
        self.batches += 1
        others = self._others(rows.prediction_ids)
        found = np.vstack([self._coded(rows.predicted, 0), self._coded(others[0], 1)])
        labels = self._coded(rows.labels, 0)
        found = np.vstack([found, np.where(np.isnan(labels), self._coded(others[1], 1), labels)])
        kept = np.flatnonzero(~np.isnan(found[:2]).any(axis=0))
        if kept.size:
            self._add_segments(rows, kept)
            self._pieces.append(found[:, kept])
            self.n += kept.size

    def pairs(self) -> Pairs:
        """Return what was gathered."""
        champion, challenger, labels = np.concatenate(self._pieces, axis=1)
        segments = {
            name: (np.concatenate(levels.pieces), tuple(levels.levels)) for name, levels in self._segments.items()
        }
        task = self._champion.task
        return Pairs(task, self._classes, champion, challenger, labels, segments, self.batches, self.purged)

    def _coded(self, values: Floats, side: int) -> Floats:
        """One side's codes in the common classes; values as they are."""
        if self._champion.task == "regression":
            return values
        there = ~np.isnan(values)
        coded = np.full(values.size, np.nan)
        coded[there] = self._recode[side][values[there].astype(np.int64)]
        return coded

    def _add_segments(self, rows: LoggedRows, kept: Codes) -> None:
        given = rows.segments if self._wanted is None else _chosen(rows, self._wanted)
        for name in given:
            if name not in self._segments:  # the batches before had none of it
                self._segments[name] = _Levels(pieces=[np.full(self.n, -1)])
        for name, levels in self._segments.items():
            levels.add(given.get(name), kept)

    def _others(self, ids: list[str]) -> Floats:
        """Shape (2, n): the challenger's prediction and label of each id; NaN where it has none."""
        others = np.full((2, len(ids)), np.nan)
        places: dict[int, list[tuple[int, int]]] = {}
        for start in range(0, len(ids), _IDS_AT_ONCE):
            piece = ids[start : start + _IDS_AT_ONCE]
            known: dict[str, Place] = places_of(self._connection, self._challenger.model_id, piece)
            for row, each in enumerate(piece, start=start):
                if each in known:
                    places.setdefault(known[each][0], []).append((row, known[each][1]))
        for block_id, pairs in places.items():
            rows, block_rows = np.array(pairs).T
            predicted = as_floats(read_block(self._connection, block_id)["predicted"])
            others[0, rows] = predicted[block_rows]
            others[1, rows] = self._labels(block_id, predicted.size)[block_rows]
        return others

    def _labels(self, block_id: int, n: int) -> Floats:
        """The label that counts of each row of a block: the one observed last, see `label_events`."""
        t = tables.labels
        query = select(t.c.block_row, t.c.value).where(t.c.block_id == block_id).order_by(t.c.observed_at, t.c.event_id)
        labels = np.full(n, np.nan)
        events = self._connection.execute(query).all()
        if events:  # numpy assigns in order, so the last event of a row stays
            labels[[event.block_row for event in events]] = [event.value for event in events]
        return labels


def _chosen(rows: LoggedRows, names: Sequence[str]) -> dict[str, pa.ChunkedArray]:
    columns = rows.features | rows.segments
    return {name: columns[name].cast(pa.string()) for name in names if name in columns}


def _refuse_unlike(champion: Model, challenger: Model) -> None:
    if champion.model_id == challenger.model_id:
        raise ConfigError(f"{champion.key} cannot be compared with itself: name two versions, as in churn:1 churn:2")
    if champion.task != challenger.task:
        raise ConfigError(
            f"{champion.key} is a {champion.task} model and {challenger.key} a {challenger.task} model: "
            "nothing to compare"
        )


def _written(classes: tuple[ClassValue, ...]) -> tuple[str, ...]:
    return tuple(each if isinstance(each, str) else orjson.dumps(each).decode() for each in classes)
