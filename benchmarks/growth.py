"""Does it stay fast: a large batch in bounded memory, and the rates as the log grows.

Each row of the curve continues the log of the row above it.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.rounds import publish, table
from driftboard.data import (
    ModelKey,
    PredictionBatch,
    find_batch,
    get_model,
    label_predictions,
    log_predictions,
    open_store,
    read_batch,
    register_model,
)

KEY = ModelKey("growth")
BATCH = 10_000
STEPS = (100_000, 1_000_000, 10_000_000)
LARGE_ROWS, LARGE_FEATURES = 1_000_000, 20


def main() -> None:
    """Measure, print, and write the figures where asked."""
    seconds, megabytes = (float(word) for word in _in_a_process("large").split())
    print(
        f"\none batch of {LARGE_ROWS:,} rows and {LARGE_FEATURES} features: {seconds:.1f} s, peak {megabytes:,.0f} MB"
    )
    figures = {"large_batch_seconds": seconds, "large_batch_peak_mb": megabytes}
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path, done = Path(folder) / "log.sqlite", 0
        for step in STEPS:
            written, read, labelled = _grow(path, done, step)
            done = step
            size = path.stat().st_size / step
            rows.append([f"{step:,}", f"{written:,.0f}", f"{read:,.0f}", f"{labelled:,.0f}", f"{size:.0f}"])
            figures |= {f"write_per_s_{step}": written, f"read_per_s_{step}": read, f"labels_per_s_{step}": labelled}
    header = ["rows in the log", "written/s", "read/s", "labels/s", "bytes/row"]
    print(table(f"as the log grows, batches of {BATCH:,}", header, rows))
    publish(figures, __doc__)


def _grow(path: Path, start: int, stop: int) -> tuple[float, float, float]:
    """Return rows written a second on the way, then rows read and labels written a second at that size."""
    rng = np.random.default_rng(start)
    with open_store(path) as store:
        register_model(store, KEY)
        numbers = range(start // BATCH, stop // BATCH)
        clock = time.perf_counter()
        for number in numbers:
            log_predictions(store, _batch(number, BATCH, 5, rng))
        written = (stop - start) / (time.perf_counter() - clock)
        sample = rng.choice(stop // BATCH, min(20, stop // BATCH), replace=False)
        clock = time.perf_counter()
        with store.read() as connection:
            model = get_model(connection, KEY)
            for number in sample:
                rows = read_batch(connection, model, find_batch(connection, model, int(number)))
                _ = [column.to_numpy() for column in rows.features.values()], rows.predicted
        read = len(sample) * BATCH / (time.perf_counter() - clock)
        labels = {f"{place // BATCH}-{place % BATCH}": 1 for place in rng.choice(stop, BATCH, replace=False).tolist()}
        clock = time.perf_counter()
        label_predictions(store, labels)
        return written, read, BATCH / (time.perf_counter() - clock)


def large() -> None:
    """Log one large batch; print seconds and the peak of this process in megabytes."""
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "log.sqlite") as store:
        register_model(store, KEY)
        batch = _batch(0, LARGE_ROWS, LARGE_FEATURES, np.random.default_rng(0))
        clock = time.perf_counter()
        log_predictions(store, batch)
        print(time.perf_counter() - clock, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _batch(number: int, rows: int, features: int, rng: np.random.Generator) -> PredictionBatch:
    return PredictionBatch(
        model=KEY,
        batch_id=number,
        features={f"f{column}": rng.normal(size=rows) for column in range(features)},
        predicted=rng.integers(0, 3, rows),
        prediction_ids=[f"{number}-{row}" for row in range(rows)],
    )


def _in_a_process(function: str) -> str:
    command = [sys.executable, "-c", f"from benchmarks.growth import {function}; {function}()"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
