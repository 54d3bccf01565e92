"""Reading everything back: every block, reference and profile against its checksum, every place against its block."""

import zlib
from collections.abc import Callable, Iterator
from functools import partial

from sqlalchemy import Connection, func, select

from driftboard.data import block, tables
from driftboard.data.places import places_of

_IDS_AT_ONCE = 10_000
_PROFILES_AT_ONCE = 100


def damaged_blocks(connection: Connection) -> Iterator[str]:
    """Yield one line on each block that is not as it was written: which batch of which model, and why.

    One block is in memory at a time.
    """
    k, b, m = tables.blocks, tables.batches, tables.models
    query = (
        select(k.c.block_id, k.c.n_rows, b.c.batch_id, m.c.model_id, m.c.name, m.c.version, m.c.environment)
        .join(b, b.c.batch_key == k.c.batch_key)
        .join(m, m.c.model_id == b.c.model_id)
        .order_by(k.c.block_id)
    )
    for row in connection.execute(query).all():
        name = f"batch {row.batch_id!r} of {row.name}:{row.version}@{row.environment}, block {row.block_id}"
        yield from _found(name, partial(_check_block, connection, row.model_id, row.block_id, row.n_rows))


def damaged_references(connection: Connection) -> Iterator[str]:
    """Yield one line on each reference that is not as it was written."""
    r, m = tables.references, tables.models
    query = select(r.c.reference_id, r.c.n_rows, m.c.name, m.c.version, m.c.environment).join(m)
    for row in connection.execute(query.order_by(r.c.reference_id)).all():
        name = f"reference {row.reference_id} of {row.name}:{row.version}@{row.environment}"
        yield from _found(name, partial(_check_reference, connection, row.reference_id, row.n_rows))


def damaged_profiles(connection: Connection) -> Iterator[str]:
    """Yield one line on each profile that is not as it was written; the worker counts such a batch again."""
    p, b, m = tables.profiles, tables.batches, tables.models
    query = select(p.c.payload, p.c.checksum, b.c.batch_id, m.c.name, m.c.version, m.c.environment)
    query = query.join(b, b.c.batch_key == p.c.batch_key).join(m, m.c.model_id == b.c.model_id)
    for row in connection.execute(query.order_by(p.c.batch_key)).yield_per(_PROFILES_AT_ONCE):
        if zlib.crc32(row.payload) != row.checksum:
            name = f"profile of batch {row.batch_id!r} of {row.name}:{row.version}@{row.environment}"
            yield f"{name}: its checksum does not match"


def wrong_counts(connection: Connection) -> Iterator[str]:
    """Yield one line on each batch that has more rows than it counts, or blocks that no batch owns.

    Fewer rows than it counts is what a purge leaves.
    """
    k, b = tables.blocks, tables.batches
    rows = select(k.c.batch_key, func.sum(k.c.n_rows).label("n")).group_by(k.c.batch_key).subquery()
    query = select(rows.c.batch_key, rows.c.n, b.c.batch_id, b.c.n_predictions).outerjoin(
        b, b.c.batch_key == rows.c.batch_key
    )
    for row in connection.execute(query.where((b.c.batch_key.is_(None)) | (rows.c.n > b.c.n_predictions))):
        yield f"batch {row.batch_id or row.batch_key!r} has {row.n} rows and counts {row.n_predictions}"


def _found(name: str, check: Callable[[], str | None]) -> Iterator[str]:
    try:
        problem = check()
    except Exception as error:  # noqa: BLE001 - damage may read as anything
        problem = " ".join(str(getattr(error, "orig", error)).split()) or type(error).__name__
    if problem is not None:
        yield f"{name}: {problem}"


def _check_block(connection: Connection, model_id: int, block_id: int, n_rows: int) -> str | None:
    k, s = tables.blocks, tables.feature_schemas
    row = connection.execute(
        select(k.c.payload, k.c.checksum, s.c.payload.label("layout"))
        .outerjoin(s, s.c.schema_id == k.c.schema_id)
        .where(k.c.block_id == block_id)
    ).one_or_none()
    if row is None or row.layout is None:
        return "its columns' layout is missing"
    columns = block.decode(row.payload, row.checksum, row.layout, name="the block")
    columns.validate(full=True)
    if len(columns) != n_rows:
        return f"it has {len(columns)} rows instead of {n_rows}"
    return _misplaced(connection, model_id, block_id, block.id_list(columns["prediction_id"]))


def _misplaced(connection: Connection, model_id: int, block_id: int, ids: list[str]) -> str | None:
    """Labels find their prediction through its place: a wrong one would label another row."""
    for start in range(0, len(ids), _IDS_AT_ONCE):
        some = ids[start : start + _IDS_AT_ONCE]
        found = places_of(connection, model_id, some)
        wrong = [each for row, each in enumerate(some, start) if found.get(each) != (block_id, row)]
        if wrong:
            return f"{len(wrong)} of its predictions are not found by their id"
    return None


def _check_reference(connection: Connection, reference_id: int, n_rows: int) -> str | None:
    r, s = tables.references, tables.feature_schemas
    row = connection.execute(
        select(r.c.payload, r.c.checksum, r.c.labels, s.c.payload.label("layout"))
        .outerjoin(s, s.c.schema_id == r.c.schema_id)
        .where(r.c.reference_id == reference_id)
    ).one_or_none()
    if row is None or row.layout is None:
        return "its columns' layout is missing"
    columns = block.decode(row.payload, row.checksum, row.layout, name="the reference")
    columns.validate(full=True)
    same = len(columns) == n_rows and len(row.labels) == 8 * n_rows
    return None if same else "it has another number of rows than it was promoted with"
