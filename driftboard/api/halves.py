"""The two sides of a request as JSON that may be stored, and the rows that they make together. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from driftboard.api.event import Event
from driftboard.api.inference_protocol import Outcome, outcomes, request_rows
from driftboard.api.tensors import BadPayload
from driftboard.data.catalog import Task
from driftboard.data.privacy import Privacy
from driftboard.data.times import from_micros

LONGEST_LATENCY = 3_600.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, as it may be stored: the features of each row."""

    at: int | None
    rows: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered."""

    at: int | None
    outcomes: list[Outcome]


def half_of(event: Event, privacy: Privacy) -> Asked | Answered:
    """Return one side, with what must not reach a disk taken out.

    Raises
    ------
    BadPayload
        Its payload is of no protocol known here.
    """
    if event.part == "response":
        return Answered(event.at, outcomes(event.payload))
    return Asked(event.at, [privacy.apply(each) for each in request_rows(event.payload)])


def half_to_json(half: Asked | Answered) -> str:
    """Return a side as text."""
    return orjson.dumps(half).decode()


def half_from_json(text: str) -> Asked | Answered:
    """Return the side that `half_to_json` wrote."""
    read = orjson.loads(text)
    if "rows" in read:
        return Asked(**read)
    return Answered(read["at"], [Outcome(**each) for each in read["outcomes"]])


def rows_of(request_id: str, one: Asked | Answered, other: Asked | Answered) -> list[dict[str, Any]]:
    """Return what two sides make together, as rows of POST /v1/predictions.

    The only row of a request has its id; several have `ID-0`, `ID-1`, ...

    Raises
    ------
    BadPayload
        They differ in their number of rows.
    """
    asked, answered = (one, other) if isinstance(one, Asked) else (other, one)
    if not isinstance(asked, Asked) or not isinstance(answered, Answered):
        raise BadPayload("two sides of a request are needed, one of each")
    found = answered.outcomes
    if len(found) == 1 and found[0].error is not None:
        found = found * len(asked.rows)
    if len(found) != len(asked.rows):
        raise BadPayload(f"the request has {len(asked.rows)} rows, the response {len(found)}")
    common = _common(asked.at, answered.at)
    return [
        {"prediction_id": _id(request_id, place, len(found)), "features": features, **_said(outcome), **common}
        for place, (features, outcome) in enumerate(zip(asked.rows, found, strict=True))
    ]


def task_of(rows: Sequence[Mapping[str, Any]]) -> Task:
    """Return what kind of model gave these answers: numbers with a point are values, everything else is classes."""
    values = [row["predicted"] for row in rows if row.get("predicted") is not None]
    numbers = bool(values) and all(type(each) is float for each in values)
    return "regression" if numbers and not any("scores" in row for row in rows) else "classification"


def _id(request_id: str, place: int, rows: int) -> str:
    return request_id if rows == 1 else f"{request_id}-{place}"


def _said(outcome: Outcome) -> dict[str, Any]:
    told = {"predicted": outcome.predicted, "scores": outcome.scores, "confidence": outcome.confidence}
    return {name: value for name, value in (told | {"error": outcome.error}).items() if value is not None}


def _common(asked_at: int | None, answered_at: int | None) -> dict[str, Any]:
    """When it was predicted, and how long it took."""
    common: dict[str, Any] = {}
    at = answered_at if asked_at is None else asked_at
    if at is not None:
        common["predicted_at"] = from_micros(at).isoformat()
    if asked_at is not None and answered_at is not None:
        seconds = (answered_at - asked_at) / 1e6
        if 0.0 <= seconds <= LONGEST_LATENCY:  # two clocks may differ
            common["latency"] = seconds
    return common
