"""Frouros: flagged when the Kolmogorov-Smirnov test (chi-square for levels) of any column has p <= 0.001."""

from functools import partial

import numpy as np
from frouros.detectors.data_drift import ChiSquareTest, KSTest  # type: ignore[import-not-found]

from benchmarks.peers.runners.judging import Check, Columns, Setting, judge_all

P_VALUE = 0.001


def fit(reference: Columns, setting: Setting) -> Check:
    """Return a check against the reference; missing values are left out."""
    tests = {name: ChiSquareTest() if name in setting.categorical else KSTest() for name in reference}
    for name, test in tests.items():
        test.fit(X=_present(reference, name, setting))
    return partial(_check, tests, setting)


def _check(tests: Columns, setting: Setting, batch: Columns) -> bool:
    return any(test.compare(X=_present(batch, name, setting))[0].p_value <= P_VALUE for name, test in tests.items())


def _present(columns: Columns, name: str, setting: Setting) -> np.ndarray:
    values: np.ndarray = columns[name]
    return values if name in setting.categorical else values[~np.isnan(values)]


if __name__ == "__main__":
    judge_all(fit)
