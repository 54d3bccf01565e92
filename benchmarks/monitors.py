"""The monitors' speed, beside the tutorial's loop, Evidently, NannyML and scikit-learn.

Synthetic normals against a reference of 10,000 rows. Drift is PSI, KS and its p-value of every feature, from arrays to
numbers. Evidently and NannyML do not run here: how many times the tutorial's time they take is kept in the repository
(`python -m benchmarks.peer_ratios`), and multiplied by the tutorial's time of this run.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from benchmarks.large_batch import REFERENCE, normals
from benchmarks.peer_ratios import numbers, ratio, tutorial_seconds
from benchmarks.rounds import alternate, publish, table
from benchmarks.scored import CHUNK, draw_scored
from benchmarks.tutorial_monitors import feature_figures, performance
from driftboard.monitors import Detector, FeatureResult, Floats, Sample
from driftboard.monitors.baseline import row_slice
from driftboard.monitors.cbpe import ClassEstimator
from driftboard.monitors.class_figures import ClassFigures, class_figures
from driftboard.monitors.inputs import measure_numeric
from driftboard.monitors.numeric import NumericColumns
from driftboard.monitors.outcomes import class_outcomes

DRIFT = ((200, 50), (10_000, 50), (1_000_000, 5))
LABELLED = (200, 1_000_000)
COMPARED = (10_000, 50)
CLASSES = ("a", "b", "c")
_LEVEL = 0.01
_SHORT_S = 0.02
_LIMIT_S = 600


def main() -> None:
    """Measure, print, and write the figures where asked."""
    seconds = {size: drift_seconds(*size) for size in DRIFT}
    figures = {f"vs_tutorial_{n}x{d}": each["tutorial"] / each["ours"] for (n, d), each in seconds.items()}
    figures["vs_evidently_10000x50"] = ratio("evidently") * figures["vs_tutorial_10000x50"]
    _show_drift(seconds)
    _show_growth()
    figures |= _large_batch()
    figures |= _performance()
    figures["cbpe_vs_nannyml"] = _cbpe()
    publish(figures, __doc__)


def drift_seconds(rows: int, features: int) -> dict[str, float]:
    """Return median seconds of the tutorial's loop, of ours, and of a whole `Detector.update` on the same batch."""
    rng = np.random.default_rng(42)
    reference, batch = normals(rng, REFERENCE, features), normals(rng, rows, features)
    before, now = numbers(reference), numbers(batch)
    columns, detector = NumericColumns(before), Detector(reference)
    return alternate(
        {
            "tutorial": partial(_timed, lambda: feature_figures(before, now)),
            "ours": partial(_timed, lambda: measure_drift(columns, now)),
            "update": partial(_timed, lambda: detector.update(batch)),
        }
    )


def measure_drift(columns: NumericColumns, batch: Mapping[str, Floats]) -> list[FeatureResult]:
    """Return the numbers of every feature: PSI, D, p and the rest of its result."""
    return list(measure_numeric(columns, columns.count(batch), alpha=_LEVEL))


def _show_drift(seconds: Mapping[tuple[int, int], Mapping[str, float]]) -> None:
    rows = []
    for (n, d), each in seconds.items():
        peer = [each["tutorial"] * ratio("evidently")] if (n, d) == COMPARED else []
        columns = [each["tutorial"], each["ours"], each["update"], *peer]
        rows.append([f"{n:,} x {d}", *(f"{value * 1e3:,.1f}" for value in columns), *([] if peer else [""])])
    header = ["rows x features", "tutorial", "driftboard", "all monitors (Detector.update)", "Evidently (by its ratio)"]
    print(table("PSI + KS of every feature, ms (medians)", header, rows))


def _show_growth() -> None:
    """Print what PSI + KS cost with more rows and with more features: straight lines, or something is wrong."""
    rows = [[f"{n:,} x 5", *_cost(n, 5)] for n in (1_000, 10_000, 100_000, 1_000_000)]
    rows += [[f"1,000 x {d}", *_cost(1_000, d)] for d in (5, 50, 500)]
    print(table("growth of PSI + KS (driftboard)", ["rows x features", "ms", "µs a feature", "ns a value"], rows))


