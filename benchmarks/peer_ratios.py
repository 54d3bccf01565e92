"""How many times the tutorial's loop Evidently and NannyML take: `peers/results/ratios.csv`, kept in the repository.

`python -m benchmarks.peer_ratios` runs them on this machine, the tutorial's PSI + KS of 10,000 rows of 50 features
before, between and after, so that the ratios hold on others. The peers' environments must have been made.
"""

import csv
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.large_batch import REFERENCE, normals
from benchmarks.peers.environments import RESULTS, run, version
from benchmarks.peers.exchange import write
from benchmarks.peers.verdicts import parsed_lines
from benchmarks.scored import CHUNK, draw_scored
from benchmarks.streams import draw_stream
from benchmarks.tutorial_monitors import feature_figures
from driftboard.monitors import Floats, Numeric, Sample

RATIOS = RESULTS / "ratios.csv"
DRIFT, CBPE = "drift_50x10000", "cbpe_100000"
FEATURES = 50
ROUNDS = 3


def main() -> None:
    """Measure and keep the ratios."""
    lines = []
    for peer, task, measure in (("evidently", DRIFT, _evidently), ("nannyml", CBPE, _nannyml)):
        theirs, tutorial = _beside(measure)
        line = {"peer": peer, "task": task, "version": version(peer), "seconds": theirs, "tutorial_seconds": tutorial}
        lines.append(line | {"ratio": round(theirs / tutorial, 1)})
        print(lines[-1])
    with RATIOS.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def ratio(peer: str) -> float:
    """Return how many times the tutorial's seconds a peer took; its task is in the file.

    >>> ratio("evidently") > 1
    True
    """
    with RATIOS.open(newline="") as file:
        return next(float(line["ratio"]) for line in csv.DictReader(file) if line["peer"] == peer)


def _beside(measure: Callable[[], float]) -> tuple[float, float]:
    """Median seconds of a peer, and of the tutorial before and after each of its runs."""
    theirs, tutorial = [], [tutorial_seconds()]
    for _ in range(ROUNDS):
        theirs.append(measure())
        tutorial.append(tutorial_seconds())
    return round(statistics.median(theirs), 3), round(statistics.median(tutorial), 3)


def tutorial_seconds() -> float:
    """Return the seconds of the tutorial's PSI + KS of 10,000 rows of 50 features against 10,000."""
    rng = np.random.default_rng(42)
    reference, batch = (numbers(normals(rng, REFERENCE, FEATURES)) for _ in range(2))
    start = time.perf_counter()
    feature_figures(reference, batch)
    return time.perf_counter() - start


def numbers(sample: Sample) -> dict[str, Floats]:
    """Return name to values of the numeric features."""
    return {name: each.values for name, each in sample.features.items() if isinstance(each, Numeric)}


def _evidently() -> float:
    """Seconds of its dataset drift, imports and the reference not counted."""
    stream = draw_stream("trivial_null", 0, features=FEATURES, batches=1)
    with tempfile.TemporaryDirectory() as folder:
        write(stream, Path(folder))
        printed = run("evidently", "evidently", folder)
    return float(parsed_lines(printed)[0][-1])


def _nannyml() -> float:
    """Seconds of CBPE: fit on 50,000 rows and estimate 100,000 in chunks of 200, imports not counted."""
    reference, stream = draw_scored(42, 50_000)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "stream.npz", Path(folder) / "estimates.csv"
        arrays = _arrays("reference", reference) | _arrays("stream", stream)
        np.savez(source, allow_pickle=False, columns=np.array(list(reference.features)), **arrays)
        printed = run("nannyml", "nannyml_estimates", "cbpe", source, target, str(CHUNK))
    return sum(float(word) for word in printed.split()[-2:])


def _arrays(side: str, sample: Sample) -> dict[str, Floats]:
    features = np.column_stack(list(numbers(sample).values()))
    columns = {"features": features, "predicted": sample.predicted, "label": sample.labels}
    return {f"{side}_{name}": values for name, values in (columns | {"score": sample.scores[:, 1]}).items()}


if __name__ == "__main__":
    main()
