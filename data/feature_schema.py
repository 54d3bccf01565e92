"""The feature schema of a model: kinds declared or learnt from its reference, and what departed from them.

Features are told apart by name, never by position. A departure is an event with the batch it was first seen in and the
share of rows that had the feature there. Only a layout of columns that was not compared before costs anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import pyarrow as pa
from sqlalchemy import Connection, insert, select

from driftboard.data import block, tables
from driftboard.data.catalog import Catalog, Model
from driftboard.data.columns import LoggedRows
from driftboard.data.times import from_micros, to_micros
from driftboard.errors import StoreError

Change = Literal["new", "missing", "retyped"]
KINDS = ("number", "boolean", "text")
MAX_EVENTS = 1_000
"""Events recorded of one model: a client that makes up names cannot fill the disk with them."""

_DECLARED = "declared"


@dataclass(frozen=True, slots=True)
class SchemaEvent:
    """A feature that is not as expected.

    Attributes
    ----------
    change
        `new`: not in the schema; `missing`: only there; `retyped`: of another kind.
    expected, found
        `number`, `boolean` or `text`; empty where the feature is not.
    coverage
        Share of the rows that had a value, in the write it was first seen in.
    """

    feature: str
    change: Change
    expected: str
    found: str
    batch_id: str
    coverage: float
    seen_at: datetime


def kind_of(column: pa.DataType) -> str:
    """Return `number`, `boolean` or `text`; empty for a column without any value, which is of no kind."""
    if pa.types.is_integer(column) or pa.types.is_floating(column):
        return "number"
    if pa.types.is_boolean(column):
        return "boolean"
    return "" if pa.types.is_null(column) else "text"


def compare(expected: Mapping[str, str], found: Mapping[str, str]) -> tuple[tuple[str, Change, str, str], ...]:
    """Return (feature, change, expected kind, found kind) of each feature that differs, in order of name.

    >>> compare({"age": "number", "plan": "text"}, {"age": "text", "tier": "text"})
    (('age', 'retyped', 'number', 'text'), ('plan', 'missing', 'text', ''), ('tier', 'new', '', 'text'))
    """
    events: list[tuple[str, Change, str, str]] = []
    for name in sorted(expected.keys() | found.keys()):
        before, now = expected.get(name), found.get(name)
        if before is None:
            events.append((name, "new", "", now or ""))
        elif now is None:
            events.append((name, "missing", before, ""))
        elif before and now and before != now:
            events.append((name, "retyped", before, now))
    return tuple(events)


def feature_coverage(rows: LoggedRows) -> dict[str, float]:
    """Return feature name to the share of rows that have a value; empty for a batch of no rows."""
    return {name: 1 - column.null_count / len(rows) for name, column in rows.features.items()} if len(rows) else {}


def declare_features(connection: Connection, model: Model, kinds: Mapping[str, str], *, now: datetime) -> None:
    """State the kinds of a model's features; a declaration stands above the reference, a later one above an earlier.

    Raises
    ------
    StoreError
        A kind is none of `number`, `boolean`, `text`.
    """
    for name, kind in kinds.items():
        if kind not in KINDS:
            raise StoreError(f"feature {name!r} is declared as {kind!r}: write {', '.join(KINDS)}")
    rows = [_row(model.model_id, None, name, _DECLARED, "", kind, 1.0, to_micros(now)) for name, kind in kinds.items()]
    if rows:
        connection.execute(insert(tables.schema_events), rows)


def record_schema(
    connection: Connection,
    catalog: Catalog,
    *,
    model_id: int,
    batch_key: int,
    schema_id: int,
    columns: pa.RecordBatch,
    known: Mapping[str, pa.DataType],
    received_at: int,
) -> None:
    """Record what a write's layout of columns has changed in the schema; nothing when the layout was compared before.

    Parameters
    ----------
    connection, catalog
        Of the transaction that stores the rows.
    schema_id
        The layout; compared once, and again when `known` is another object: a new reference.
    columns
        The rows, as they go into the block.
    known
        Feature name to its type in the reference (`references.reference_types`); empty without one.
    """
    if len(columns) == 0 or catalog.compared.get(schema_id) is known:
        return
    catalog.compared[schema_id] = known
    expected = _expected(connection, model_id, known)
    if not expected:
        return
    features = {name.removeprefix(block.FEATURE) for name in columns.schema.names if name.startswith(block.FEATURE)}
    found = {name: kind_of(columns.schema.field(block.FEATURE + name).type) for name in features}
    recorded = _recorded(connection, model_id)
    rows = []
    for name, change, before, now in compare(expected, found):
        if (_storable(name), change, before, now) not in recorded:
            share = 1 - columns[block.FEATURE + name].null_count / len(columns) if name in found else 0.0
            rows.append(_row(model_id, batch_key, name, change, before, now, share, received_at))
    del rows[max(0, MAX_EVENTS - len(recorded)) :]
    if rows:
        connection.execute(insert(tables.schema_events), rows)


def schema_events(connection: Connection, model: Model, *, since: datetime | None = None) -> tuple[SchemaEvent, ...]:
    """Return the events of a model in the order they were first seen."""
    t, b = tables.schema_events, tables.batches
    query = select(t, b.c.batch_id).join(b).where(t.c.model_id == model.model_id).order_by(t.c.event_id)
    if since is not None:
        query = query.where(t.c.seen_at >= to_micros(since))
    found: dict[tuple[str, str, str, str], SchemaEvent] = {}
    for row in connection.execute(query):  # two processes may have recorded the same event: the first one counts
        event = SchemaEvent(
            row.feature, row.change, row.expected, row.found, row.batch_id, row.coverage, from_micros(row.seen_at)
        )
        found.setdefault((row.feature, row.change, row.expected, row.found), event)
    return tuple(found.values())


def _expected(connection: Connection, model_id: int, known: Mapping[str, pa.DataType]) -> dict[str, str]:
    t = tables.schema_events
    declared = connection.execute(
        select(t.c.feature, t.c.found).where(t.c.model_id == model_id, t.c.change == _DECLARED).order_by(t.c.event_id)
    )
    return {name: kind_of(kind) for name, kind in known.items()} | {row.feature: row.found for row in declared}


def _recorded(connection: Connection, model_id: int) -> set[tuple[str, str, str, str]]:
    t = tables.schema_events
    query = select(t.c.feature, t.c.change, t.c.expected, t.c.found).where(t.c.model_id == model_id)
    return {(row.feature, row.change, row.expected, row.found) for row in connection.execute(query)}


def _row(
    model_id: int, batch_key: int | None, name: str, change: str, before: str, now: str, share: float, at: int
) -> dict[str, object]:
    return {
        "model_id": model_id,
        "batch_key": batch_key,
        "feature": _storable(name),
        "change": change,
        "expected": before,
        "found": now,
        "coverage": share,
        "seen_at": at,
    }


def _storable(name: str) -> str:
    return name.replace("\0", "\\x00")
