"""POST /v1/labels: what really happened, by prediction id, in whatever order it becomes known."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from driftboard.api.answers import answer
from driftboard.api.auth import Caller, needs
from driftboard.api.body import json_body
from driftboard.api.error_answers import documented
from driftboard.api.label_rows import LabelGroup, RejectedLabel, read_labels
from driftboard.api.refusal import Refusal
from driftboard.api.schemas import LabelsAnswer, LabelsRequest, body_of
from driftboard.api.state import parts
from driftboard.data.labels import write_labels
from driftboard.data.model_key import ModelKey
from driftboard.data.store import Store
from driftboard.errors import UnknownModel

router = APIRouter(tags=["ingest"])


@dataclass(frozen=True, slots=True)
class LabelsResult:
    """What became of the labels of a request; see `data.labels.LabelResult`."""

    accepted: int
    unchanged: int
    waiting: int
    rejected: tuple[RejectedLabel, ...]


@router.post(
    "/v1/labels",
    summary="Say what really happened",
    response_model=LabelsAnswer,
    responses=documented(415),
    openapi_extra=body_of(LabelsRequest),
)
async def label_predictions(request: Request, caller: Annotated[Caller, Depends(needs("ingest"))]) -> Response:
    """Store labels; those of predictions that are not in the log yet wait for them.

    A label that is there already changes nothing; one observed later counts instead of one observed earlier.
    """
    here = parts(request)
    here.gate.admit(caller.key_id)
    async with json_body(request, here.settings.api) as body:
        model, groups, rejected = read_labels(body, max_rows=here.settings.api.max_rows)
        here.gate.charge(caller.key_id, sum(len(each.labels) for each in groups) + len(rejected))
        result = LabelsResult(0, 0, 0, tuple(rejected))
        if groups:
            now = datetime.now(UTC)
            result = await here.writer.write(
                partial(_store, model=model, groups=groups, rejected=rejected, now=now), order=str(model)
            )
    return answer(result)


def _store(
    connection: Connection,
    store: Store,
    *,
    model: ModelKey,
    groups: list[LabelGroup],
    rejected: list[RejectedLabel],
    now: datetime,
) -> LabelsResult:
    accepted = unchanged = waiting = 0
    refused = list(rejected)
    for each in groups:
        try:
            result = write_labels(
                connection, store, each.labels, model=model, source=each.source, observed_at=each.observed_at, now=now
            )
        except UnknownModel:
            advice = "log its predictions first, or register it with `driftboard init`"
            raise Refusal(422, "unknown_model", f"no model {model} in the log: {advice}") from None
        accepted, unchanged = accepted + result.accepted, unchanged + result.unchanged
        waiting += result.waiting
        refused += [RejectedLabel(name, "bad_label", reason) for name, reason in (result.refused or {}).items()]
    return LabelsResult(accepted, unchanged, waiting, tuple(refused))
