"""The baseline: prediction logging the way the tutorial describes it.

One connection a batch, features and scores as JSON text by the standard library in every row, `executemany`, SQLite's
default pragmas (rollback journal, synchronous=FULL), an index on the batch. Written anew from that description.
"""

import json
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Arrays = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]
"""Features (n, d), predicted classes (n,), scores (n, k)."""

_TABLE = """
CREATE TABLE predictions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, batch_id INTEGER NOT NULL, row_in_batch INTEGER NOT NULL,
    features TEXT NOT NULL, predicted_class INTEGER NOT NULL, confidence REAL NOT NULL, scores TEXT NOT NULL,
    true_class INTEGER, logged_at REAL NOT NULL, labeled_at REAL
);
CREATE INDEX by_batch ON predictions (batch_id);
"""


def create(path: Path) -> None:
    """Make the database."""
    connection = sqlite3.connect(path)
    connection.executescript(_TABLE)
    connection.close()


@dataclass
class LoggedPrediction:
    """A row as its `log_predictions` takes it."""

    batch_id: int
    row_in_batch: int
    features: NDArray[np.float64]
    predicted_class: int
    confidence: float
    scores: NDArray[np.float64]
    true_class: int | None = None


def log(path: Path, batch_id: int, arrays: Arrays) -> None:
    """Write one batch, on a connection of its own."""
    features, predicted, scores = arrays
    confidence = scores.max(axis=1)
    rows = [
        LoggedPrediction(batch_id, row, features[row], predicted[row], confidence[row], scores[row])
        for row in range(len(predicted))
    ]
    now = time.time()
    connection = sqlite3.connect(path)
    with connection:
        connection.executemany(
            "INSERT INTO predictions (batch_id, row_in_batch, features, predicted_class, confidence, scores,"
            " true_class, logged_at, labeled_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    row.batch_id,
                    row.row_in_batch,
                    json.dumps(row.features.tolist()),
                    int(row.predicted_class),
                    float(row.confidence),
                    json.dumps(row.scores.tolist()),
                    row.true_class,
                    now,
                    None,
                )
                for row in rows
            ],
        )
    connection.close()


def load(path: Path, batch_id: int) -> Arrays:
    """Read one batch back to numpy, on a connection of its own."""
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    rows = connection.execute(
        "SELECT * FROM predictions WHERE batch_id = ? ORDER BY row_in_batch", (batch_id,)
    ).fetchall()
    connection.close()
    return (
        np.array([json.loads(row["features"]) for row in rows]),
        np.array([row["predicted_class"] for row in rows]),
        np.array([json.loads(row["scores"]) for row in rows]),
    )
