"""What the log knows of a model: its id, task, classes and column layouts; append-only, so safe to remember."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import orjson
import pyarrow as pa
from sqlalchemy import Connection, CursorResult, insert, select

from driftboard.data import tables
from driftboard.data.model_key import ModelKey
from driftboard.data.times import to_micros
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

    def forget(self) -> None:
        """Drop everything: what a transaction added may have been rolled back."""
        self.models.clear()
        self.schemas.clear()
        self.classes.clear()
        self.types.clear()


def find_model(connection: Connection, key: ModelKey) -> Model | None:
    """Return the model of that key, or None."""
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
    """Insert a model that is not there yet."""
    at = to_micros(now or datetime.now(UTC))
    values = {"name": key.name, "version": key.version, "environment": key.environment, "task": task, "created_at": at}
    result = connection.execute(insert(tables.models).values(values))
    return Model(new_key(result), key, task)


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
    return tuple(orjson.loads(text) for text in class_codes(connection, model_id))


def add_classes(
    connection: Connection, model_id: int, values: list[ClassValue], catalog: Catalog | None = None
) -> dict[str, int]:
    """Make sure each of `values` has a code; return class (as JSON text) to code."""
    codes = class_codes(connection, model_id, catalog)
    new = [text for value in values if (text := orjson.dumps(value).decode()) not in codes]
    for text in dict.fromkeys(new):
        connection.execute(insert(tables.classes).values(model_id=model_id, code=len(codes), value=text))
        codes[text] = len(codes)
    return codes


def schema_id(connection: Connection, model_id: int, schema: pa.Schema, catalog: Catalog | None = None) -> int:
    """Return the id under which the log keeps this layout of columns, adding it when it is new."""
    payload = schema.serialize().to_pybytes()
    if catalog is not None and (model_id, payload) in catalog.schemas:
        return catalog.schemas[model_id, payload]
    t = tables.feature_schemas
    found = connection.execute(
        select(t.c.schema_id).where(t.c.model_id == model_id, t.c.payload == payload)
    ).scalar_one_or_none()
    if found is None:
        found = new_key(connection.execute(insert(t).values(model_id=model_id, payload=payload)))
    if catalog is not None:
        catalog.schemas[model_id, payload] = found
    return int(found)


def new_key(result: CursorResult[Any]) -> int:
    """Return the primary key of the row an INSERT made."""
    key = result.inserted_primary_key
    if key is None:
        raise StoreError("the database gave no key for a new row")
    return int(key[0])
