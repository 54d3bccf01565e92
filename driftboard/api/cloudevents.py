"""`POST /v1/events`: what KServe's and Seldon's payload loggers send, as they send it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from driftboard.api.auth import Caller, needs
from driftboard.api.body import json_body
from driftboard.api.error_answers import documented
from driftboard.api.event import STRUCTURED, Event, of_structured, read_event
from driftboard.api.halves import Answered, Asked, half_from_json, half_of, half_to_json, rows_of, task_of
from driftboard.api.heading import Heading
from driftboard.api.ingest import submit
from driftboard.api.json_answer import as_json
from driftboard.api.refusal import Refusal
from driftboard.api.rows import Rejected
from driftboard.api.state import Parts, parts
from driftboard.api.tensors import BadPayload
from driftboard.data import Store, parse_model_key
from driftboard.data.catalog import Task, find_model
from driftboard.data.half_events import drop_halves, find_other, forget_halves, put_half
from driftboard.data.privacy import Privacy
from driftboard.errors import UnknownModel

router = APIRouter(tags=["ingest"])

MEDIA = (STRUCTURED, "application/json", "application/x-www-form-urlencoded", "text/plain", "")
"""Loggers pass on the type of the request that they log, which is whatever a client said; the body is JSON anyway."""

LONGEST_HALF = 2**20
"""Characters of one side of a request."""

_BODY = {"schema": {"type": "object"}}


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """What became of an event: its other side is not there yet, it was left alone, or both sides are stored as rows."""

    state: Literal["waiting", "ignored", "stored"]
    accepted: int = 0
    duplicates: int = 0
    rejected: tuple[Rejected, ...] = ()


@router.post(
    "/v1/events",
    summary="Log what an inference server sends",
    response_model=EventAnswer,
    responses=documented(415),
    operation_id="log_event",
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": _BODY, STRUCTURED: _BODY}}},
)
async def log_event(
    request: Request,
    caller: Annotated[Caller, Depends(needs("ingest"))],
    model: Annotated[str | None, Query(max_length=600, description="Whose it is, whatever the event says.")] = None,
    task: Annotated[Task | None, Query(description="Of a model that is not known yet; else guessed.")] = None,
) -> Response:
    """Store what KServe's or Seldon's payload logger sends: CloudEvents of what was asked, and of what was answered.

    The two sides may come in either order, and more than once; once both are there they are rows like any other, with
    the id of the request. V1 (`instances`), V2 (`inputs`) and Seldon's (`data`) payloads are read.
    """
    here = parts(request)
    here.gate.admit(caller.key_id)
    async with json_body(request, here.settings.api, media=MEDIA) as body:
        try:
            event = _event(request, body, model)
            half = None if event is None else half_of(event, here.privacy)
            if event is None or half is None:
                return as_json(EventAnswer("ignored"))
            return as_json(await _stored(here, caller, event, half, task))
        except BadPayload as error:
            raise Refusal(422, "bad_event", str(error)) from None


def _event(request: Request, body: Any, model: str | None) -> Event | None:
    try:
        whose = None if model is None else parse_model_key(model)
    except UnknownModel as error:
        raise BadPayload(str(error)) from None
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    attributes, payload = of_structured(body) if kind == STRUCTURED else (_binary(request.headers), body)
    return read_event(attributes, payload, model=whose)


def _binary(headers: Mapping[str, str]) -> dict[str, str]:
    """The attributes of an event that are headers."""
    found = {name.lower()[3:]: value for name, value in headers.items() if name.lower().startswith("ce-")}
    if "type" not in found:
        raise BadPayload(f"no CloudEvent: neither headers such as ce-type nor Content-Type {STRUCTURED}")
    return found


async def _stored(here: Parts, caller: Caller, event: Event, half: Asked | Answered, task: Task | None) -> EventAnswer:
    """Keep one side; once the other is there, store what they make together, and keep neither."""
    now, text = datetime.now(UTC), half_to_json(half)
    if len(text) > LONGEST_HALF:
        raise Refusal(413, "too_long", "an event of that length is not kept: log fewer rows in a request")
    await here.writer.write(partial(_put, event=event, text=text, now=now))
    other, known = await run_in_threadpool(_other, here.store, event)
    if other is None:
        return EventAnswer("waiting")
    rows = rows_of(event.request_id, half, half_from_json(other))
    here.gate.charge(caller.key_id, len(rows))
    heading = Heading(event.model, task=None if known else task or task_of(rows))
    stored = await submit(replace(here, privacy=_applied(here.privacy)), heading, rows, now=now)
    await here.writer.write(partial(_drop, event=event))
    return EventAnswer("stored", stored.accepted, stored.duplicates, stored.rejected)


def _put(connection: Connection, _store: Store, *, event: Event, text: str, now: datetime) -> None:
    forget_halves(connection, now=now)
    put_half(connection, event.pair, event.part, text, now=now)


def _drop(connection: Connection, _store: Store, *, event: Event) -> None:
    drop_halves(connection, event.pair)


def _other(store: Store, event: Event) -> tuple[str | None, bool]:
    """The other side, and whether the model is known."""
    with store.read() as connection:
        return find_other(connection, event.pair, event.part), find_model(connection, event.model) is not None


def _applied(privacy: Privacy) -> Privacy:
    """What is to become of features that have been through it: nothing more, or a hash would be hashed again."""
    return Privacy(allow=privacy.allow | privacy.hash | frozenset(privacy.truncate))
