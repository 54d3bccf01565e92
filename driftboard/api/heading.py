"""The heading of a request: what it says of all its rows."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from driftboard.api.refusal import Refusal
from driftboard.data.catalog import ClassValue, Task
from driftboard.data.model_key import ModelKey
from driftboard.data.values import MAX_NAME

_FIELDS = ("model", "version", "environment", "task", "batch_id", "classes", "predictions", "prediction")
_TASKS = ("classification", "regression")


@dataclass(frozen=True, slots=True)
class Heading:
    """What all rows of a request have in common.

    Attributes
    ----------
    task
        None: that of the model, or classification for a model that is not known yet.
    batch_id
        Of the rows that name none; None: they belong to the batch of their time.
    classes
        What scores given as a list are for, in that order.
    """

    model: ModelKey
    task: Task | None = None
    batch_id: str | int | None = None
    classes: tuple[ClassValue, ...] | None = None


def read_heading(body: Any) -> Heading:
    """Return what the body of POST /v1/predictions says of all its rows.

    Raises
    ------
    Refusal
        422: a field is missing, unknown or impossible.
    """
    known_fields(body, _FIELDS)
    task = body.get("task")
    if task is not None and task not in _TASKS:
        raise _impossible("task", f"write {' or '.join(_TASKS)}")
    batch_id = body.get("batch_id")
    if not is_name(batch_id) and batch_id is not None:
        raise _impossible("batch_id", f"write a text of at most {MAX_NAME} bytes, or an integer")
    return Heading(read_model(body), cast("Task | None", task), batch_id, _classes(body.get("classes")))


def read_model(body: Mapping[str, Any]) -> ModelKey:
    """Return the model that `model`, `version` and `environment` name.

    Raises
    ------
    Refusal
        422: they name none.
    """
    name, version, environment = (body.get(each) for each in ("model", "version", "environment"))
    if not isinstance(name, str) or not name.strip():
        raise _impossible("model", "write the name of the model, a text")
    if ":" in name or "@" in name:
        raise _impossible("model", "write the name alone; version and environment are fields of their own")
    key = ModelKey(name, _part(version, "1", "version"), _part(environment, "production", "environment"))
    if not key.is_storable:
        raise _impossible("model", f"each part of its name is text of at most {MAX_NAME} bytes")
    return key


def known_fields(body: Any, fields: Iterable[str]) -> None:
    """Refuse a body that is no object, or has fields that nobody knows.

    Raises
    ------
    Refusal
        422.
    """
    if not isinstance(body, dict):
        raise Refusal(422, "bad_request", 'the body must be an object such as {"model": "churn", ...}')
    unknown = body.keys() - set(fields)
    if unknown:
        raise Refusal(422, "unknown_field", nearest(min(unknown), fields))


def nearest(name: str, known: Iterable[str]) -> str:
    """Return what to say of a field that nobody knows."""
    names = list(known)
    near = difflib.get_close_matches(name[:80], names, n=1)
    return f"unknown field {name[:80]!r}: " + (f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}")


def is_name(value: Any) -> bool:
    """Whether a value can be an id: text that an index can hold, or an integer."""
    if isinstance(value, str):
        return len(value) > 0 and len(value.encode()) <= MAX_NAME
    return isinstance(value, int) and not isinstance(value, bool)


def _part(value: Any, default: str, field: str) -> str:
    if value is None:
        return default
    if not is_name(value):
        raise _impossible(field, f"write a text of at most {MAX_NAME} bytes")
    return str(value)


def _classes(value: Any) -> tuple[ClassValue, ...] | None:
    if value is None:
        return None
    kinds = {type(each) for each in value} if isinstance(value, list) else set()
    if len(kinds) != 1 or not kinds <= {str, int, bool} or len(set(value)) != len(value):
        raise _impossible("classes", "write a list of different texts, integers or booleans")
    return tuple(value)


def _impossible(field: str, advice: str) -> Refusal:
    return Refusal(422, "bad_request", f"{field}: {advice}")
