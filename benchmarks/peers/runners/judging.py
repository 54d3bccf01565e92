"""What all runners share: read streams from .npz files, judge their batches in order, print a line for each batch."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Columns = dict[str, Any]
"""Column name to values of shape (n,): floats with NaN for a missing value, or level names."""


@dataclass(frozen=True)
class Setting:
    """What a detector is told when it is made: rows in a batch, and which columns are categorical."""

    rows: int
    categorical: frozenset[str]


Check = Callable[[Columns], bool]
Fit = Callable[[Columns, Setting], Check]


def judge_all(fit: Fit) -> None:
    """Judge every stream of the folders on the command line; print `stream,seed,batch,flagged,seconds` lines.

    A stream is left at its first flag after the change: what comes later decides nothing.
    """
    for source in sorted(path for folder in sys.argv[1:] for path in Path(folder).glob("*.npz")):
        with np.load(source) as arrays:
            _judge(fit, source.stem, dict(arrays))


def _judge(fit: Fit, stem: str, arrays: dict[str, Any]) -> None:
    stream, _, seed = stem.rpartition("-")
    change_at = int(arrays["change_at"])
    names, levels = [str(name) for name in arrays["columns"]], arrays["levels"]
    categorical = frozenset(str(name) for name in arrays["categorical"])
    reference = _columns(arrays["reference"], names, categorical, levels)
    check = fit(reference, Setting(arrays["batches"].shape[2], categorical))
    for number, values in enumerate(arrays["batches"]):
        batch = _columns(values, names, categorical, levels)
        start = time.perf_counter()
        flagged = check(batch)
        print(f"{stream},{seed},{number},{int(flagged)},{time.perf_counter() - start:.5f}", flush=True)
        if flagged and 0 <= change_at <= number:
            return


def _columns(values: Any, names: list[str], categorical: frozenset[str], levels: Any) -> Columns:
    return {
        name: levels[row.astype(int)].astype(object) if name in categorical else row
        for name, row in zip(names, values, strict=True)
    }
