"""Common names of the same metrics: those that tutorials, and the dashboards built after them, ask for.

Labels are renamed, too (`model_name`, `feature_name`, ...), and none is left out: two versions of a model stay two
series. Two of the names break a rule of Prometheus, for the dashboards ask for them so: `ml_predictions_by_class` and
`ml_low_confidence_predictions` are counters without `_total`. What those dashboards split by endpoint is one here.
"""

from driftboard.exporter.family import Alias

_RENAMED = {
    "model": "model_name",
    "version": "model_version",
    "feature": "feature_name",
    "type": "error_type",
    "slo": "slo_type",
    "gpu": "gpu_id",
}
"""Our label to theirs; the others are called the same."""

_NAMES: dict[str, tuple[str, ...]] = {
    "driftboard_requests_total": ("ml_prediction_requests_total", "ml_requests_total", "model_predictions_total"),
    "driftboard_request_errors_total": ("ml_errors_total",),
    "driftboard_request_duration_seconds": (
        "ml_prediction_latency_seconds",
        "ml_request_duration_seconds",
        "model_prediction_seconds",
    ),
    "driftboard_requests_in_progress": ("ml_requests_in_progress",),
    "driftboard_request_rows": ("ml_batch_size",),
    "driftboard_predictions_total": ("ml_prediction_distribution_total", "ml_predictions_by_class"),
    "driftboard_prediction_confidence": ("ml_model_confidence", "ml_prediction_confidence"),
    "driftboard_low_confidence_predictions_total": ("ml_low_confidence_predictions",),
    "driftboard_predictions_per_second": ("ml_throughput_requests_per_second",),
    "driftboard_accuracy_ratio": ("ml_model_accuracy", "model_accuracy_score"),
    "driftboard_macro_f1_ratio": ("ml_model_f1_score",),
    "driftboard_segment_accuracy_ratio": ("ml_accuracy_by_segment",),
    "driftboard_feature_drift_score": ("ml_feature_drift_score", "ml_data_drift_score"),
    "driftboard_prediction_drift_score": ("ml_prediction_drift_score",),
    "driftboard_prediction_psi": ("ml_concept_drift_psi",),
    "driftboard_slo_compliance_ratio": ("ml_slo_compliance_percentage",),
    "driftboard_process_resident_memory_bytes": ("ml_model_memory_bytes",),
    "driftboard_process_gpu_utilization_ratio": ("ml_gpu_utilization_percent",),
    "driftboard_process_gpu_memory_used_bytes": ("ml_gpu_memory_used_bytes",),
}
_PER_CENT = frozenset({"ml_slo_compliance_percentage", "ml_gpu_utilization_percent"})


def aliases_of(name: str, labels: tuple[str, ...]) -> tuple[Alias, ...]:
    """Return the other names of a family, with its labels as they are called there."""
    renamed = tuple(_RENAMED.get(label, label) for label in labels)
    return tuple(Alias(each, renamed, 100 if each in _PER_CENT else 1) for each in _NAMES.get(name, ()))
