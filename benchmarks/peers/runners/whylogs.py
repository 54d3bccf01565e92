"""Whylogs: flagged when any column's drift score (KS, chi-square for levels) is below its default threshold of 0.05."""

from functools import partial
from typing import Any

import pandas as pd
import whylogs  # type: ignore[import-not-found]
from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores  # type: ignore[import-not-found]

from benchmarks.peers.runners.judging import Check, Columns, Setting, judge_all


def fit(reference: Columns, _: Setting) -> Check:
    """Return a check against the reference's profile."""
    return partial(_check, _profile(reference))


def _check(reference: Any, batch: Columns) -> bool:
    scores = calculate_drift_scores(target_view=_profile(batch), reference_view=reference, with_thresholds=True)
    return any(score is not None and score["drift_category"] == "DRIFT" for score in scores.values())


def _profile(columns: Columns) -> Any:
    return whylogs.log(pd.DataFrame(columns)).profile().view()


if __name__ == "__main__":
    judge_all(fit)
