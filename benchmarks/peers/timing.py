"""Seconds each peer takes for one drift check of 10,000 rows of 50 features against 10,000: `results/speed.csv`.

`python -m benchmarks.peers.timing [PEER ...]`; making the reference ready is not counted.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.peers.environments import NAMES, run
from benchmarks.peers.exchange import write
from benchmarks.peers.speed import Speed, record
from benchmarks.peers.verdicts import parsed_lines
from benchmarks.streams import N_LARGE, draw_stream

FEATURES = 50
RUNS = 5


def main() -> None:
    """Time the peers named on the command line, or all."""
    stream = draw_stream("trivial_null", 0, features=FEATURES, batches=RUNS)
    with tempfile.TemporaryDirectory() as folder:
        write(stream, Path(folder))
        for peer in sys.argv[1:] or NAMES:
            printed = run(peer, peer.replace("-", "_"), folder)
            seconds = [float(line[-1]) for line in parsed_lines(printed)]
            task = f"drift_{FEATURES}x{N_LARGE}"
            record(Speed(peer, task, rows=N_LARGE, features=FEATURES, runs=RUNS, seconds=statistics.median(seconds)))


if __name__ == "__main__":
    main()
