"""The monitors' speed, beside the tutorial's loop, Evidently, NannyML and scikit-learn.

Synthetic normals against a reference of 10,000 rows. Drift is PSI, KS and its p-value of every feature, from arrays to
numbers. The peers do not run here: their cached seconds are scaled by the tutorial's, measured then and now.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from benchmarks.large_batch import REFERENCE, normals
from benchmarks.peers import speed
from benchmarks.rounds import alternate, publish, table
from benchmarks.scored import CHUNK, draw_scored
from benchmarks.tutorial_monitors import feature_figures, performance
from driftboard.monitors import Detector, FeatureResult, Floats, Numeric, Sample
from driftboard.monitors.baseline import row_slice
from driftboard.monitors.cbpe import ClassEstimator
from driftboard.monitors.class_figures import ClassFigures, class_figures
from driftboard.monitors.inputs import measure_numeric
from driftboard.monitors.numeric import NumericColumns
from driftboard.monitors.outcomes import class_outcomes

DRIFT = ((200, 50), (10_000, 50), (1_000_000, 5))
LABELLED = (200, 1_000_000)
SCALE = "drift_50x10000"
CLASSES = ("a", "b", "c")
_LEVEL = 0.01
_SHORT_S = 0.02
_LIMIT_S = 600


def main() -> None:
    """Measure, print, and write the figures where asked."""
    seconds = {size: drift_seconds(*size) for size in DRIFT}
    figures = {f"vs_tutorial_{n}x{d}": each["tutorial"] / each["ours"] for (n, d), each in seconds.items()}
    scale = machine_scale(seconds[10_000, 50]["tutorial"])
    figures["vs_evidently_10000x50"] = cached("evidently", SCALE) * scale / seconds[10_000, 50]["ours"]
    _show_drift(seconds, scale)
    _show_growth()
    figures |= _large_batch()
    figures |= _performance()
    figures["cbpe_vs_nannyml"] = _cbpe(scale)
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


def numbers(sample: Sample) -> dict[str, Floats]:
    """Return name to values of the numeric features."""
    return {name: each.values for name, each in sample.features.items() if isinstance(each, Numeric)}


def cached(peer: str, task: str) -> float:
    """Return a peer's seconds as kept in `peers/results/speed.csv`.

    Raises
    ------
    KeyError
        When there are none.
    """
    kept = {(line["peer"], line["task"]): float(line["seconds"]) for line in speed.read()}
    return kept[peer, task]


def machine_scale(tutorial: float) -> float:
    """Return how much slower this machine is now than when the peers ran, by the tutorial's seconds; 1 if unknown."""
    try:
        return tutorial / cached("tutorial", SCALE)
    except KeyError:
        return 1.0


def _show_drift(seconds: Mapping[tuple[int, int], Mapping[str, float]], scale: float) -> None:
    rows = [
        [f"{n:,} x {d}", *(f"{each[name] * 1e3:,.1f}" for name in ("tutorial", "ours", "update"))]
        for (n, d), each in seconds.items()
    ]
    header = ["rows x features", "tutorial", "driftboard", "Detector.update (all monitors)"]
    print(table("PSI + KS of every feature, ms (medians)", header, rows))
    others = [line for line in speed.read() if line["task"] == SCALE and line["peer"] != "tutorial"]
    kept = [[f"{line['peer']} {line['version']}", f"{float(line['seconds']) * scale * 1e3:,.0f}"] for line in others]
    print(table(f"10,000 x 50, ms: cached, times {scale:.2f} for this machine now", ["peer", "ms"], kept))


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


def _cbpe(scale: float) -> float:
    """How many times NannyML's seconds, fit and estimate of 100,000 rows in chunks of 200, are ours."""
    reference, stream = draw_scored(42, 50_000)
    chunks = np.split(np.arange(stream.n), stream.n // CHUNK)

    def estimate() -> None:
        estimator = ClassEstimator(reference)
        for rows in chunks:
            estimator.estimates(estimator.expect(row_slice(stream, rows)))

    ours = alternate({"ours": partial(_timed, estimate)})["ours"]
    theirs = (cached("nannyml", "cbpe_fit") + cached("nannyml", "cbpe_estimate")) * scale
    print(f"\nCBPE of {stream.n:,} rows in chunks of {CHUNK}: {ours:.3f} s; NannyML {theirs:.1f} s (cached, scaled)")
    return theirs / ours


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
