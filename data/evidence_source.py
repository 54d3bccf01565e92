"""What an evidence file quotes of the log: reports by their id, references, and digests of rows and labels."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, func, select

from driftboard.data import block, tables
from driftboard.data.catalog import Model, class_values
from driftboard.data.columns import LoggedRows
from driftboard.data.reading import BatchInfo
from driftboard.data.references import Reference
from driftboard.data.times import from_micros
from driftboard.errors import StoreError

_r, _k, _l = tables.monitor_reports.c, tables.blocks.c, tables.labels.c


@dataclass(frozen=True, slots=True)
class QuotedReport:
    """One revision of a report; `digest` is SHA-256 of verdict and payload."""

    report_id: int
    revision: int
    reference_id: int
    verdict: str
    payload: str
    created_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class QuotedReference:
    """A reference without its rows; `digest` is SHA-256 of its columns and labels."""

    reference_id: int
    promoted_at: datetime
    n_rows: int
    checksum: int
    digest: str


@dataclass(frozen=True, slots=True)
class QuotedRows:
    """What a batch's rows and labels were.

    Attributes
    ----------
    newest_block, n_rows
        Id of the newest block, 0 without one, and the rows of all up to it; none when the batch was purged.
    blocks
        SHA-256 over number, rows, checksum and bytes of each of them.
    newest_label, labels
        Id of the newest label event, 0 without one, and SHA-256 over all up to it.
    """

    newest_block: int
    n_rows: int
    blocks: str
    newest_label: int
    labels: str


def quote_report(connection: Connection, batch: BatchInfo, monitor: str) -> QuotedReport | None:
    """Return the newest revision of a monitor's report on a batch; None without one."""
    query = select(_r.report_id).where(_r.batch_key == batch.batch_key, _r.monitor == monitor)
    newest = connection.execute(query.order_by(_r.revision.desc()).limit(1)).scalar_one_or_none()
    return None if newest is None else quoted_report(connection, newest)


def quoted_report(connection: Connection, report_id: int) -> QuotedReport | None:
    """Return the report of that id; None when it is gone."""
    row = connection.execute(select(tables.monitor_reports).where(_r.report_id == report_id)).one_or_none()
    if row is None:
        return None
    digest = hashlib.sha256(f"{row.verdict}\n{row.payload}".encode()).hexdigest()
    at = from_micros(row.created_at)
    return QuotedReport(row.report_id, row.revision, row.reference_id, row.verdict, row.payload, at, digest)


def quote_reference(connection: Connection, reference_id: int) -> QuotedReference | None:
    """Return what a reference is; None when there is none of this id."""
    r = tables.references
    row = connection.execute(select(r).where(r.c.reference_id == reference_id)).one_or_none()
    if row is None:
        return None
    digest = hashlib.sha256(row.payload + row.labels).hexdigest()
    return QuotedReference(row.reference_id, from_micros(row.promoted_at), row.n_rows, row.checksum, digest)


def read_reference(connection: Connection, model: Model, reference_id: int) -> Reference:
    """Return a reference with its rows, whether it is still in force or not.

    Raises
    ------
    StoreError
        The model has none of this id, or it is not as it was written.
    """
    r, s = tables.references, tables.feature_schemas
    query = select(r, s.c.payload.label("layout")).join(s, s.c.schema_id == r.c.schema_id)
    mine = (r.c.reference_id == reference_id, r.c.model_id == model.model_id)
    row = connection.execute(query.where(*mine)).one_or_none()
    if row is None:
        raise StoreError(f"model {model.key} has no reference {reference_id}: restore the backup that has it")
    columns = block.decode(row.payload, row.checksum, row.layout, name=f"reference {reference_id}")
    labels = np.frombuffer(row.labels, dtype=np.float64)
    classes = class_values(connection, model.model_id)
    return Reference(reference_id, LoggedRows(pa.Table.from_batches([columns]), labels, model.task, classes))


def quote_rows(connection: Connection, batch_key: int, *, as_of: QuotedRows | None = None) -> QuotedRows:
    """Return what the rows and labels of a batch are.

    Parameters
    ----------
    as_of
        Leave out the blocks and label events that came after these.
    """
    blocks, newest, n_rows = hashlib.sha256(), 0, 0
    query = select(_k.block_id, _k.n_rows, _k.checksum, _k.payload).where(_k.batch_key == batch_key)
    if as_of is not None:
        query = query.where(_k.block_id <= as_of.newest_block)
    for row in connection.execute(query.order_by(_k.block_id)):
        blocks.update(f"{row.block_id} {row.n_rows} {row.checksum}\n".encode())
        blocks.update(row.payload)
        newest, n_rows = int(row.block_id), n_rows + row.n_rows
    newest_label, labels = _quote_labels(connection, batch_key, None if as_of is None else as_of.newest_label)
    return QuotedRows(newest, n_rows, blocks.hexdigest(), newest_label, labels)


def checksums_of(connection: Connection, batch_key: int) -> tuple[int, str]:
    """Return how many rows a batch has, and the digest of its blocks' checksums, without reading the blocks."""
    digest, n_rows = hashlib.sha256(), 0
    query = select(_k.block_id, _k.n_rows, _k.checksum).where(_k.batch_key == batch_key).order_by(_k.block_id)
    for row in connection.execute(query):
        digest.update(f"{row.block_id} {row.n_rows} {row.checksum}\n".encode())
        n_rows += row.n_rows
    return n_rows, digest.hexdigest()


def stored_rows(connection: Connection, batch_key: int) -> int:
    """Return how many rows of a batch are in the log."""
    query = select(func.coalesce(func.sum(_k.n_rows), 0)).where(_k.batch_key == batch_key)
    return int(connection.execute(query).scalar_one())


def _quote_labels(connection: Connection, batch_key: int, until: int | None) -> tuple[int, str]:
    columns = (_l.event_id, _l.block_id, _l.block_row, _l.value, _l.observed_at, _l.received_at, _l.source)
    query = select(*columns).join(tables.blocks).where(_k.batch_key == batch_key).order_by(_l.event_id)
    if until is not None:
        query = query.where(_l.event_id <= until)
    digest, newest = hashlib.sha256(), 0
    for row in connection.execute(query):
        digest.update(f"{tuple(row)!r}\n".encode())
        newest = int(row.event_id)
    return newest, digest.hexdigest()
