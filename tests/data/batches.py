"""Batches to log, and the way to read them back."""

from typing import Any

import numpy as np

from driftboard.data import LoggedRows, ModelKey, PredictionBatch, Store, find_batch, get_model, read_batch


def make_batch(key: ModelKey, n: int = 6, **given: Any) -> PredictionBatch:
    """A batch of n rows, each column of which can be replaced."""
    defaults: dict[str, Any] = {
        "model": key,
        "batch_id": "day-1",
        "features": {
            "age": [float(20 + row) for row in range(n)],
            "visits": list(range(n)),
            "plan": ["free", "pro"] * (n // 2) + ["free"] * (n % 2),
            "active": [row % 2 == 0 for row in range(n)],
        },
        "predicted": ["stay", "leave"] * (n // 2) + ["stay"] * (n % 2),
        "scores": np.tile([0.25, 0.75], (n, 1)),
        "classes": ["leave", "stay"],
        "prediction_ids": [f"p{row}" for row in range(n)],
    }
    return PredictionBatch(**(defaults | given))


def read(store: Store, key: ModelKey, batch_id: str = "day-1", **options: Any) -> LoggedRows:
    """The rows of one batch."""
    with store.read() as connection:
        model = get_model(connection, key)
        return read_batch(connection, model, find_batch(connection, model, batch_id), **options)
