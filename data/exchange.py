"""Export to Parquet, one row a prediction, batch by batch; `export_columns` says in which columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet
from sqlalchemy import Connection

from driftboard.data.catalog import Model
from driftboard.data.export_columns import export_columns, export_schema, fitted
from driftboard.data.new_file import new_file, put_in_place
from driftboard.data.reading import BatchInfo, list_batches, read_batch
from driftboard.data.store import Store
from driftboard.errors import PurgedBatch


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written; batches `without_rows` were empty, or purged."""

    files: tuple[Path, ...]
    batches: int
    predictions: int
    without_rows: int


def export_parquet(
    store: Store,
    model: Model,
    target: Path,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    as_of: datetime | None = None,
    force: bool = False,
) -> Exported:
    """Write the predictions of a model; one batch is in memory at a time.

    Parameters
    ----------
    target
        A file, if its name ends with `.parquet`; else a folder, which gets a file for each batch.
    since, until
        Batches whose first prediction is in [since, until).
    as_of
        Labels as they were known then; by default as they are known now.
    force
        Replace files that are there.

    Raises
    ------
    StoreError
        A file exists or cannot be written, or a block is damaged; a file is there as a whole or not at all.
    """
    with store.read() as connection:
        batches = [
            each for each in list_batches(connection, model, since=since) if until is None or each.first_at < until
        ]
        if target.suffix == ".parquet":
            groups = {target: batches}
        else:
            groups = {target / f"{_file_name(each)}.parquet": [each] for each in batches}
        written, rows = 0, 0
        for file, group in groups.items():
            n_batches, n_rows = _write_file(connection, model, file, group, as_of=as_of, force=force)
            written, rows = written + n_batches, rows + n_rows
    files = tuple(file for file in groups if file.exists())
    return Exported(files, written, rows, len(batches) - written)


def rows_to_export(
    connection: Connection, model: Model, batches: Sequence[BatchInfo], *, as_of: datetime | None = None
) -> Iterator[pa.Table]:
    """Yield the rows of each batch that has not been purged, one batch at a time, in the columns of an export."""
    for batch in batches:
        try:
            rows = read_batch(connection, model, batch, as_of=as_of)
        except PurgedBatch:
            continue
        if len(rows):
            yield export_columns(connection, batch, rows, as_of=as_of)


def _write_file(
    connection: Connection, model: Model, file: Path, batches: list[BatchInfo], *, as_of: datetime | None, force: bool
) -> tuple[int, int]:
    schema = export_schema(connection, model, batches)
    n_batches = n_rows = 0
    with new_file(file, force=force) as partial:
        with parquet.ParquetWriter(partial, schema, compression="zstd") as writer:
            for table in rows_to_export(connection, model, batches, as_of=as_of):
                writer.write_table(fitted(table, schema))
                n_batches, n_rows = n_batches + 1, n_rows + len(table)
        if n_batches:
            put_in_place(partial, file)
    return n_batches, n_rows


def _file_name(batch: BatchInfo) -> str:
    """The batch's id as far as a file name can hold it, and its key, so that no two are the same."""
    plain = "".join(each if each.isalnum() or each in "-_." else "_" for each in batch.batch_id[:80]).lstrip(".")
    return f"{plain or 'batch'}-{batch.batch_key}"
