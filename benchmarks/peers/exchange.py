"""Streams as .npz files, so that a peer sees exactly the rows that we see: inputs only, as their drift checks do."""

from pathlib import Path

import numpy as np

from benchmarks.population import LEVELS
from benchmarks.streams import Stream
from driftboard.monitors import Categorical, Floats, Sample

NEVER = -1


def write(stream: Stream, folder: Path) -> None:
    """Write `NAME-SEED.npz`: reference (columns, rows), batches (batches, columns, rows), levels as codes."""
    features = stream.reference.features
    np.savez(
        folder / f"{stream.name}-{stream.seed}.npz",
        allow_pickle=False,
        columns=np.array(list(features)),
        categorical=np.array([name for name, column in features.items() if isinstance(column, Categorical)], dtype=str),
        levels=np.array(LEVELS),
        reference=_matrix(stream.reference),
        batches=np.stack([_matrix(batch) for batch in stream]),
        change_at=np.array(NEVER if stream.change_at is None else stream.change_at),
    )


def _matrix(sample: Sample) -> Floats:
    return np.stack(
        [
            column.codes.astype(float) if isinstance(column, Categorical) else column.values
            for column in sample.features.values()
        ]
    )