def _cost(rows: int, features: int) -> list[str]:
    rng = np.random.default_rng(1)
    columns = NumericColumns(numbers(normals(rng, REFERENCE, features)))
    batch = numbers(normals(rng, rows, features))
    seconds = alternate({"ours": partial(_timed, lambda: measure_drift(columns, batch))})["ours"]
    return [
        f"{seconds * 1e3:,.2f}",
        f"{seconds / features * 1e6:,.0f}",
        f"{seconds / features / rows * 1e9:,.1f}",
    ]


def _large_batch() -> dict[str, float]:
    """A batch of a million rows in a process of its own: seconds and peak memory, data included."""
    command = [sys.executable, "-m", "benchmarks.large_batch"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=_LIMIT_S)
    seconds, grown = (float(word) for word in done.stdout.split())
    print(f"\n1,000,000 x 50, counted and judged: {seconds:.2f} s, {grown / 2**30:.2f} GiB with its data")
    return {"seconds_1000000x50": seconds, "gib_1000000x50": grown / 2**30}


def labelled(rows: int) -> Sample:
    """Return class predictions with labels and confidence, right in about 80 %."""
    rng = np.random.default_rng(7)
    labels = rng.integers(0, len(CLASSES), rows).astype(float)
    predicted = np.where(rng.random(rows) < 0.7, labels, rng.integers(0, len(CLASSES), rows))  # noqa: PLR2004
    confidence = rng.uniform(0.4, 1, rows)
    return Sample(rows, classes=CLASSES, predicted=predicted, confidence=confidence, labels=labels)


def measure_performance(sample: Sample) -> ClassFigures:
    """Return accuracy, F1, calibration error and the rest from the counts of the labelled rows."""
    return class_figures(class_outcomes(sample, CLASSES))


def _performance() -> dict[str, float]:
    figures, rows = {}, []
    for n in LABELLED:
        sample = labelled(n)
        seconds = alternate(
            {
                "tutorial": partial(_timed, partial(performance, sample.labels, sample.predicted, sample.confidence)),
                "ours": partial(_timed, partial(measure_performance, sample)),
            }
        )
        figures[f"performance_vs_sklearn_{n}"] = seconds["tutorial"] / seconds["ours"]
        rows.append([f"{n:,}", *(f"{seconds[name] * 1e3:,.2f}" for name in ("tutorial", "ours"))])
    print(table("accuracy, macro F1, ECE, confusion, ms", ["rows", "scikit-learn", "driftboard"], rows))
    return figures


def _cbpe() -> float:
    """How many times ours NannyML takes to fit and to estimate 100,000 rows in chunks of 200."""
    reference, stream = draw_scored(42, 50_000)
    chunks = np.split(np.arange(stream.n), stream.n // CHUNK)

    def estimate() -> None:
        estimator = ClassEstimator(reference)
        for rows in chunks:
            estimator.estimates(estimator.expect(row_slice(stream, rows)))

    seconds = alternate({"tutorial": tutorial_seconds, "ours": partial(_timed, estimate)})
    theirs = ratio("nannyml") * seconds["tutorial"]
    print(f"\nCBPE of {stream.n:,} rows in chunks of {CHUNK}: {seconds['ours']:.3f} s")
    print(f"NannyML, by its ratio to the tutorial's drift check: {theirs:.1f} s")
    return theirs / seconds["ours"]


def _timed(work: Callable[[], object]) -> float:
    """Seconds of one call; of something short, the mean of as many as fit into 20 ms."""
    start = time.perf_counter()
    calls = 0
    while calls == 0 or time.perf_counter() - start < _SHORT_S:
        work()
        calls += 1
    return (time.perf_counter() - start) / calls


if __name__ == "__main__":
    main()
