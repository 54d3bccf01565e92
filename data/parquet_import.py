"""Import of what `export_parquet` wrote, into this log or another; a second time changes nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
from pyarrow import parquet
from sqlalchemy import Connection, insert, select, update

from driftboard.data import tables
from driftboard.data.backend import hold_model
from driftboard.data.batch import PredictionBatch
from driftboard.data.catalog import ClassValue, add_classes, get_model
from driftboard.data.export_columns import FEATURE, FORMAT, METADATA, SEGMENT, class_column, score_name
from driftboard.data.model_key import ModelKey
from driftboard.data.places import places_of
from driftboard.data.predictions import log_predictions
from driftboard.data.privacy import Privacy
from driftboard.data.references import register_model
from driftboard.data.rows import code_labels
from driftboard.data.store import Store
from driftboard.data.times import from_micros, to_micros
from driftboard.errors import BadBatch

_ROWS_AT_ONCE = 20_000
_SOURCE = "import"


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the rows of a file."""

    accepted: int = 0
    duplicates: int = 0
    conflicts: int = 0
    quarantined: int = 0
    labels: int = 0

    def __add__(self, other: "Imported") -> "Imported":
        return Imported(
            self.accepted + other.accepted,
            self.duplicates + other.duplicates,
            self.conflicts + other.conflicts,
            self.quarantined + other.quarantined,
            self.labels + other.labels,
        )


def import_parquet(
    store: Store, key: ModelKey, file: Path, *, now: datetime | None = None, privacy: Privacy | None = None
) -> Imported:
    """Log the predictions and labels of an exported file as a model's; the model is registered if it is new.

    Rows that are there already are left alone; labels keep the time they were observed at. A file is read piece by
    piece, each piece of a batch is one transaction: an import that was cut short is taken up by running it again.

    Raises
    ------
    BadBatch
        The file cannot be read, or no export wrote it.
    """
    received = now or datetime.now(UTC)
    try:
        source = parquet.ParquetFile(file)
    except (OSError, pa.ArrowException) as error:
        raise BadBatch(f"cannot read {file}: {str(error).splitlines()[0]}") from None
    with source:
        about = _about(source.schema_arrow, file)
        register_model(store, key, task=about["task"])
        classes = [orjson.loads(each) for each in about["classes"]]
        total = Imported()
        for batch_id, rows in _pieces(source, file):
            total += _import_rows(store, key, batch_id, rows, classes, received, privacy)
    return total


def _about(schema: pa.Schema, file: Path) -> Any:
    found = orjson.loads((schema.metadata or {}).get(METADATA, b"null"))
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BadBatch(f"{file} is no export of driftboard: log it with `driftboard log`")
    return found


def _pieces(source: parquet.ParquetFile, file: Path) -> Iterator[tuple[str, pa.Table]]:
    """Yield (batch id, consecutive rows of that batch)."""
    try:
        for piece in source.iter_batches(batch_size=_ROWS_AT_ONCE):
            start = 0
            for batch_id, same in groupby(piece["batch_id"].to_pylist()):
                n = len(list(same))
                yield batch_id, pa.Table.from_batches([piece.slice(start, n)])
                start += n
    except (OSError, pa.ArrowException) as error:
        raise BadBatch(f"cannot read {file}: {str(error).splitlines()[0]}") from None


def _import_rows(
    store: Store,
    key: ModelKey,
    batch_id: str,
    rows: pa.Table,
    classes: Sequence[ClassValue],
    now: datetime,
    privacy: Privacy | None,
) -> Imported:
    batch = _as_batch(key, batch_id, rows, classes)
    result = log_predictions(store, batch, now=now, privacy=privacy)
    n_labels = _import_labels(store, key, rows, classes, now)
    bad = len(result.quarantined or {})
    return Imported(result.accepted, result.duplicates, len(result.conflicts), bad, n_labels)


