"""What is told for information only, as frames; no I/O."""

import pandas as pd

from driftboard.dashboard.frames import History, batch_columns, interval_columns, typed
from driftboard.monitors.multivariate import MultivariateReport


def multivariate(history: History) -> pd.DataFrame:
    """Return a row for each batch: reconstruction error with its band, beside the reference's, and the MMD's p."""
    rows = [
        {
            **batch_columns(stored),
            "verdict": str(report.verdict),
            "n": report.n,
            "error": report.reconstruction_error,
            "reference_error": report.reference_reconstruction_error,
            "mmd_p": report.mmd_p,
            **interval_columns(report.reconstruction_interval),
        }
        for stored, report in history
        if isinstance(report, MultivariateReport)
    ]
    return typed(rows, ("error", "reference_error", "mmd_p", "low", "high"))
