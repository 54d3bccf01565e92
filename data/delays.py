"""Label delays: how long after their predictions the labels of a model's batches arrived, as small additive counts.

A delay is counted from the time a batch was complete in the log: its latest prediction, or the latest block that came
within two days after it. The exact times of the predictions are inside the blocks; the batch's own are cheap, and wrong
by no more than its length. A block written later than that is an import or a replay: when its labels came says nothing
about the delay to expect, so they are not counted.

The work is bounded. The newest batches are looked at, and older ones ever further apart, back to a year: a delay longer
than the newest batches are old could not be seen in them. Of each batch stretches of rows are looked at, spread over
it, that hold a few hundred labels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import Connection, Row

from driftboard.data.backend import Statement
from driftboard.data.catalog import Model
from driftboard.data.reading import BatchInfo, get_batch, list_batches
from driftboard.data.times import from_micros, to_micros

_SECOND = 1_000_000
_MINUTE, _DAY, _YEAR = 60.0, 86_400.0, 365 * 86_400.0
_LATE = int(2 * _DAY) * _SECOND
_NEWEST = 32
_OLDER = 32
_LABELS_A_BATCH = 312  # of at most 64 batches: 20,000 labels
_MOST_EVENTS = 40_000  # where the labels of a batch lie together, or are corrected often
_STRETCHES = 16  # a batch's first predictions wait longer than its last

DELAY_EDGES: tuple[float, ...] = (0.0, *np.geomspace(_MINUTE, _YEAR, 63).tolist())
"""Upper ends of the delays counted together, in seconds: 0, then a minute to a year, each 24 % above the one before."""

Stretch = tuple[int, int, int, int]
"""Position of the batch in a list, block id, first row, and the row after the last."""


@dataclass(frozen=True, slots=True)
class BatchDelays:
    """How soon the labels of one batch came.

    Attributes
    ----------
    batch_id, last_at
        Which batch; the time of its latest prediction.
    since
        Where delays and the batch's age are counted from: see `labels_awaited_since`.
    n_predictions, n_labels
        All of them, as counted in the log.
    counts
        Labels looked at, by delay: counts[0] of 0 s, counts[i] of up to DELAY_EDGES[i] and more than the edge before,
        and the last of more than the last edge. All 0 where the batch was written too late, or purged.
    """

    batch_id: str
    last_at: datetime
    since: datetime
    n_predictions: int
    n_labels: int
    counts: tuple[int, ...]


def label_delays(connection: Connection, model: Model) -> tuple[BatchDelays, ...]:
    """Return the delays of the first label of predictions, for at most 64 batches of a model, oldest first."""
    batches = _spread_batches(connection, model)
    blocks = _blocks(connection, batches)
    since = [_since(batch, (row.received_at for row in blocks[batch.batch_key])) for batch in batches]
    told = [
        [row for row in blocks[batch.batch_key] if row.received_at <= start]
        for batch, start in zip(batches, since, strict=True)
    ]
    stretches = _stretches(batches, told)
    counts = _counts(connection, stretches, since)
    return tuple(
        BatchDelays(each.batch_id, each.last_at, from_micros(start), each.n_predictions, each.n_labels, tuple(row))
        for each, start, row in zip(batches, since, counts.tolist(), strict=True)
    )


def labels_awaited_since(connection: Connection, batch: BatchInfo) -> datetime:
    """Return where the age of a batch is counted from, so that it can be compared with the delays of others."""
    times = (row.received_at for row in _blocks(connection, [batch])[batch.batch_key])
    return from_micros(_since(batch, times))


def _since(batch: BatchInfo, received: Iterator[int]) -> int:
    """The batch's latest prediction, or its latest block that was not late; in microseconds."""
    last = to_micros(batch.last_at)
    return max([last, *(at for at in received if at <= last + _LATE)])


def _spread_batches(connection: Connection, model: Model) -> list[BatchInfo]:
    newest = list_batches(connection, model, newest=_NEWEST)
    if len(newest) < _NEWEST:
        return list(newest)
    last, first = to_micros(newest[-1].first_at), to_micros(newest[0].first_at)
    span = max((last - first) / _SECOND, _MINUTE)
    ages = np.geomspace(span, max(span, _YEAR), _OLDER + 1)[1:]
    targets = [[min(first - 1, last - int(age * _SECOND))] for age in ages.tolist()]
    given = {"model_id": model.model_id, "given": _json(targets)}
    keys = {row.batch_key for row in connection.execute(_OLDER_BATCHES.on(connection), given).all()}
    older = [get_batch(connection, key) for key in keys - {None, *(batch.batch_key for batch in newest)}]
    return [*sorted(older, key=lambda batch: (batch.first_at, batch.batch_key)), *newest]


