"""What a monitor says of one batch: plain values, sample sizes, intervals and a verdict; and how that is stored.

The reports of each subject have a module of their own; this one is where all of them are found.
"""

from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError, to_json

from driftboard.monitors.feature_report import FeatureReport, FeatureResult, PairResult, RelationReport
from driftboard.monitors.multivariate import MultivariateReport
from driftboard.monitors.performance_report import (
    Calibration,
    ClassResult,
    Estimate,
    PerformanceReport,
    ReliabilityBin,
    SegmentResult,
)
from driftboard.monitors.prediction_report import PredictionReport
from driftboard.monitors.quality_report import QualityReport, QualityResult
from driftboard.monitors.sequential import SequentialReport
from driftboard.monitors.two_sample import Test

__all__ = [
    "Calibration",
    "ClassResult",
    "Estimate",
    "FeatureReport",
    "FeatureResult",
    "Monitor",
    "MultivariateReport",
    "PairResult",
    "PerformanceReport",
    "PredictionReport",
    "QualityReport",
    "QualityResult",
    "RelationReport",
    "ReliabilityBin",
    "Report",
    "SegmentResult",
    "SequentialReport",
    "Test",
    "report_from_json",
    "report_to_json",
]

Report = (
    FeatureReport
    | RelationReport
    | QualityReport
    | PredictionReport
    | PerformanceReport
    | MultivariateReport
    | SequentialReport
)
Monitor = Literal["feature", "relations", "quality", "prediction", "performance", "multivariate", "sequential"]

_ADAPTERS: dict[Monitor, TypeAdapter[Any]] = {
    "feature": TypeAdapter(FeatureReport),
    "relations": TypeAdapter(RelationReport),
    "quality": TypeAdapter(QualityReport),
    "prediction": TypeAdapter(PredictionReport),
    "performance": TypeAdapter(PerformanceReport),
    "multivariate": TypeAdapter(MultivariateReport),
    "sequential": TypeAdapter(SequentialReport),
}


def report_to_json(monitor: Monitor, report: Report) -> str:
    """Return the report as JSON text: what the store keeps. Numbers are finite or null; half surrogates are escaped."""
    try:
        return str(_ADAPTERS[monitor].dump_json(report), "utf-8")
    except PydanticSerializationError:  # a name that is no UTF-8: the store escapes those, a notebook may not
        return str(to_json(_escaped(_ADAPTERS[monitor].dump_python(report))), "utf-8")


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {name: _escaped(each) for name, each in value.items()}
    return [_escaped(each) for each in value] if isinstance(value, tuple | list) else value


def report_from_json(monitor: Monitor, text: str) -> Report:
    """Return the report that `report_to_json` wrote; what an older version did not say has its default."""
    report: Report = _ADAPTERS[monitor].validate_json(text)
    return report
