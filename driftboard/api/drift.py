"""`GET /v1/drift`: how far each feature, and the predictions, have moved in the newest batch."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from driftboard.api.error_answers import documented
from driftboard.api.json_answer import as_json
from driftboard.api.models import ModelName, Reader, named
from driftboard.api.state import parts
from driftboard.data import find_batch
from driftboard.data.catalog import Model
from driftboard.data.reports import StoredReport, find_report, newest_reports
from driftboard.errors import UnknownBatch
from driftboard.monitors.report import FeatureReport, FeatureResult, Monitor, PredictionReport, report_from_json

router = APIRouter(tags=["reading"])


@dataclass(frozen=True, slots=True)
class FeatureAnswer:
    """One feature: Kolmogorov-Smirnov statistic (numbers) and population stability index, and what is made of them."""

    feature: str
    kind: Literal["numeric", "categorical"]
    verdict: str
    message: str
    ks: float | None
    psi: float | None
    corrected_psi: float | None
    missing_rate: float


@dataclass(frozen=True, slots=True)
class PredictionsAnswer:
    """The predictions: what is made of their mix, their confidence, or their values."""

    verdict: str
    message: str
    confidence_ks: float | None
    value_ks: float | None


@dataclass(frozen=True, slots=True)
class DriftAnswer:
    """One batch against the reference; nothing was judged yet where there is no batch."""

    model: str
    batch_id: str | None
    batch_at: datetime | None
    judged_at: datetime | None
    verdict: str | None
    message: str | None
    rows: int | None
    features: list[FeatureAnswer]
    features_total: int
    predictions: PredictionsAnswer | None


@router.get("/v1/drift", response_model=DriftAnswer, responses=documented(404), operation_id="read_drift")
def drift(
    request: Request,
    caller: Reader,
    model: ModelName,
    batch: Annotated[str | None, Query(max_length=1_000, description="Its id. [default: the newest judged]")] = None,
) -> Response:
    """Return how far each feature, and the predictions, have moved: in the newest judged batch, or in a given one."""
    del caller
    with parts(request).store.read() as connection:
        found = named(connection, model)
        inputs = _report(connection, found, "feature", batch)
        outputs = None if inputs is None else _report(connection, found, "prediction", inputs.batch_id)
    return as_json(_answer(found, inputs, outputs))


def _report(connection: Connection, model: Model, monitor: Monitor, batch: str | None) -> StoredReport | None:
    if batch is None:
        return next(iter(newest_reports(connection, model, monitor, newest=1)), None)
    try:
        return find_report(connection, find_batch(connection, model, batch), monitor)
    except UnknownBatch:
        raise UnknownBatch("the model has no batch of that id: see /v1/reports") from None


def _answer(model: Model, inputs: StoredReport | None, outputs: StoredReport | None) -> DriftAnswer:
    if inputs is None:
        return DriftAnswer(str(model.key), None, None, None, None, None, None, [], 0, None)
    report = cast("FeatureReport", report_from_json("feature", inputs.payload))
    return DriftAnswer(
        model=str(model.key),
        batch_id=inputs.batch_id,
        batch_at=inputs.batch_at,
        judged_at=inputs.created_at,
        verdict=str(report.verdict),
        message=report.message,
        rows=report.n,
        features=[_feature(each) for each in report.features],
        features_total=report.feature_count,
        predictions=None if outputs is None else _predictions(outputs),
    )


def _feature(each: FeatureResult) -> FeatureAnswer:
    ks = None if each.ks is None else each.ks.statistic
    return FeatureAnswer(
        each.feature, each.kind, str(each.verdict), each.message, ks, each.psi, each.corrected_psi, each.missing_rate
    )


def _predictions(stored: StoredReport) -> PredictionsAnswer:
    report = cast("PredictionReport", report_from_json("prediction", stored.payload))
    tests = (report.confidence_ks, report.value_ks)
    confidence, value = (None if each is None else each.statistic for each in tests)
    return PredictionsAnswer(str(report.verdict), report.message, confidence, value)
