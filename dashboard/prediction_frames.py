"""The outputs as frames: a row for each batch, and for each batch and class; no I/O."""

import pandas as pd

from driftboard.dashboard.frames import History, batch_columns, interval_columns, tested, typed
from driftboard.monitors.report import PredictionReport

OTHER_CLASSES = "other classes"
_NUMBERS = (
    "statistic",
    "p_value",
    "alpha",
    "confidence",
    "reference_confidence",
    "predicted",
    "reference_predicted",
)


def predictions(history: History) -> pd.DataFrame:
    """Return a row for each batch: chance of luck, mean confidence or predicted value beside the reference."""
    rows = [
        {
            **batch_columns(stored),
            "verdict": str(report.verdict),
            "n": report.n,
            "n_reference": report.n_reference,
            "failed": report.failed,
            **tested(report.mix or report.value, report.chi_square or report.value_ks),
            "confidence": report.mean_confidence,
            "reference_confidence": report.reference_mean_confidence,
            "predicted": report.mean_predicted,
            "reference_predicted": report.reference_mean_predicted,
        }
        for stored, report in history
        if isinstance(report, PredictionReport)
    ]
    return typed(rows, _NUMBERS)


def class_shares(history: History) -> pd.DataFrame:
    """Return a row for each batch and class: its share, and the reference's."""
    rows = [
        {
            **batch_columns(stored),
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
    return typed(rows, ("share", "reference_share"))


def class_intervals(report: PredictionReport, *, most: int) -> pd.DataFrame:
    """Return the most frequent classes of one batch: share with its interval beside the reference's share."""
    n, before = sum(report.counts), sum(report.reference_counts)
    intervals = report.share_interval or (None,) * len(report.classes)
    rows = [
        {
            "label": name,
            "share": count / n if n else None,
            "count": count,
            "n": n,
            "reference_share": earlier / before if before else None,
            **interval_columns(interval),
        }
        for name, count, earlier, interval in zip(
            report.classes, report.counts, report.reference_counts, intervals, strict=False
        )
    ]
    frame = pd.DataFrame(rows, columns=["label", "share", "count", "n", "reference_share", "low", "high"])
    frame = frame.astype(dict.fromkeys(("share", "reference_share", "low", "high"), float))
    largest = frame[["share", "reference_share"]].max(axis=1).sort_values(ascending=False, kind="stable")
    return frame.loc[largest.index[:most]].reset_index(drop=True)


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
