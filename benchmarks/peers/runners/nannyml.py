"""NannyML: flagged when the univariate Jensen-Shannon distance of any column is above its default (mean + 3 sd)."""

import warnings
from functools import partial
from typing import Any

import pandas as pd
from nannyml import UnivariateDriftCalculator  # type: ignore[import-not-found]

from benchmarks.peers.runners.judging import Check, Columns, Setting, judge_all

METHOD = "jensen_shannon"


def fit(reference: Columns, setting: Setting) -> Check:
    """Return a check against the reference, chunked like the batches (in five, where those are too large)."""
    warnings.simplefilter("ignore")
    frame = _frame(reference, setting)
    calculator = UnivariateDriftCalculator(
        column_names=list(reference),
        continuous_methods=[METHOD],
        categorical_methods=[METHOD],
        chunk_size=setting.rows,
    )
    calculator.fit(frame)
    return partial(_check, calculator, setting)


def _check(calculator: Any, setting: Setting, batch: Columns) -> bool:
    result = calculator.calculate(_frame(batch, setting)).filter(period="analysis").to_df()
    return bool(result.xs("alert", axis=1, level=-1).to_numpy().any())


def _frame(columns: Columns, setting: Setting) -> pd.DataFrame:
    return pd.DataFrame(columns).astype(dict.fromkeys(setting.categorical, "category"))


if __name__ == "__main__":
    judge_all(fit)