def _as_batch(key: ModelKey, batch_id: str, rows: pa.Table, classes: Sequence[ClassValue]) -> PredictionBatch:
    scored = {each: score_name(each) for each in classes if score_name(each) in rows.column_names}
    given = {each: name for each, name in scored.items() if rows[name].null_count < len(rows)}
    columns = {name: rows[name].to_pylist() for name in ("confidence", "latency") if _has(rows, name)}
    return PredictionBatch(
        model=key,
        batch_id=batch_id,
        features=_named(rows, FEATURE),
        predicted=_classes(rows["predicted"], classes),
        scores=np.column_stack([rows[name].to_numpy() for name in given.values()]) if given else None,
        classes=tuple(given) or None,
        prediction_ids=rows["prediction_id"].to_pylist(),
        predicted_at=[from_micros(each) for each in rows["predicted_at"].cast(pa.int64()).to_pylist()],
        errors=rows["error"].to_pylist() if _has(rows, "error") else None,
        segments=_named(rows, SEGMENT),
        **columns,
    )


def _named(rows: pa.Table, prefix: str) -> dict[str, list[Any]]:
    """The columns of that prefix that have a value: one that has none was another batch's."""
    names = [name for name in rows.column_names if name.startswith(prefix) and _has(rows, name)]
    return {name.removeprefix(prefix): rows[name].to_pylist() for name in names}


def _has(rows: pa.Table, name: str) -> bool:
    return name in rows.column_names and rows[name].null_count < len(rows)


def _classes(column: pa.ChunkedArray, classes: Sequence[ClassValue]) -> list[Any]:
    """The classes themselves, where the column holds their JSON text."""
    values: list[Any] = column.to_pylist()
    if len({type(each) for each in classes}) <= 1:
        return values
    back = dict(zip(class_column(classes), classes, strict=True))
    return [None if each is None else back[each] for each in values]


def _import_labels(store: Store, key: ModelKey, rows: pa.Table, classes: Sequence[ClassValue], now: datetime) -> int:
    """Add each label as an event of its own time, unless it is an event already."""
    labelled = rows.filter(rows["label"].is_valid())
    if len(labelled) == 0:
        return 0
    with store.write() as connection:
        model = get_model(connection, key, store.catalog)
        hold_model(connection, model.model_id)
        values, _ = code_labels(
            _classes(labelled["label"], classes),
            task=model.task,
            code_classes=lambda new: add_classes(connection, model.model_id, new, store.catalog),
        )
        observed = labelled["label_observed_at"].cast(pa.int64()).to_pylist()
        places = places_of(connection, model.model_id, labelled["prediction_id"].to_pylist())
        wanted = {
            (*places[each], value, at)
            for each, value, at in zip(labelled["prediction_id"].to_pylist(), values.tolist(), observed, strict=True)
            if each in places
        }
        return _add_events(connection, wanted, to_micros(now))


def _add_events(connection: Connection, wanted: set[tuple[int, int, float, int]], received_at: int) -> int:
    e = tables.labels
    added = 0
    for block_id in sorted({event[0] for event in wanted}):
        stored = connection.execute(select(e).where(e.c.block_id == block_id)).all()
        there = {(row.block_id, row.block_row, row.value, row.observed_at) for row in stored}
        labelled = {row.block_row for row in stored}
        new = sorted(event for event in wanted - there if event[0] == block_id)
        names = ("block_id", "block_row", "value", "observed_at", "received_at", "source")
        if new:
            connection.execute(
                insert(e), [dict(zip(names, (*event, received_at, _SOURCE), strict=True)) for event in new]
            )
            _count(connection, block_id, len({event[1] for event in new} - labelled))
        added += len(new)
    return added


def _count(connection: Connection, block_id: int, newly_labelled: int) -> None:
    b, k = tables.batches, tables.blocks
    batch_key = select(k.c.batch_key).where(k.c.block_id == block_id).scalar_subquery()
    more = {"n_labels": b.c.n_labels + newly_labelled, "changes": b.c.changes + 1}
    connection.execute(update(b).where(b.c.batch_key == batch_key).values(more))
