"""Data quality as frames: a row for each batch and feature; no I/O."""

import pandas as pd

from driftboard.dashboard.frames import History, batch_columns, typed
from driftboard.monitors.report import QualityReport, QualityResult

RATES = {
    "missing_rate": "Missing",
    "new_rate": "New levels",
    "below_rate": "Below the range",
    "above_rate": "Above the range",
    "infinite_rate": "Infinite",
}


def quality(history: History) -> pd.DataFrame:
    """Return a row for each batch and feature: the share of missing, new, out-of-range and infinite values."""
    rows = [
        {
            **batch_columns(stored),
            "feature": each.feature,
            "kind": each.kind,
            "verdict": str(each.verdict),
            "n": each.n,
            "reference_missing_rate": each.reference_missing_rate,
            **{name: getattr(each, name) for name in RATES},
        }
        for stored, report in history
        if isinstance(report, QualityReport)
        for each in report.features
    ]
    return typed(rows, (*RATES, "reference_missing_rate"))


def strays(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the same rows in long form: batch, what is out of place (new, below, above, infinite), its share."""
    kinds = {name: title for name, title in RATES.items() if name != "missing_rate"}
    known = {name: title for name, title in kinds.items() if frame[name].notna().any()}
    happened = {name: title for name, title in known.items() if (frame[name] > 0).any()}
    parts = [
        frame[["batch", "at", "end", "when", "n"]].assign(what=title, rate=frame[name])
        for name, title in (happened or known).items()
    ]
    empty = pd.DataFrame(columns=["batch", "at", "end", "when", "n", "what", "rate"])
    return pd.concat(parts, ignore_index=True).dropna(subset=["rate"]) if parts else empty


def ranked(report: QualityReport) -> list[QualityResult]:
    """Return the features, those that ask for attention first."""
    return sorted(report.features, key=lambda each: (-each.verdict.rank, -_worst_rate(each), each.feature))


def _worst_rate(each: QualityResult) -> float:
    risen = each.missing_rate - each.reference_missing_rate
    return max(risen, *(getattr(each, name) or 0.0 for name in RATES if name != "missing_rate"))
