"""Entries: one logged prediction on its way from `log()` to the store, as a tuple, as bytes and as a row.

Both ways to the store, memory and spool, lead through the same bytes; so a row is the same whichever way it took.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from driftboard.data.catalog import ClassValue, Task
from driftboard.data.model_key import ModelKey
from driftboard.data.plain import NotPlain, as_scalar, plain, plain_text, restored, safe_repr

ORIGIN = b'{"driftboard"'
"""What the bytes of an origin begin with, and those of no entry do."""

_PASS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


class Entry(NamedTuple):
    """What `log()` was given; `at` is microseconds, `scores` one for each class, or {"c": classes, "s": scores}."""

    prediction_id: str
    at: int
    features: dict[str, Any]
    prediction: Any
    scores: Any = None
    confidence: Any = None
    latency: Any = None
    error: Any = None
    segments: dict[str, Any] | None = None
    batch_id: Any = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A call of `log()` that made no row: it goes to the quarantine."""

    reason: str
    text: str
    prediction_id: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """What all entries of one logger have in common, and what a spool file begins with."""

    model: ModelKey
    task: Task
    window: str
    classes: tuple[ClassValue, ...] | None = None


def encode_entry(entry: tuple[Any, ...]) -> bytes:
    """Return an entry's bytes: JSON, in which infinities and odd values are tagged; it does not raise.

    JSON knows no infinity, orjson writes null for it: more nulls than the entry has None's at its top means looking
    closer.
    """
    try:
        payload = orjson.dumps(entry, _as_scalar, _PASS)
        if payload.count(b"null") == entry.count(None):
            return payload
    except Exception:  # noqa: BLE001, S110 - an odd value, found again below, or one whose comparison raises
        pass
    try:
        return orjson.dumps({"tagged": _tagged(Entry._make(entry))})
    except Exception as error:  # noqa: BLE001 - a caller's class may raise anything, and what cannot be read is refused
        reason = f"the row cannot be read ({type(error).__name__})"
        return encode_refusal(Refused(reason, "", plain_text(entry[0])))


def encode_refusal(refused: Refused) -> bytes:
    """Return the bytes of a call that made no row."""
    return orjson.dumps({"refused": [refused.reason, refused.text, refused.prediction_id]})


def decode_entry(payload: bytes) -> Entry | Refused:
    """Return what `encode_entry` or `encode_refusal` made bytes of."""
    value = orjson.loads(payload)
    if isinstance(value, list):
        return Entry._make(value)
    if "refused" in value:
        return Refused(*value["refused"])
    return _untagged(Entry._make(value["tagged"]))


def encode_origin(origin: Origin) -> bytes:
    """Return the bytes of a spool file's first record."""
    model = [origin.model.name, origin.model.version, origin.model.environment]
    return orjson.dumps({"driftboard": 1, "model": model, "task": origin.task, "window": origin.window,
                         "classes": origin.classes})  # fmt: skip


def decode_origin(payload: bytes) -> Origin | None:
    """Return what `encode_origin` made bytes of; None when the payload is another record."""
    value = orjson.loads(payload)
    if not isinstance(value, dict) or value.get("driftboard") != 1:
        return None
    classes = None if value["classes"] is None else tuple(value["classes"])
    return Origin(ModelKey(*value["model"]), value["task"], value["window"], classes)


def _as_scalar(value: Any) -> Any:
    scalar = as_scalar(value)
    if scalar is None:  # it would be taken for an infinity
        raise NotPlain
    return scalar


def _tagged(entry: Entry) -> list[Any]:
    return [
        plain(entry.prediction_id),
        entry.at,
        _each(entry.features, plain),
        plain(entry.prediction),
        _scores(entry.scores, plain),
        plain(entry.confidence),
        plain(entry.latency),
        plain(entry.error),
        None if entry.segments is None else _each(entry.segments, plain),
        plain(entry.batch_id),
    ]


def _untagged(entry: Entry) -> Entry:
    return Entry(
        restored(entry.prediction_id),
        entry.at,
        _each(entry.features, restored),
        restored(entry.prediction),
        _scores(entry.scores, restored),
        restored(entry.confidence),
        restored(entry.latency),
        restored(entry.error),
        None if entry.segments is None else _each(entry.segments, restored),
        restored(entry.batch_id),
    )


def _each(values: Mapping[Any, Any], change: Any) -> dict[str, Any]:
    return {_name(name): change(value) for name, value in values.items()}


def _name(name: Any) -> str:
    return str(plain(name)) if isinstance(name, str | int | float) else safe_repr(name)


def _scores(scores: Any, change: Any) -> Any:
    if scores is None:
        return None
    if isinstance(scores, Mapping):
        return {key: [change(each) for each in scores[key]] for key in ("c", "s")}
    return [change(each) for each in scores]
