"""One batch of a million rows of fifty features, counted and judged; run by itself, so that its peak memory is its own.

`python -m benchmarks.large_batch [ROWS FEATURES]` prints seconds, and bytes of resident memory beyond what the imports
took, the data included.
"""

import resource
import sys
import time
from pathlib import Path

import numpy as np

from driftboard.monitors import Detector, Numeric, Sample

REFERENCE = 10_000
_PAGE = resource.getpagesize()


def main(rows: int = 1_000_000, features: int = 50) -> None:
    """Measure and print."""
    before = int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
    rng = np.random.default_rng(42)
    detector = Detector(normals(rng, REFERENCE, features))
    batch = normals(rng, rows, features)
    start = time.perf_counter()
    detector.judge([detector.profile(batch, "large")])
    seconds = time.perf_counter() - start
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before)


def normals(rng: np.random.Generator, rows: int, features: int) -> Sample:
    """Return a sample of independent standard normal features, without predictions."""
    return Sample(rows, {f"f{place}": Numeric(rng.normal(size=rows)) for place in range(features)})


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
