"""The labels of a request: read, checked, and put together by who says so and when it was observed."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from driftboard.api.heading import is_name, known_fields, nearest, read_model
from driftboard.api.refusal import Refusal
from driftboard.api.row_times import read_time
from driftboard.data.model_key import ModelKey
from driftboard.data.times import from_micros
from driftboard.data.values import MAX_NAME, storable

_FIELDS = ("model", "version", "environment", "source", "observed_at", "labels")
_ROW_FIELDS = ("prediction_id", "label", "observed_at", "source")


@dataclass(frozen=True, slots=True)
class RejectedLabel:
    """A label that was not stored, and why."""

    prediction_id: str | None
    code: Literal["bad_label"]
    reason: str


@dataclass(frozen=True, slots=True)
class LabelGroup:
    """Labels that one source observed at one time: prediction id to class or value."""

    source: str
    observed_at: datetime | None
    labels: dict[str, Any] = field(default_factory=dict)


class _BadLabel(ValueError):  # noqa: N818 - reads as what it is
    """A label that cannot be one."""


def read_labels(body: Any, *, max_rows: int) -> tuple[ModelKey, list[LabelGroup], list[RejectedLabel]]:
    """Return whose labels these are, the labels, and those that cannot be labels.

    Raises
    ------
    Refusal
        422: a field is missing, unknown or impossible; 413: more than `max_rows`.
    """
    known_fields(body, _FIELDS)
    model = read_model(body)
    given = body.get("labels")
    if not isinstance(given, dict | list):
        raise Refusal(422, "bad_request", "labels: write an object from prediction id to label, or a list of rows")
    if len(given) > max_rows:
        raise Refusal(413, "too_many_rows", f"more than {max_rows:,} labels: send fewer in a request")
    try:
        source, observed_at = _source(body.get("source")), _time(body.get("observed_at"))
    except _BadLabel as problem:
        raise Refusal(422, "bad_request", str(problem)) from None
    rows = (
        [{"prediction_id": name, "label": label} for name, label in given.items()] if isinstance(given, dict) else given
    )
    return model, *_grouped(rows, source or "default", observed_at)


def _grouped(rows: list[Any], source: str, observed_at: int | None) -> tuple[list[LabelGroup], list[RejectedLabel]]:
    """A prediction that is labelled twice by one source at one time is in two groups: the later one counts."""
    groups: dict[tuple[str, int | None, int], LabelGroup] = {}
    times: dict[tuple[str, int | None, str], int] = {}
    rejected: list[RejectedLabel] = []
    for row in rows:
        try:
            name, label, own_source, own_time = _row(row)
        except _BadLabel as problem:
            shown = row.get("prediction_id") if isinstance(row, dict) else None
            rejected.append(RejectedLabel(storable(str(shown)) if is_name(shown) else None, "bad_label", str(problem)))
            continue
        who, when = own_source or source, observed_at if own_time is None else own_time
        turn = times[who, when, name] = times.get((who, when, name), -1) + 1
        at = None if when is None else from_micros(when)
        groups.setdefault((who, when, turn), LabelGroup(who, at)).labels[name] = label
    return list(groups.values()), rejected


def _row(row: Any) -> tuple[str, Any, str | None, int | None]:
    if not isinstance(row, dict):
        raise _BadLabel("a label must be an object with prediction_id and label")
    unknown = row.keys() - set(_ROW_FIELDS)
    if unknown:
        raise _BadLabel(nearest(min(unknown), _ROW_FIELDS))
    name, label = row.get("prediction_id"), row.get("label")
    if not is_name(name):
        raise _BadLabel(f"prediction_id: write a text of at most {MAX_NAME} bytes, or an integer")
    if label is None or isinstance(label, dict | list):
        raise _BadLabel("label: write the true class, or for regression the true number")
    return storable(str(name)), label, _source(row.get("source")), _time(row.get("observed_at"))


def _source(given: Any) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str) or not is_name(given):
        raise _BadLabel(f"source: write a text of at most {MAX_NAME} bytes")
    return given


def _time(given: Any) -> int | None:
    if given is None:
        return None
    if not isinstance(given, str):
        raise _BadLabel('observed_at: write a time with a zone, such as "2026-11-21T14:37:00Z"')
    try:
        return read_time(given)
    except ValueError as problem:
        raise _BadLabel(f"observed_at: {problem}") from None
