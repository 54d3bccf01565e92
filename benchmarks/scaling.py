"""The log's speed and size, beside the tutorial's way and beside the sqlite3 shell.

Rows of 5 features and 3 scores; our log with WAL and synchronous=FULL. Write rates are of durable rows. Then labels by
random prediction id on a million predictions, and what `log()` costs its caller.
"""

import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import logging, shell, tutorial
from benchmarks.rounds import alternate, publish, table
from driftboard.data import (
    ModelKey,
    PredictionBatch,
    Store,
    get_model,
    iterate_batches,
    label_predictions,
    log_predictions,
    open_store,
    register_model,
)
from driftboard.data.ids import new_ids

KEY = ModelKey("scaling")
CLASSES = (0, 1, 2)
SIZES = (2_000, 10_000, 50_000, 100_000)
BATCHES = (200, 2_000)
LABELLED = 1_000_000
LABEL_BATCH = 10_000


def main() -> None:
    """Measure, print, and write the figures where asked."""
    figures: dict[str, float] = {}
    rows: list[list[str]] = []
    for batch in BATCHES:
        for size in SIZES:
            rates = _write_rates(size, batch)
            rows.append([f"{size:,}", f"{batch:,}", *(f"{rates[name]:,.0f}" for name in rates)])
            if size == SIZES[-1]:
                figures[f"write_{batch}_vs_tutorial"] = rates["driftboard"] / rates["tutorial"]
                if "shell" in rates:
                    figures[f"write_{batch}_vs_shell"] = rates["driftboard"] / rates["shell"]
    names = ["tutorial", "driftboard"] + (["sqlite3 shell"] if shell.available() else [])
    print(table("rows written a second (medians)", ["rows", "batch", *names], rows))
    figures |= _reading_and_size(SIZES[-1], 2_000)
    figures["labels_per_s"] = _labels_per_second(LABELLED)
    figures |= logging.measure()
    publish(figures, __doc__)


def _write_rates(size: int, batch: int) -> dict[str, float]:
    data = _arrays(size, batch)
    contestants: dict[str, Callable[[], float]] = {
        "tutorial": lambda: size / _in_new_folder(lambda path: _write_tutorial(path, data)),
        "driftboard": lambda: size / _in_new_folder(lambda path: _write_ours(path, data)),
    }
    if shell.available():
        contestants["shell"] = lambda: size / _in_new_folder(lambda path: shell.seconds(path, rows=size, batch=batch))
    return alternate(contestants)


def _reading_and_size(size: int, batch: int) -> dict[str, float]:
    data = _arrays(size, batch)
    with tempfile.TemporaryDirectory() as folder:
        old, new = Path(folder) / "tutorial.sqlite", Path(folder) / "driftboard.sqlite"
        _write_tutorial(old, data)
        _write_ours(new, data)
        with open_store(new) as store:
            rates = alternate(
                {
                    "tutorial": lambda: size / _timed(lambda: [tutorial.load(old, n) for n in range(len(data))]),
                    "driftboard": lambda: size / _timed(lambda: _read_ours(store)),
                }
            )
        sizes = {"tutorial": old.stat().st_size / size, "driftboard": new.stat().st_size / size}
    names = ["", "tutorial", "driftboard"]
    read = ["rows read back a second", *(f"{rates[name]:,.0f}" for name in names[1:])]
    stored = ["bytes a prediction", *(f"{sizes[name]:.0f}" for name in names[1:])]
    print(table(f"{size:,} rows in batches of {batch:,}", names, [read, stored]))
    return {
        "read_vs_tutorial": rates["driftboard"] / rates["tutorial"],
        "bytes_vs_tutorial": sizes["driftboard"] / sizes["tutorial"],
    }


def _labels_per_second(size: int) -> float:
    """Return the median rate of labels by random prediction id, in batches, on `size` predictions."""
    ids = new_ids(size)
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "log.sqlite") as store:
        register_model(store, KEY)
        for number, arrays in enumerate(_arrays(size, 10_000)):
            mine = ids[number * 10_000 : (number + 1) * 10_000]
            log_predictions(store, replace(_batch(number, arrays), prediction_ids=mine))
        chosen = np.random.default_rng(1).permutation(size)[: 5 * LABEL_BATCH].reshape(5, LABEL_BATCH)
        rounds = [{ids[place]: int(place) % 3 for place in places} for places in chosen]
        rates = [LABEL_BATCH / _timed(partial(label_predictions, store, labels)) for labels in rounds]
    print(f"\nlabels by random id on {size:,} predictions: {statistics.median(rates):,.0f} a second")
    return statistics.median(rates)


def _arrays(size: int, batch: int) -> list[tutorial.Arrays]:
    rng = np.random.default_rng(42)
    return [
        (rng.normal(size=(batch, 5)), rng.integers(0, 3, batch), rng.dirichlet([1, 1, 1], batch))
        for _ in range(size // batch)
    ]


def _write_tutorial(path: Path, data: list[tutorial.Arrays]) -> float:
    tutorial.create(path)
    return _timed(lambda: _log_all(path, data))


def _log_all(path: Path, data: list[tutorial.Arrays]) -> None:
    for number, arrays in enumerate(data):
        tutorial.log(path, number, arrays)


def _write_ours(path: Path, data: list[tutorial.Arrays]) -> float:
    with open_store(path) as store:
        register_model(store, KEY)
        return _timed(lambda: [log_predictions(store, _batch(number, arrays)) for number, arrays in enumerate(data)])


def _batch(number: int, arrays: tutorial.Arrays) -> PredictionBatch:
    features, predicted, scores = arrays
    return PredictionBatch(
        model=KEY,
        batch_id=number,
        features={f"f{column}": features[:, column] for column in range(features.shape[1])},
        predicted=predicted,
        scores=scores,
        classes=CLASSES,
    )


def _read_ours(store: Store) -> None:
    """Read every batch to numpy: features, classes and scores, as the tutorial's `load_batch` does."""
    with store.read() as connection:
        for _, rows in iterate_batches(connection, get_model(connection, KEY)):
            _ = [column.to_numpy() for column in rows.features.values()], rows.predicted, rows.scores


def _timed(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _in_new_folder(run: Callable[[Path], float]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder) / "log.sqlite")


if __name__ == "__main__":
    main()
