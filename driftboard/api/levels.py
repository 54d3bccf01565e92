"""`GET /v1/slo`: the promises of a model's service, and how they are kept."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from driftboard.alerts.service_level import ServiceLevel
from driftboard.alerts.service_levels import read_levels
from driftboard.api.error_answers import documented
from driftboard.api.json_answer import as_json
from driftboard.api.models import ModelName, Reader, named
from driftboard.api.state import parts
from driftboard.monitors.burn_rate import Burn
from driftboard.written_times import written_span

router = APIRouter(tags=["reading"])


@dataclass(frozen=True, slots=True)
class BurnAnswer:
    """How fast the error budget burns in a pair of windows: 1 spends it exactly by the end of its time."""

    window: str
    short_window: str
    factor: float
    severity: Literal["critical", "warning"]
    rate: float | None
    short_rate: float | None
    firing: bool


@dataclass(frozen=True, slots=True)
class LevelAnswer:
    """One promise; shares are between 0 and 1, times in seconds; `budget_left` is 1 untouched, 0 spent."""

    name: str
    title: str
    unit: str
    objective: float
    value: float | None
    target: float | None
    compliance: float | None
    low: float | None
    high: float | None
    good: int
    total: int
    budget_left: float | None
    status: Literal["met", "missed", "unknown"]
    message: str
    burn: list[BurnAnswer]


@dataclass(frozen=True, slots=True)
class LevelsAnswer:
    """What is promised of a model's service, over so many days."""

    model: str
    days: int
    levels: list[LevelAnswer]


@router.get("/v1/slo", response_model=LevelsAnswer, responses=documented(404), operation_id="read_slo")
def levels(request: Request, caller: Reader, model: ModelName) -> Response:
    """Return how the promises of a model's service are kept: latency, availability, errors, accuracy, cost."""
    del caller
    found = parts(request)
    with found.store.read() as connection:
        which = named(connection, model)
        read = read_levels(connection, which, found.settings, now=datetime.now(UTC))
    return as_json(LevelsAnswer(str(which.key), found.settings.slo.days, [_level(each) for each in read]))


def _level(each: ServiceLevel) -> LevelAnswer:
    return LevelAnswer(
        name=each.name,
        title=each.title,
        unit=each.unit,
        objective=each.objective,
        value=each.value,
        target=each.target,
        compliance=each.compliance,
        low=each.low,
        high=each.high,
        good=each.good,
        total=each.total,
        budget_left=each.budget_left,
        status=each.status,
        message=each.message,
        burn=[_burn(one) for one in each.burn],
    )


def _burn(each: Burn) -> BurnAnswer:
    pair, long, short = each.window, written_span(each.window.long), written_span(each.window.short)
    return BurnAnswer(long, short, pair.factor, pair.severity, each.long, each.short, each.firing)