def _blocks(connection: Connection, batches: Sequence[BatchInfo]) -> dict[int, list[Row[tuple[int, ...]]]]:
    blocks: dict[int, list[Row[tuple[int, ...]]]] = {batch.batch_key: [] for batch in batches}
    given = _json([[key] for key in blocks])
    for row in connection.execute(_BLOCKS.on(connection), {"given": given}).all():
        blocks[row.batch_key].append(row)
    return blocks


def _stretches(batches: Sequence[BatchInfo], blocks: Sequence[Sequence[Row[tuple[int, ...]]]]) -> list[Stretch]:
    """The first stretch of every batch, then the second of every batch, ...: a limit cuts all of them alike."""
    by_batch = [
        list(_cut(place, blocks[place], min(1.0, _LABELS_A_BATCH / batch.n_labels)))
        for place, batch in enumerate(batches)
        if batch.n_labels and blocks[place]
    ]
    thinned = [stretches[:: -(-len(stretches) // _LABELS_A_BATCH)] for stretches in by_batch]
    ordered = sorted((number, stretch) for stretches in thinned for number, stretch in enumerate(stretches))
    return [stretch for _, stretch in ordered]


def _cut(place: int, blocks: Sequence[Row[tuple[int, ...]]], share: float) -> Iterator[Stretch]:
    """That share of the rows of a batch, in stretches at equal distances, none of them across two blocks."""
    ends = np.cumsum([block.n_rows for block in blocks])
    for start, stop in _spans(int(ends[-1]), share):
        begin = start
        while begin < stop:
            number = int(np.searchsorted(ends, begin, side="right"))
            block, end = blocks[number], int(ends[number])
            low = begin - (end - block.n_rows)
            begin = min(stop, end)
            yield place, block.block_id, low, begin - (end - block.n_rows)


def _spans(rows: int, share: float) -> list[tuple[int, int]]:
    """The first rows of each sixteenth.

    >>> _spans(1600, 0.02)[:3], _spans(5, 1.0)
    ([(0, 2), (100, 102), (200, 202)], [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)])
    """
    edges = np.linspace(0, rows, min(rows, _STRETCHES) + 1).astype(int).tolist()
    return [(low, low + int(np.ceil((high - low) * share))) for low, high in pairwise(edges)]


def _counts(connection: Connection, stretches: list[Stretch], since: list[int]) -> NDArray[np.int64]:
    width = len(DELAY_EDGES) + 1
    given = {"given": _json(stretches), "most": _MOST_EVENTS}
    rows = connection.execute(_FIRST_LABELS.on(connection), given).all()
    pairs = np.array([(row.place, row.received_at) for row in rows], dtype=np.int64).reshape(-1, 2)
    waited = (pairs[:, 1] - np.array(since, dtype=np.int64)[pairs[:, 0]]) / _SECOND
    cells = np.searchsorted(DELAY_EDGES, np.maximum(waited, 0.0), side="left")
    counted = np.bincount(pairs[:, 0] * width + cells, minlength=len(since) * width)
    return counted.astype(np.int64).reshape(len(since), width)


def _json(rows: Sequence[Sequence[int]]) -> str:
    return orjson.dumps(rows).decode()


# `CROSS JOIN` pins the order of the loops in SQLite, as in `driftboard.data.places`.
_OLDER_BATCHES = Statement(
    "SELECT (SELECT b.batch_key FROM batches b WHERE b.model_id = :model_id "
    "AND b.first_at <= CAST(j.value ->> 0 AS bigint) ORDER BY b.first_at DESC LIMIT 1) AS batch_key FROM {rows} j"
)
_BLOCKS = Statement(
    "SELECT k.batch_key, k.block_id, k.n_rows, k.received_at FROM {rows} j CROSS JOIN blocks k "
    "WHERE k.batch_key = CAST(j.value ->> 0 AS bigint) ORDER BY k.block_id"
)
_FIRST_LABELS = Statement(
    "SELECT place, min(received_at) AS received_at FROM ("
    "SELECT CAST(j.value ->> 0 AS bigint) AS place, l.block_id, l.block_row, l.received_at "
    "FROM {rows} j CROSS JOIN labels l WHERE l.block_id = CAST(j.value ->> 1 AS bigint) "
    "AND l.block_row >= CAST(j.value ->> 2 AS bigint) AND l.block_row < CAST(j.value ->> 3 AS bigint) LIMIT :most"
    ") e GROUP BY place, block_id, block_row"
)
