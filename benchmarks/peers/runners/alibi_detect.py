"""Alibi-detect: TabularDrift at p < 0.05 with the Bonferroni correction over columns (its default)."""

from functools import partial
from typing import Any

import numpy as np
from alibi_detect.cd import TabularDrift  # type: ignore[import-not-found]

from benchmarks.peers.runners.judging import Check, Columns, Setting, judge_all

P_VALUE = 0.05


def fit(reference: Columns, setting: Setting) -> Check:
    """Return a check against the reference."""
    places = {place: None for place, name in enumerate(reference) if name in setting.categorical}
    detector = TabularDrift(_matrix(reference), p_val=P_VALUE, categories_per_feature=places or None)
    return partial(_check, detector)


def _check(detector: Any, batch: Columns) -> bool:
    return bool(detector.predict(_matrix(batch))["data"]["is_drift"])


def _matrix(columns: Columns) -> np.ndarray:
    """Return the columns side by side; levels as the number of their letter."""
    coded = [
        np.array([ord(str(level)[0]) - ord("a") for level in values], float) if values.dtype == object else values
        for values in columns.values()
    ]
    return np.column_stack(coded)


if __name__ == "__main__":
    judge_all(fit)
