"""`POST /v1/incidents/...`: what people do about incidents, by the functions behind the command line and the pages."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from driftboard.alerts import act
from driftboard.api.asked import Acknowledgement, Feedback, Resolution, Snooze, asked, documents
from driftboard.api.auth import Caller, needs
from driftboard.api.error_answers import documented
from driftboard.api.incident_answers import IncidentAnswer, incident_answer
from driftboard.api.incidents import IncidentId
from driftboard.api.json_answer import as_json
from driftboard.api.moments import until
from driftboard.api.state import parts
from driftboard.data.incident import Incident

router = APIRouter(tags=["incidents"])

Actor = Annotated[Caller, Depends(needs("admin"))]
_ANSWERS: dict[str, Any] = {"response_model": IncidentAnswer, "responses": documented(404, 409, 415)}


@router.post(
    "/v1/incidents/{incident_id}/ack", operation_id="acknowledge", openapi_extra=documents(Acknowledgement), **_ANSWERS
)
async def ack(request: Request, caller: Actor, incident_id: IncidentId) -> Response:
    """Say that you have an incident in hand: no reminders, no escalation, until the time is up or it gets worse."""
    wanted = await asked(request, Acknowledgement)
    found, alerts = parts(request), parts(request).settings.alerts
    end = None if wanted.length is None else until(wanted.length)
    return await _done(
        lambda now: act.acknowledge(found.store, incident_id, by=caller.name, settings=alerts, now=now, until=end)
    )


@router.post("/v1/incidents/{incident_id}/snooze", operation_id="snooze", openapi_extra=documents(Snooze), **_ANSWERS)
async def snooze(request: Request, caller: Actor, incident_id: IncidentId) -> Response:
    """Be told nothing of an incident for so long; if it is still there then, it is told anew."""
    wanted = await asked(request, Snooze)
    found, end = parts(request), until(wanted.length)
    alerts = found.settings.alerts
    return await _done(
        lambda now: act.snooze(found.store, incident_id, by=caller.name, until=end, settings=alerts, now=now)
    )


@router.post(
    "/v1/incidents/{incident_id}/resolve", operation_id="resolve", openapi_extra=documents(Resolution), **_ANSWERS
)
async def resolve(request: Request, caller: Actor, incident_id: IncidentId) -> Response:
    """Close an incident by hand; the next bad window opens a new one. The body is `{}`."""
    await asked(request, Resolution)
    found, alerts = parts(request), parts(request).settings.alerts
    return await _done(lambda now: act.resolve(found.store, incident_id, by=caller.name, settings=alerts, now=now))


@router.post(
    "/v1/incidents/{incident_id}/feedback", operation_id="give_feedback", openapi_extra=documents(Feedback), **_ANSWERS
)
async def feedback(request: Request, caller: Actor, incident_id: IncidentId) -> Response:
    """Say whether an incident, open or over, was worth being told."""
    wanted = await asked(request, Feedback)
    found = parts(request)
    return await _done(
        lambda now: act.give_feedback(found.store, incident_id, by=caller.name, useful=wanted.useful, now=now)
    )


async def _done(work: Callable[[datetime], Incident]) -> Response:
    """Do it in a thread, since the log may have to be waited for, and answer with the incident as it is then."""
    after = await run_in_threadpool(work, datetime.now(UTC))
    return as_json(incident_answer(after))
