"""What the log knows of a model: its id, task, classes and column layouts; append-only, so safe to remember.

Whoever adds to it holds the model (`backend.hold_model`), and looks again before adding: another process may have.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import orjson
import pyarrow as pa
from sqlalchemy import Connection, CursorResult, insert, select, text

from driftboard.data import tables
from driftboard.data.model_key import ModelKey
from driftboard.data.times import to_micros
from driftboard.data.values import MAX_NAME
from driftboard.errors import StoreError, UnknownModel

Task = Literal["classification", "regression"]
ClassValue = str | int | bool


@dataclass(frozen=True, slots=True)
class Model:
    """A registered model."""

    model_id: int
    key: ModelKey
    task: Task


@dataclass(slots=True)
class Catalog:
    """What has been read and committed so far; filled on demand, forgotten when a transaction fails."""

    models: dict[ModelKey, Model] = field(default_factory=dict)
    schemas: dict[tuple[int, bytes], int] = field(default_factory=dict)
    classes: dict[int, dict[str, int]] = field(default_factory=dict)
    types: dict[int, dict[str, pa.DataType]] = field(default_factory=dict)
    compared: dict[int, Mapping[str, pa.DataType]] = field(default_factory=dict)  # layouts, with which reference

    def forget(self) -> None:
        """Drop everything: what a transaction added may have been rolled back."""
        self.models.clear()
        self.schemas.clear()
        self.classes.clear()
        self.types.clear()
        self.compared.clear()


def find_model(connection: Connection, key: ModelKey) -> Model | None:
    """Return the model of that key, or None."""
    if not key.is_storable:
        return None
    t = tables.models
    row = connection.execute(
        select(t.c.model_id, t.c.task).where(
            t.c.name == key.name, t.c.version == key.version, t.c.environment == key.environment
        )
    ).one_or_none()
    return None if row is None else Model(row.model_id, key, row.task)


def get_model(connection: Connection, key: ModelKey, catalog: Catalog | None = None) -> Model:
    """Return the model of that key.

    Raises
    ------
    UnknownModel
        None is registered; the message lists those that are.
    """
    if catalog is not None and key in catalog.models:
        return catalog.models[key]
    model = find_model(connection, key)
    if model is None:
        known = ", ".join(str(each.key) for each in list_models(connection)) or "none yet"
        raise UnknownModel(f"no model {key} in the log (known: {known}); register it with `driftboard init`")
    if catalog is not None:
        catalog.models[key] = model
    return model


def list_models(connection: Connection) -> tuple[Model, ...]:
    """Return every registered model, in order of name, version and environment."""
    t = tables.models
    rows = connection.execute(select(t).order_by(t.c.name, t.c.version, t.c.environment))
    return tuple(Model(row.model_id, ModelKey(row.name, row.version, row.environment), row.task) for row in rows)


def add_model(connection: Connection, key: ModelKey, task: Task, *, now: datetime | None = None) -> Model:
    """Insert a model, unless another process was faster; return it as it is now.

    Raises
    ------
    UnknownModel
        The key is no text that a database can hold.
    """
    if not key.is_storable:
        raise UnknownModel(f"{str(key)[:80]!r} names no model: each part is text of at most {MAX_NAME} bytes")
    at = to_micros(now or datetime.now(UTC))
    values = {"name": key.name, "version": key.version, "environment": key.environment, "task": task, "at": at}
    connection.execute(_ADD_MODEL, values)
    return get_model(connection, key)


def class_codes(connection: Connection, model_id: int, catalog: Catalog | None = None) -> dict[str, int]:
    """Return class (as JSON text) to code, in order of code."""
    if catalog is not None and model_id in catalog.classes:
        return catalog.classes[model_id]
    t = tables.classes
    rows = connection.execute(select(t.c.value, t.c.code).where(t.c.model_id == model_id).order_by(t.c.code))
    codes = {row.value: row.code for row in rows}
    if catalog is not None:
        catalog.classes[model_id] = codes
    return codes


def class_values(connection: Connection, model_id: int) -> tuple[ClassValue, ...]:
    """Return the classes of a model; a class code is a position in this tuple."""
    return tuple(orjson.loads(each) for each in class_codes(connection, model_id))


def add_classes(
    connection: Connection, model_id: int, values: list[ClassValue], catalog: Catalog | None = None
) -> dict[str, int]:
    """Make sure each of `values` has a code; return class (as JSON text) to code."""
    wanted = dict.fromkeys(orjson.dumps(value).decode() for value in values)
    codes = class_codes(connection, model_id, catalog)
    if wanted.keys() <= codes.keys():
        return codes
    codes |= class_codes(connection, model_id)  # another process may have added some
    for value in [each for each in wanted if each not in codes]:
        connection.execute(insert(tables.classes).values(model_id=model_id, code=len(codes), value=value))
        codes[value] = len(codes)
    return codes


def schema_id(connection: Connection, model_id: int, schema: pa.Schema, catalog: Catalog | None = None) -> int:
    """Return the id under which the log keeps this layout of columns, adding it when it is new."""
    payload = schema.serialize().to_pybytes()
    if catalog is not None and (model_id, payload) in catalog.schemas:
        return catalog.schemas[model_id, payload]
    t = tables.feature_schemas
    digest = hashlib.sha256(payload).hexdigest()
    found = connection.execute(
        select(t.c.schema_id).where(t.c.model_id == model_id, t.c.digest == digest)
    ).scalar_one_or_none()
    if found is None:
        found = new_key(connection.execute(insert(t).values(model_id=model_id, digest=digest, payload=payload)))
    if catalog is not None:
        catalog.schemas[model_id, payload] = found
    return int(found)


def new_key(result: CursorResult[Any]) -> int:
    """Return the primary key of the row an INSERT made."""
    key = result.inserted_primary_key
    if key is None:
        raise StoreError("the database gave no key for a new row")
    return int(key[0])


_ADD_MODEL = text(
    "INSERT INTO models (name, version, environment, task, created_at) "
    "VALUES (:name, :version, :environment, :task, :at) ON CONFLICT DO NOTHING"
)
