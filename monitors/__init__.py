"""The evidence: arrays in, reports out. No I/O, no clock, no database.

A `Detector` is fitted once on a reference and asked for every batch::

    detector = Detector(reference)
    judgement = detector.update(batch)
    judgement.verdict, judgement.reports["feature"].message

Every number in a report is finite or None, verdicts come from a policy, and whatever is wrong with a batch is said in
the report, never raised.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from driftboard.monitors.calibrated import CalibratedPolicy, PageOn
    from driftboard.monitors.detector import Detector, Judgement
    from driftboard.monitors.finding import Evidence, Finding
    from driftboard.monitors.interval import Interval
    from driftboard.monitors.multivariate import MultivariateMonitor, MultivariateReport
    from driftboard.monitors.policy import ClassicPolicy
    from driftboard.monitors.profile import Profile
    from driftboard.monitors.profile_bytes import profile_from_bytes, profile_to_bytes
    from driftboard.monitors.report import (
        Calibration,
        ClassResult,
        Estimate,
        FeatureReport,
        FeatureResult,
        Monitor,
        PairResult,
        PerformanceReport,
        PredictionReport,
        QualityReport,
        QualityResult,
        RelationReport,
        ReliabilityBin,
        Report,
        SegmentResult,
        Test,
        report_from_json,
        report_to_json,
    )
    from driftboard.monitors.sample import MISSING, Categorical, Codes, Column, Floats, Numeric, Sample
    from driftboard.monitors.sequential import SequentialReport, sequential_report
    from driftboard.monitors.verdict import Verdict, overall, worst
    from driftboard.monitors.wilson import wilson

__all__ = [
    "MISSING",
    "CalibratedPolicy",
    "Calibration",
    "Categorical",
    "ClassResult",
    "ClassicPolicy",
    "Codes",
    "Column",
    "Detector",
    "Estimate",
    "Evidence",
    "FeatureReport",
    "FeatureResult",
    "Finding",
    "Floats",
    "Interval",
    "Judgement",
    "Monitor",
    "MultivariateMonitor",
    "MultivariateReport",
    "Numeric",
    "PageOn",
    "PairResult",
    "PerformanceReport",
    "PredictionReport",
    "Profile",
    "QualityReport",
    "QualityResult",
    "RelationReport",
    "ReliabilityBin",
    "Report",
    "Sample",
    "SegmentResult",
    "SequentialReport",
    "Test",
    "Verdict",
    "overall",
    "profile_from_bytes",
    "profile_to_bytes",
    "report_from_json",
    "report_to_json",
    "sequential_report",
    "wilson",
    "worst",
]

_NAMES = {
    "calibrated": ("CalibratedPolicy", "PageOn"),
    "detector": ("Detector", "Judgement"),
    "finding": ("Evidence", "Finding"),
    "interval": ("Interval",),
    "multivariate": ("MultivariateMonitor", "MultivariateReport"),
    "policy": ("ClassicPolicy",),
    "profile": ("Profile",),
    "profile_bytes": ("profile_from_bytes", "profile_to_bytes"),
    "report": (
        "Calibration",
        "ClassResult",
        "Estimate",
        "FeatureReport",
        "FeatureResult",
        "Monitor",
        "PairResult",
        "PerformanceReport",
        "PredictionReport",
        "QualityReport",
        "QualityResult",
        "RelationReport",
        "ReliabilityBin",
        "Report",
        "SegmentResult",
        "Test",
        "report_from_json",
        "report_to_json",
    ),
    "sample": ("MISSING", "Categorical", "Codes", "Column", "Floats", "Numeric", "Sample"),
    "sequential": ("SequentialReport", "sequential_report"),
    "verdict": ("Verdict", "overall", "worst"),
    "wilson": ("wilson",),
}
"""By module: imported when a name is first asked for (PEP 562). SciPy takes a second, and most commands need none."""

_PLACES = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import what a public name stands for."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
