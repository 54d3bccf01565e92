"""Reports as frames for charts and tables: one row for each batch (or batch and feature, or class); no I/O.

Every frame has `batch`, its times `at` and `end` (where the next batch begins: a mark's width on a time axis) and
`when`, the time as text.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from driftboard.dashboard.text import stamp
from driftboard.data.reports import StoredReport
from driftboard.monitors.report import FeatureReport, Interval, PerformanceReport, PredictionReport, Report, Test

History = Sequence[tuple[StoredReport, Report]]

MONITORS = {"feature": "Features", "prediction": "Predictions", "performance": "Performance"}
_WIDEST_GAP = 1.5
_ALONE = pd.Timedelta(days=1)


def verdicts(rows: Iterable[tuple[str, datetime, str, str]]) -> pd.DataFrame:
    """Return batch, at, end, when, monitor, verdict."""
    frame = pd.DataFrame(rows, columns=["batch", "at", "monitor", "verdict"])
    return _with_times(frame)


def features(history: History) -> pd.DataFrame:
    """Return a row for each batch and feature: PSI with its limits and noise, test, missing rate, sizes, sentence."""
    rows = [
        {
            **_batch(stored),
            "feature": each.feature,
            "kind": each.kind,
            "verdict": str(each.verdict),
            "message": each.message,
            "psi": each.psi,
            "noise": each.psi_noise,
            "test": "KS" if each.ks else "chi-square" if each.chi_square else None,
            **_tested(each.ks or each.chi_square),
            "missing_rate": each.missing_rate,
            "reference_missing_rate": each.reference_missing_rate,
            "n": each.n,
            "n_reference": each.n_reference,
            "psi_warning": report.psi_warning,
            "psi_critical": report.psi_critical,
        }
        for stored, report in history
        if isinstance(report, FeatureReport)
        for each in report.features
    ]
    return _typed(rows, ("psi", "noise", "statistic", "p_value", "alpha"))


def predictions(history: History) -> pd.DataFrame:
    """Return a row for each batch: class-mix test, mean confidence or predicted value beside the reference."""
    rows = [
        {
            **_batch(stored),
            "verdict": str(report.verdict),
            "message": report.message,
            "n": report.n,
            "n_reference": report.n_reference,
            "failed": report.failed,
            **_tested(report.chi_square or report.value_ks),
            "confidence": report.mean_confidence,
            "reference_confidence": report.reference_mean_confidence,
            "predicted": report.mean_predicted,
            "reference_predicted": report.reference_mean_predicted,
        }
        for stored, report in history
        if isinstance(report, PredictionReport)
    ]
    numbers = ("statistic", "p_value", "alpha", "confidence", "reference_confidence", "predicted")
    return _typed(rows, (*numbers, "reference_predicted"))


def class_shares(history: History) -> pd.DataFrame:
    """Return a row for each batch and class: its share with interval, and the reference's."""
    rows = [
        {
            **_batch(stored),
            "label": name,
            "position": position,
            "count": count,
            "n": sum(report.counts),
            "share": count / sum(report.counts) if sum(report.counts) else None,
            "reference_share": before / sum(report.reference_counts) if sum(report.reference_counts) else None,
        }
        for stored, report in history
        if isinstance(report, PredictionReport)
        for position, (name, count, before) in enumerate(
            zip(report.classes, report.counts, report.reference_counts, strict=False)
        )
    ]
    return _typed(rows, ("share", "reference_share"))


def stacked(shares: pd.DataFrame, *, most: int) -> pd.DataFrame:
    """Return the shares of at most `most` classes (the rarest as one) with where each bar begins and ends."""
    total = shares.groupby("label")["count"].sum().sort_values(ascending=False)
    kept = set(total.index[: most - 1]) if len(total) > most else set(total.index)
    named = shares.assign(label=shares["label"].where(shares["label"].isin(kept), OTHER_CLASSES))
    keys = ["batch", "at", "end", "when", "label"]
    summed = named.groupby(keys, sort=False, as_index=False).agg(
        {"share": "sum", "reference_share": "sum", "count": "sum", "n": "first", "position": "min"}
    )
    by_batch = summed.sort_values(["at", "position"]).groupby("batch", sort=False)
    top, reference_top = by_batch["share"].cumsum(), by_batch["reference_share"].cumsum()
    return summed.assign(top=top, bottom=top - summed["share"], reference_top=reference_top)


OTHER_CLASSES = "other classes"


def performance(history: History) -> pd.DataFrame:
    """Return a row for each batch: quality beside the reference, with the limit at which decay is called."""
    rows = [
        {
            **_batch(stored),
            "verdict": str(report.verdict),
            "message": report.message,
            "n": report.n,
            "n_labelled": report.n_labelled,
            "coverage": report.coverage,
            "decay_limit": report.decay_limit,
            **_interval(report.accuracy_interval),
            **{name: getattr(report, name) for name in _QUALITY},
        }
        for stored, report in history
        if isinstance(report, PerformanceReport)
    ]
    return _typed(rows, ("low", "high", *_QUALITY))


_MEASURES = ("accuracy", "macro_f1", "ece", "mae", "rmse", "r2")
_QUALITY = (*_MEASURES, *(f"reference_{name}" for name in _MEASURES))


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


def _batch(stored: StoredReport) -> dict[str, object]:
    return {"batch": stored.batch_id, "at": stored.batch_at, "revision": stored.revision}


def _tested(test: Test | None) -> dict[str, float | None]:
    if test is None:
        return {"statistic": None, "p_value": None, "alpha": None}
    return {"statistic": test.statistic, "p_value": test.p_value, "alpha": test.alpha}


def _interval(interval: Interval | None) -> dict[str, float | None]:
    return {"low": None, "high": None} if interval is None else {"low": interval.low, "high": interval.high}


def _typed(rows: list[dict[str, Any]], numbers: Iterable[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    if frame.empty:
        return pd.DataFrame(columns=["batch", "at", "end", "when", "verdict", *numbers])
    return _with_times(frame.astype(dict.fromkeys(numbers, float)))


def _with_times(frame: pd.DataFrame) -> pd.DataFrame:
    at = pd.to_datetime(frame["at"], utc=True).astype("datetime64[us, UTC]")
    starts = sorted(set(at))
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    widest = _WIDEST_GAP * pd.Series(gaps).median() if gaps else _ALONE
    typical = pd.Series(gaps).median() if gaps else _ALONE
    ends = {start: min(following, start + widest) for start, following in pairwise(starts)}
    if starts:
        ends[starts[-1]] = starts[-1] + typical
    end = at.map(ends).astype("datetime64[us, UTC]")
    return frame.assign(at=at, end=end, when=[stamp(each.to_pydatetime().astimezone(UTC)) for each in at])
