"""The inputs as frames: a row for each batch and feature; no I/O."""

import pandas as pd

from driftboard.dashboard.frames import History, batch_columns, tested, typed
from driftboard.monitors.report import FeatureReport, FeatureResult
from driftboard.monitors.verdict import Verdict

LOUD = ("warning", "critical", "invalid")
_UNJUDGED = frozenset({Verdict.INSUFFICIENT, Verdict.NO_DATA})
_NUMBERS = ("psi", "noise", "limit", "moved", "statistic", "p_value", "alpha")


def is_calibrated(report: FeatureReport) -> bool:
    """Return whether look-back windows were judged: then the limits are floors of the corrected PSI."""
    return any(each.evidence is not None for each in report.features)


def moved(result: FeatureResult, *, calibrated: bool) -> float | None:
    """Return the PSI that the limits are compared with: corrected, or as computed under the classic policy.

    None where the rows were too few to be judged: the PSI of a handful of rows is large whatever they hold.
    """
    if result.evidence is None and result.verdict in _UNJUDGED:
        return None
    return result.corrected_psi if calibrated else result.psi


def features(history: History) -> pd.DataFrame:
    """Return a row for each batch and feature: PSI, what luck gives, the limits, the chance of luck, sizes.

    `moved` is the PSI that the limits are compared with; `limit` what luck exceeds once in a thousand times.
    """
    rows = [
        {
            **batch_columns(stored),
            **_columns(each, calibrated=is_calibrated(report)),
            "psi_warning": report.psi_warning,
            "psi_critical": report.psi_critical,
        }
        for stored, report in history
        if isinstance(report, FeatureReport)
        for each in report.features
    ]
    return typed(rows, _NUMBERS)


def _columns(each: FeatureResult, *, calibrated: bool) -> dict[str, object]:
    return {
        "feature": each.feature,
        "kind": each.kind,
        "verdict": str(each.verdict),
        "psi": each.psi,
        "noise": each.psi_noise,
        "limit": each.psi_limit,
        "moved": moved(each, calibrated=calibrated),
        **tested(each.evidence, each.ks or each.chi_square),
        "n": each.n,
        "n_reference": each.n_reference,
    }


def most_moved(frame: pd.DataFrame, *, most: int) -> list[str]:
    """Return the features that moved most, at most so many: by their largest PSI that was a warning, then by any."""
    loud = frame["moved"].where(frame["verdict"].isin(LOUD))
    peaks = frame.assign(loud=loud).groupby("feature")[["loud", "moved"]].max().fillna(-1.0)
    ordered = peaks.sort_values(["loud", "moved"], ascending=False, kind="stable")
    return [str(name) for name in ordered.index[:most]]
