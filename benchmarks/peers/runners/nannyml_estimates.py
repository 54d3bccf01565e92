"""Run by NannyML's own Python: what CBPE or DLE make of a stream. Arguments: KIND STREAM.npz OUT.csv CHUNK.

Prints the seconds of fit and estimate; writes a line for each chunk: realised and estimated value of each metric.
"""

import csv
import sys
import time
from pathlib import Path
from typing import Any

import nannyml  # type: ignore[import-not-found]
import numpy as np
import pandas as pd

METRICS = {"cbpe": ["accuracy", "f1", "roc_auc"], "dle": ["mae", "rmse"]}


def main(kind: str, source: str, target: str, chunk: int) -> None:
    """Fit on the reference, estimate on the stream, write both beside each other."""
    with np.load(source) as arrays:
        reference, stream = (_frame(arrays, side) for side in ("reference", "stream"))
        features = [str(name) for name in arrays["columns"]]
    estimator = _estimator(kind, features, chunk)
    start = time.perf_counter()
    estimator.fit(reference)
    fitted = time.perf_counter()
    estimated = estimator.estimate(stream).filter(period="analysis").to_df()
    print(fitted - start, time.perf_counter() - fitted)
    _write(kind, estimated, target)


def _estimator(kind: str, features: list[str], chunk: int) -> Any:
    if kind == "dle":
        return nannyml.DLE(
            feature_column_names=features, y_pred="predicted", y_true="label", chunk_size=chunk, metrics=METRICS[kind]
        )
    return nannyml.CBPE(
        metrics=METRICS[kind],
        y_pred="predicted",
        y_pred_proba="score",
        y_true="label",
        problem_type="classification_binary",
        chunk_size=chunk,
    )


def _frame(arrays: Any, side: str) -> pd.DataFrame:
    frame = pd.DataFrame(arrays[f"{side}_features"], columns=[str(name) for name in arrays["columns"]])
    for column in ("predicted", "label", "score"):
        if f"{side}_{column}" in arrays:
            frame[column] = arrays[f"{side}_{column}"]
    return frame


def _write(kind: str, estimated: pd.DataFrame, target: str) -> None:
    names = METRICS[kind]
    with Path(target).open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["chunk", *(f"{side}_{name}" for name in names for side in ("realised", "estimated"))])
        for number in range(len(estimated)):
            row = estimated.iloc[number]
            values = [row[(name, side)] for name in names for side in ("realized", "value")]
            writer.writerow([number, *(f"{value:.6f}" for value in values)])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
