"""POST /v1/predictions: rows of one model, as many as a request may hold."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from driftboard.api.answers import answer
from driftboard.api.auth import Caller, needs
from driftboard.api.body import json_body
from driftboard.api.error_answers import documented
from driftboard.api.heading import read_heading
from driftboard.api.ingest import submit
from driftboard.api.refusal import Refusal
from driftboard.api.schemas import PredictionsAnswer, PredictionsRequest, body_of
from driftboard.api.state import parts

router = APIRouter(tags=["ingest"])


@router.post(
    "/v1/predictions",
    summary="Log predictions",
    response_model=PredictionsAnswer,
    responses=documented(415),
    openapi_extra=body_of(PredictionsRequest),
)
async def log_predictions(request: Request, caller: Annotated[Caller, Depends(needs("ingest"))]) -> Response:
    """Store predictions; once this answers 200, every row that is not listed under `rejected` is durable.

    A row is stored once, however often it is sent: retry a request that got no answer, 429 or 503 as it was.
    """
    here = parts(request)
    here.gate.admit(caller.key_id)
    async with json_body(request, here.settings.api) as body:
        heading = read_heading(body)
        rows = _rows(body)
        here.gate.charge(caller.key_id, len(rows))
        key = request.headers.get("idempotency-key")
        result = await submit(here, heading, rows, now=datetime.now(UTC), idempotency_key=key or None)
    return answer(result)


def _rows(body: dict[str, Any]) -> list[Any]:
    if ("predictions" in body) == ("prediction" in body):
        raise Refusal(422, "bad_request", "write either `predictions`, a list of rows, or `prediction`, one row")
    rows = [body["prediction"]] if "prediction" in body else body["predictions"]
    if not isinstance(rows, list):
        raise Refusal(422, "bad_request", "predictions: write a list of rows")
    return rows
