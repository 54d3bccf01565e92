"""`GET /v1/reports`: what the monitors said, the newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from driftboard.api.error_answers import documented
from driftboard.api.json_answer import as_json
from driftboard.api.models import ModelName, Reader, named
from driftboard.api.moments import Since, moment
from driftboard.api.state import parts
from driftboard.data.report_pages import Page, Wanted, read_page
from driftboard.monitors.report import Monitor

router = APIRouter(tags=["reading"])

MOST = 100
BatchId = Annotated[str | None, Query(max_length=1_000, description="Of this batch only.")]


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """What one monitor said of one batch; `report` is its report as it is stored."""

    report_id: int
    model: str
    batch_id: str
    batch_at: datetime
    monitor: str
    revision: int
    verdict: str
    created_at: datetime
    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReportsAnswer:
    """A page of reports; `next_before` is the `before` of the next page, null when this is the last one."""

    reports: list[ReportAnswer]
    next_before: int | None


@router.get("/v1/reports", response_model=ReportsAnswer, responses=documented(404), operation_id="list_reports")
def reports(
    request: Request,
    caller: Reader,
    model: ModelName | None = None,
    batch: BatchId = None,
    monitor: Annotated[Monitor | None, Query(description="Of this monitor only.")] = None,
    since: Since = None,
    before: Annotated[int | None, Query(ge=1, lt=2**63, description="`next_before` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="So many at most; a page of long reports has fewer.")] = 20,
) -> Response:
    """Return reports, the newest first, with their revisions: one that was recomputed is there more than once."""
    del caller
    stored_since = None if since is None else moment(since)
    with parts(request).store.read() as connection:
        model_id = None if model is None else named(connection, model).model_id
        wanted = Wanted(model_id=model_id, batch_id=batch, monitor=monitor, since=stored_since, before=before)
        return as_json(_answer(read_page(connection, wanted, limit=limit)))


def _answer(page: Page) -> dict[str, Any]:
    """Return the page as `ReportsAnswer` has it; the reports are JSON already and are not parsed for it."""
    rows = [
        {
            "report_id": report.report_id,
            "model": str(key),
            "batch_id": report.batch_id,
            "batch_at": report.batch_at,
            "monitor": report.monitor,
            "revision": report.revision,
            "verdict": report.verdict,
            "created_at": report.created_at,
            "report": orjson.Fragment(report.payload),
        }
        for key, report in page.reports
    ]
    return {"reports": rows, "next_before": page.reports[-1][1].report_id if page.more else None}
