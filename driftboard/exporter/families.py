"""The one table of metric families: the exporter, the rendered rules and dashboards, and `docs/metrics.md` read it.

Names follow Prometheus' own advice (https://prometheus.io/docs/practices/naming/): base units, `_total` of what only
grows, `_ratio` of what lies between 0 and 1, `_timestamp_seconds` of points in time.
"""

from driftboard.exporter.aliases import aliases_of
from driftboard.exporter.family import Family, Kind

MODEL = ("model", "version", "environment")
PREFIX = "driftboard_"


def _family(name: str, kind: Kind, help_text: str, *labels: str, model: bool = True) -> Family:
    own = (*MODEL, *labels) if model else labels
    return Family(PREFIX + name, kind, help_text, own, aliases_of(PREFIX + name, own))


def _own(name: str, kind: Kind, help_text: str, *labels: str) -> Family:
    return _family(name, kind, help_text, *labels, model=False)


REQUESTS = _family("requests_total", "counter", "Requests by how they ended: success, error, rejected.", "status")
ERRORS = _family("request_errors_total", "counter", "Failed requests by type of error; the rest are other.", "type")
DURATION = _family("request_duration_seconds", "histogram", "How long requests took, in seconds.")
IN_PROGRESS = _family("requests_in_progress", "gauge", "Requests under way at the end of the last minute.")
ROWS = _family("request_rows", "histogram", "Predictions by request.")

PREDICTIONS = _family(
    "predictions_total",
    "counter",
    "Predictions by class: the classes met first by name, the rest as other; of a regression all are value.",
    "predicted_class",
)
CONFIDENCE = _family("prediction_confidence", "histogram", "Confidence of the predictions, 0 to 1.")
LOW_CONFIDENCE = _family(
    "low_confidence_predictions_total", "counter", "Predictions at most as sure as service.low_confidence."
)
THROUGHPUT = _family("predictions_per_second", "gauge", "Predictions a second in the last five whole minutes.")
NEWEST = _family(
    "newest_prediction_timestamp_seconds", "gauge", "When the newest prediction was made, in seconds since 1970."
)

COVERAGE = _family("labels_coverage_ratio", "gauge", "Share of the predictions that have a label; of that batch.")
ACCURACY = _family(
    "accuracy_ratio", "gauge", "Accuracy of the newest batch whose labels had the time to arrive; 0 to 1."
)
ACCURACY_LOWER = _family("accuracy_lower_ratio", "gauge", "Lower end of the 95 % interval of the accuracy.")
ACCURACY_UPPER = _family("accuracy_upper_ratio", "gauge", "Upper end of the 95 % interval of the accuracy.")
ACCURACY_LABELS = _family("accuracy_labels", "gauge", "Labels that the accuracy, or the error, rests on.")
MACRO_F1 = _family("macro_f1_ratio", "gauge", "Mean F1 over the classes of that batch; 0 to 1.")
MEAN_ABSOLUTE_ERROR = _family(
    "mean_absolute_error", "gauge", "Mean absolute error of that batch, in the target's unit."
)
ROOT_MEAN_SQUARED_ERROR = _family(
    "root_mean_squared_error", "gauge", "Root mean squared error of that batch, in the target's unit."
)
SEGMENT_ACCURACY = _family(
    "segment_accuracy_ratio",
    "gauge",
    "Accuracy by level of a segment; those that ask for most attention.",
    "segment",
    "level",
)

