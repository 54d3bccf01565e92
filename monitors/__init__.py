"""The evidence: arrays in, reports out. No I/O, no clock, no database.

A `Detector` is fitted once on a reference and asked for every batch::

    detector = Detector(reference)
    judgement = detector.update(batch)
    judgement.verdict, judgement.reports["feature"].message

Every number in a report is finite or None, verdicts come from a policy, and whatever is wrong with a batch is said in
the report, never raised.
"""

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
