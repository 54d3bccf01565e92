"""Evidently: dataset drift of DataDriftPreset with its defaults (at least half of the columns drifted)."""

import warnings
from functools import partial

import pandas as pd
from evidently import DataDefinition, Dataset, Report  # type: ignore[import-not-found]
from evidently.presets import DataDriftPreset  # type: ignore[import-not-found]

from benchmarks.peers.runners.judging import Check, Columns, Setting, judge_all

SHARE = 0.5


def fit(reference: Columns, setting: Setting) -> Check:
    """Return a check against the reference."""
    warnings.simplefilter("ignore")
    numeric = [name for name in reference if name not in setting.categorical]
    definition = DataDefinition(numerical_columns=numeric, categorical_columns=sorted(setting.categorical) or None)
    return partial(_check, definition, _dataset(reference, definition))


def _check(definition: DataDefinition, reference: Dataset, batch: Columns) -> bool:
    snapshot = Report([DataDriftPreset()]).run(_dataset(batch, definition), reference)
    return bool(snapshot.dict()["metrics"][0]["value"]["share"] >= SHARE)


def _dataset(columns: Columns, definition: DataDefinition) -> Dataset:
    return Dataset.from_pandas(pd.DataFrame(columns), data_definition=definition)


if __name__ == "__main__":
    judge_all(fit)