FEATURE_DRIFT = _family(
    "feature_drift_score",
    "gauge",
    "How far a feature of the newest batch lies from the reference: Kolmogorov-Smirnov distance, or total variation "
    "of categories; 0 to 1. Those that moved first, then the farthest.",
    "feature",
)
FEATURE_PSI = _family(
    "feature_psi", "gauge", "Population stability index of a feature, less what luck gives on average.", "feature"
)
FEATURE_MOVED = _family(
    "feature_moved", "gauge", "1: the feature moved by evidence and effect (verdict warning or critical).", "feature"
)
FEATURES_MOVED = _family("features_moved", "gauge", "How many features moved, named here or not.")
PREDICTION_DRIFT = _family(
    "prediction_drift_score",
    "gauge",
    "How far the predictions lie from the reference: total variation of the classes, or Kolmogorov-Smirnov distance of "
    "the values; 0 to 1.",
)
PREDICTION_PSI = _family(
    "prediction_psi", "gauge", "Population stability index of the predicted classes, less what luck gives on average."
)
PREDICTION_MOVED = _family("prediction_moved", "gauge", "1: the predictions moved by evidence and effect.")
CONFIDENCE_PSI = _family(
    "confidence_psi", "gauge", "Population stability index of the confidence, where that is the evidence's measure."
)
CONFIDENCE_DRIFT = _family(
    "confidence_drift_score", "gauge", "Kolmogorov-Smirnov distance of the confidence from the reference's; 0 to 1."
)
CONFIDENCE_MOVED = _family("confidence_moved", "gauge", "1: the confidence moved by evidence and effect.")

VERDICT = _family(
    "verdict", "gauge", "Newest verdict: 0 ok, 1 info, 2 warning or broken, 3 critical; absent: cannot tell.", "monitor"
)
INCIDENTS = _family(
    "open_incidents", "gauge", "Incidents that are not over; without a model: driftboard's.", "severity"
)

SLO_COMPLIANCE = _family("slo_compliance_ratio", "gauge", "Share of good events over the days of the SLO.", "slo")
SLO_TARGET = _family("slo_target_ratio", "gauge", "Share of good events that is promised.", "slo")
SLO_BUDGET = _family(
    "slo_error_budget_remaining_ratio", "gauge", "Error budget: 1 untouched, 0 spent, below 0 overspent.", "slo"
)
SLO_MET = _family("slo_met", "gauge", "1: the objective is met; 0: missed; absent: cannot tell.", "slo")

PROCESS = ("component", "process")
CPU = _family("process_cpu_cores", "gauge", "Cores a process kept busy in the last minute.", *PROCESS)
MEMORY = _family("process_resident_memory_bytes", "gauge", "Resident memory of a process.", *PROCESS)
GPU = _family("process_gpu_utilization_ratio", "gauge", "Utilisation of a graphics card, 0 to 1.", *PROCESS, "gpu")
GPU_MEMORY = _family("process_gpu_memory_used_bytes", "gauge", "Memory in use on a graphics card.", *PROCESS, "gpu")

BUILD = _own("build_info", "gauge", "Always 1; the label is the version of driftboard.", "version")
HEARTBEAT = _own("heartbeat_age_seconds", "gauge", "Since the last sign of life of a part of driftboard.", "component")
HEARTBEAT_INTERVAL = _own(
    "heartbeat_interval_seconds", "gauge", "How often that part means to give a sign of life.", "component"
)
QUEUED = _own("queued_notifications", "gauge", "Messages waiting to leave.")
QUEUE_AGE = _own("queue_age_seconds", "gauge", "How long the oldest message that is due has waited.")
DEAD = _own("dead_notifications", "gauge", "Messages given up on.")
DATABASE = _own("database_bytes", "gauge", "Size of the database.")
WAL = _own("wal_bytes", "gauge", "Size of SQLite's write-ahead log; absent on a server.")
UNJUDGED = _own("unjudged_batches", "gauge", "Of each model's newest 100 batches: those not judged as they are now.")
SCRAPE_DURATION = _own("scrape_duration_seconds", "gauge", "How long driftboard took to gather these metrics.")
SCRAPE_ERRORS = _own(
    "scrape_errors_total", "counter", "Parts left out of a scrape because they could not be read.", "part"
)

FAMILIES: tuple[Family, ...] = tuple(each for each in globals().copy().values() if isinstance(each, Family))
"""Every family, in the order of this file, which is that of /metrics."""


def find_family(name: str) -> Family:
    """Return the family of that name.

    Raises
    ------
    KeyError
        There is none: a rule or panel that asks for it would be empty for ever.
    """
    return _BY_NAME[name]


_BY_NAME = {each.name: each for each in FAMILIES}
