"""The outcomes as frames: a row for each batch, class, pair of classes, bin of confidence; no I/O."""

import numpy as np
import pandas as pd

from driftboard.dashboard.frames import History, batch_columns, interval_columns, typed
from driftboard.monitors.report import Calibration, PerformanceReport

_MEASURES = ("accuracy", "macro_f1", "ece", "mae", "rmse", "r2")
_QUALITY = (*_MEASURES, *(f"reference_{name}" for name in _MEASURES))
_CALIBRATION = ("ece_debiased", "ece_by_luck", "ece_labels")


def performance(history: History) -> pd.DataFrame:
    """Return a row for each batch: quality beside the reference, with the limit at which decay is called."""
    rows = [
        {
            **batch_columns(stored),
            "verdict": str(report.verdict),
            "n": report.n,
            "n_labelled": report.n_labelled,
            "coverage": report.coverage,
            "provisional": report.provisional,
            "decay_limit": report.decay_limit,
            **interval_columns(report.accuracy_interval),
            **{name: getattr(report, name) for name in _QUALITY},
            **_calibration(report.calibration),
        }
        for stored, report in history
        if isinstance(report, PerformanceReport)
    ]
    return typed(rows, ("low", "high", *_QUALITY, *_CALIBRATION))


def estimates(history: History) -> pd.DataFrame:
    """Return a row for each batch and figure that is estimated without labels, with its band."""
    rows = [
        {
            **batch_columns(stored),
            "name": each.name,
            "estimate": each.value,
            "low": each.low,
            "high": each.high,
            "reference": each.reference,
            "n": each.n,
        }
        for stored, report in history
        if isinstance(report, PerformanceReport)
        for each in report.estimates
    ]
    frame = typed(rows, ("estimate", "low", "high", "reference"))
    return frame if rows else frame.assign(name=pd.Series(dtype=str))


def _calibration(found: Calibration | None) -> dict[str, float | None]:
    if found is None:
        return dict.fromkeys(_CALIBRATION)
    return {"ece_debiased": found.debiased, "ece_by_luck": found.by_luck, "ece_labels": found.n}


def class_measures(report: PerformanceReport) -> pd.DataFrame:
    """Return recall, precision and support of each class, from the confusion matrix."""
    counts = np.array(report.confusion, dtype=float).reshape(len(report.classes), len(report.classes))
    right = counts.diagonal()
    with np.errstate(invalid="ignore", divide="ignore"):
        recall, precision = right / counts.sum(axis=1), right / counts.sum(axis=0)
    return pd.DataFrame(
        {
            "class": list(report.classes),
            "recall": recall,
            "precision": precision,
            "labelled": counts.sum(axis=1).astype(int),
            "predicted": counts.sum(axis=0).astype(int),
        }
    )


def confusion(report: PerformanceReport) -> pd.DataFrame:
    """Return a row for each pair of classes: labelled, predicted, count and its share of the labelled class."""
    rows = [
        {
            "labelled": labelled,
            "predicted": predicted,
            "count": count,
            "share": count / sum(line) if sum(line) else 0.0,
        }
        for labelled, line in zip(report.classes, report.confusion, strict=False)
        for predicted, count in zip(report.classes, line, strict=False)
    ]
    return pd.DataFrame(rows, columns=["labelled", "predicted", "count", "share"])


def reliability(report: PerformanceReport) -> pd.DataFrame:
    """Return a row for each bin of confidence."""
    rows = [
        {
            "low": each.low,
            "high": each.high,
            "bin": f"{each.low:.1f} - {each.high:.1f}",
            "n": each.n,
            "confidence": each.mean_confidence,
            "accuracy": each.accuracy,
            "from": each.interval.low,
            "to": each.interval.high,
        }
        for each in report.reliability
    ]
    return pd.DataFrame(rows, columns=["low", "high", "bin", "n", "confidence", "accuracy", "from", "to"])
