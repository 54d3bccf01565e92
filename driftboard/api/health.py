"""`/healthz`: this process lives; `/readyz`: driftboard can do its work. Neither asks for a key, nor tells a secret."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from driftboard.api.error_answers import documented
from driftboard.api.json_answer import as_json
from driftboard.api.readiness import CheckAnswer, checks, writing
from driftboard.api.state import parts

router = APIRouter(tags=["health"])


@dataclass(frozen=True, slots=True)
class LifeAnswer:
    """Whether this process does what it is for."""

    status: Literal["ok", "failing"]
    message: str


@dataclass(frozen=True, slots=True)
class ReadinessAnswer:
    """Whether driftboard can do its work, and what was looked at."""

    status: Literal["ok", "failing"]
    checks: list[CheckAnswer]


@router.get(
    "/healthz",
    response_model=LifeAnswer,
    responses=documented() | {503: {"model": LifeAnswer, "description": "It writes nothing."}},
    operation_id="healthz",
)
async def healthz(request: Request) -> Response:
    """Say whether this process lives: 503 when its writer is dead, or the disk is full."""
    found = parts(request)
    if not found.writer.alive:
        return as_json(LifeAnswer("failing", "the thread that writes is dead: restart this process"), status=503)
    if found.pulse.is_full:
        return as_json(LifeAnswer("failing", "the disk of the log is full: make room"), status=503)
    return as_json(LifeAnswer("ok", "alive"))


@router.get(
    "/readyz",
    response_model=ReadinessAnswer,
    responses=documented() | {503: {"model": ReadinessAnswer, "description": "Something cannot do its work."}},
    operation_id="readyz",
)
async def readyz(request: Request) -> Response:
    """Say whether driftboard can do its work: the log, the worker, the dispatcher, what waits."""
    found = parts(request)
    seen = await run_in_threadpool(checks, found.store, found.settings, now=datetime.now(UTC))
    writer, pulse = found.writer, found.pulse
    seen += writing(
        trouble=pulse.trouble is not None or writer.trouble is not None,
        alive=writer.alive,
        waiting=writer.waiting,
        most=found.settings.api.max_waiting,
    )
    well = all(each.is_well for each in seen)
    return as_json(ReadinessAnswer("ok" if well else "failing", seen), status=200 if well else 503)
