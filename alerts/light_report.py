"""A stored report without its numbers: what the gate decides by, and nothing else. Three times as quick to read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from driftboard.monitors.feature_report import FeatureReport, RelationReport
from driftboard.monitors.finding import Finding
from driftboard.monitors.performance_report import PerformanceReport
from driftboard.monitors.prediction_report import PredictionReport
from driftboard.monitors.quality_report import QualityReport
from driftboard.monitors.report import Report
from driftboard.monitors.verdict import Verdict


@dataclass(frozen=True, slots=True)
class _Head:
    verdict: Verdict
    n: int = 0
    provisional: bool = False
    findings: tuple[Finding, ...] = ()


Light = FeatureReport | RelationReport | QualityReport | PredictionReport | PerformanceReport

_HEAD = TypeAdapter(_Head)
_NOTHING = Verdict.NO_DATA
_EMPTY: Mapping[str, Light] = {
    "feature": FeatureReport(_NOTHING, "", 0, 0, (), 0.0, 0.0),
    "relations": RelationReport(_NOTHING, "", 0, 0, 0),
    "quality": QualityReport(_NOTHING, "", 0, 0),
    "prediction": PredictionReport(_NOTHING, "", 0, 0),
    "performance": PerformanceReport(_NOTHING, "", 0, 0, 0.0, 0.0),
}


def light_report(monitor: str, payload: str) -> Report | None:
    """Return verdict, findings and rows of a stored report; None for a monitor that is information only.

    >>> light_report("sequential", "{}") is None
    True
    """
    empty = _EMPTY.get(monitor)
    if empty is None:
        return None
    head = _HEAD.validate_json(payload)
    said = replace(empty, verdict=head.verdict, n=head.n, findings=head.findings)
    return replace(said, provisional=head.provisional) if isinstance(said, PerformanceReport) else said
