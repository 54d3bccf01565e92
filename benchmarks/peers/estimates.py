"""What NannyML's CBPE and DLE estimate on `draw_scored` and `draw_valued`: the oracle of our own estimates.

`python -m benchmarks.peers.estimates` redraws the streams (seed 42), runs NannyML on them, and writes
`results/nannyml_cbpe.csv` (reference 50,000; 500 chunks of 200), `results/nannyml_dle.csv` (reference 20,000; 200
chunks of 200) and their seconds into `results/speed.csv`.
"""

import tempfile
from pathlib import Path

import numpy as np

from benchmarks.peers.environments import RESULTS, run
from benchmarks.peers.speed import Speed, record
from benchmarks.scored import CHUNK, draw_scored, draw_valued
from driftboard.monitors import Floats, Numeric, Sample

SEED = 42
ROWS = {"cbpe": 50_000, "dle": 20_000}


def main() -> None:
    """Run both and keep what they say."""
    for kind, rows in ROWS.items():
        draw = draw_scored if kind == "cbpe" else draw_valued
        estimate(kind, *draw(SEED, rows))


def estimate(kind: str, reference: Sample, stream: Sample) -> None:
    """Let NannyML estimate one stream and record its values and its seconds."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "stream.npz"
        arrays = {**_arrays("reference", reference), **_arrays("stream", stream)}
        np.savez(source, allow_pickle=False, columns=np.array(list(reference.features)), **arrays)
        printed = run("nannyml", "nannyml_estimates", kind, source, RESULTS / f"nannyml_{kind}.csv", str(CHUNK))
    fit, rest = (float(word) for word in printed.split()[-2:])
    record(Speed("nannyml", f"{kind}_fit", rows=reference.n, features=len(reference.features), runs=1, seconds=fit))
    record(Speed("nannyml", f"{kind}_estimate", rows=stream.n, features=len(stream.features), runs=1, seconds=rest))


def _arrays(side: str, sample: Sample) -> dict[str, Floats]:
    columns = [column.values for column in sample.features.values() if isinstance(column, Numeric)]
    arrays = {
        f"{side}_features": np.column_stack(columns),
        f"{side}_predicted": sample.predicted,
        f"{side}_label": sample.labels,
    }
    return arrays | ({f"{side}_score": sample.scores[:, 1]} if sample.scores.size else {})


if __name__ == "__main__":
    main()
