"""`GET /metrics`: what Prometheus reads."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from driftboard.api.auth import identified
from driftboard.api.error_answers import documented
from driftboard.api.state import parts
from driftboard.exporter import CONTENT_TYPE

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    responses=documented() | {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    response_class=Response,
    operation_id="metrics",
)
async def metrics(request: Request) -> Response:
    """Return the metrics of every model and of driftboard itself; a key is asked for with `metrics.open = false`."""
    found = parts(request)
    if not found.settings.metrics.open:
        await identified(request, "read")
    now = datetime.now(UTC)
    body = await run_in_threadpool(found.exporter.scrape, now)
    later = BackgroundTask(found.exporter.catch_up, now)  # what changes slowly is read between scrapes
    return Response(body, media_type=CONTENT_TYPE, background=later)
