"""`/v1/silences`: quiet about what matches, and its end."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from driftboard.alerts import act
from driftboard.api.acts import Actor
from driftboard.api.asked import SilenceRequest, asked, documents
from driftboard.api.error_answers import documented
from driftboard.api.json_answer import as_json
from driftboard.api.models import Reader
from driftboard.api.moments import until
from driftboard.api.refusal import Refusal
from driftboard.api.state import parts
from driftboard.data.silences import Silence
from driftboard.data.silences import silences as read_silences
from driftboard.errors import StoreError

router = APIRouter(tags=["silences"])

SilenceId = Annotated[int, Path(ge=1, lt=2**63, description="Number of the silence.")]


@dataclass(frozen=True, slots=True)
class SilenceAnswer:
    """A silence; `ended_at` and `ended_by` are set when somebody ended it before its time."""

    silence_id: int
    matchers: dict[str, str]
    comment: str
    created_by: str
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    ended_by: str


@dataclass(frozen=True, slots=True)
class SilencesAnswer:
    """The silences that hold, the newest first."""

    silences: list[SilenceAnswer]


@router.get("/v1/silences", response_model=SilencesAnswer, responses=documented(), operation_id="list_silences")
def silences(request: Request, caller: Reader) -> Response:
    """Return the silences that hold now."""
    del caller
    with parts(request).store.read() as connection:
        return as_json(SilencesAnswer([_answer(each) for each in read_silences(connection, now=datetime.now(UTC))]))


@router.post(
    "/v1/silences",
    response_model=SilenceAnswer,
    responses=documented(415),
    operation_id="silence",
    openapi_extra=documents(SilenceRequest),
)
async def silence(request: Request, caller: Actor) -> Response:
    """Be told nothing of every incident that matches, for so long; 90 days at most."""
    wanted = await asked(request, SilenceRequest)
    end, store = until(wanted.length), parts(request).store

    def work() -> Silence:
        now = datetime.now(UTC)
        return act.silence(store, wanted.matchers, by=caller.name, comment=wanted.comment, until=end, now=now)

    try:
        return as_json(_answer(await run_in_threadpool(work)))
    except StoreError as error:
        if error.__cause__ is None:  # what is asked for cannot be; the log has nothing to do with it
            raise Refusal(422, "invalid", str(error)) from None
        raise


@router.delete(
    "/v1/silences/{silence_id}",
    response_model=SilenceAnswer,
    responses=documented(404, 409),
    operation_id="end_silence",
)
def end(request: Request, caller: Actor, silence_id: SilenceId) -> Response:
    """End a silence before its time: what is still there is told."""
    now = datetime.now(UTC)
    return as_json(_answer(act.end_silence(parts(request).store, silence_id, by=caller.name, now=now)))


def _answer(silence: Silence) -> SilenceAnswer:
    return SilenceAnswer(
        silence_id=silence.silence_id,
        matchers=silence.matchers,
        comment=silence.comment,
        created_by=silence.created_by,
        starts_at=silence.starts_at,
        ends_at=silence.ends_at,
        ended_at=silence.expired_at,
        ended_by=silence.expired_by,
    )
