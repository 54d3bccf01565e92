"""The evidence: arrays in, reports out. No I/O, no clock, no database.

A monitor is made once from the reference (a `Sample`) and asked for a report of each batch::

    report = FeatureMonitor(reference).report(batch)
    report.verdict, report.message

Every number in a report is finite or None, every verdict comes from one place (`policy`), and whatever is wrong with a
batch is said in the report, never raised.
"""

from driftboard.monitors.feature import FeatureMonitor
from driftboard.monitors.performance import PerformanceMonitor
from driftboard.monitors.policy import ClassicPolicy
from driftboard.monitors.prediction import PredictionMonitor
from driftboard.monitors.report import (
    FeatureReport,
    FeatureResult,
    Interval,
    Monitor,
    PerformanceReport,
    PredictionReport,
    ReliabilityBin,
    Report,
    Test,
    Verdict,
    report_from_json,
    report_to_json,
    worst,
)
from driftboard.monitors.sample import MISSING, Categorical, Codes, Column, Floats, Numeric, Sample
from driftboard.monitors.wilson import wilson

__all__ = [
    "MISSING",
    "Categorical",
    "ClassicPolicy",
    "Codes",
    "Column",
    "FeatureMonitor",
    "FeatureReport",
    "FeatureResult",
    "Floats",
    "Interval",
    "Monitor",
    "Numeric",
    "PerformanceMonitor",
    "PerformanceReport",
    "PredictionMonitor",
    "PredictionReport",
    "ReliabilityBin",
    "Report",
    "Sample",
    "Test",
    "Verdict",
    "report_from_json",
    "report_to_json",
    "wilson",
    "worst",
]
