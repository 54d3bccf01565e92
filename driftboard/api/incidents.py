"""`GET /v1/incidents`: what is wrong, and what became of it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from driftboard.api.error_answers import documented
from driftboard.api.incident_answers import IncidentsAnswer, WholeIncidentAnswer, event_answer, incident_answer
from driftboard.api.json_answer import as_json
from driftboard.api.models import ModelName, Reader, named
from driftboard.api.state import parts
from driftboard.data.incident import OPEN
from driftboard.data.incidents import events_of, find_incident, recent_incidents

router = APIRouter(tags=["incidents"])

IncidentId = Annotated[int, Path(ge=1, lt=2**63, description="Number of the incident.")]


@router.get("/v1/incidents", response_model=IncidentsAnswer, responses=documented(404), operation_id="list_incidents")
def incidents(
    request: Request,
    caller: Reader,
    state: Annotated[Literal["open", "all"], Query(description="Only what is not over, or everything.")] = "open",
    model: ModelName | None = None,
    before: Annotated[int | None, Query(ge=1, lt=2**63, description="`next_before` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="So many at most.")] = 50,
) -> Response:
    """Return incidents, the newest first."""
    del caller
    states = OPEN if state == "open" else ()
    with parts(request).store.read() as connection:
        model_id = None if model is None else named(connection, model).model_id
        found = recent_incidents(connection, model_id=model_id, states=states, before_id=before, limit=limit + 1)
    more = found[limit - 1].incident_id if len(found) > limit else None
    return as_json(IncidentsAnswer([incident_answer(each) for each in found[:limit]], more))


@router.get(
    "/v1/incidents/{incident_id}",
    response_model=WholeIncidentAnswer,
    responses=documented(404),
    operation_id="read_incident",
)
def incident(request: Request, caller: Reader, incident_id: IncidentId) -> Response:
    """Return one incident and everything that happened to it."""
    del caller
    with parts(request).store.read() as connection:
        found = incident_answer(find_incident(connection, incident_id))
        events = [event_answer(each) for each in events_of(connection, incident_id)]
    return as_json(WholeIncidentAnswer(found, events))
