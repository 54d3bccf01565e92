"""A log whose predictions wait to be labelled by people, and hostile ones among them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from driftboard.config import load_settings
from driftboard.data import ModelKey, PredictionBatch, log_predictions, open_store, register_model
from driftboard.data.catalog import get_model
from driftboard.data.review_choice import queue_new
from driftboard.review_settings import ReviewSettings
from tests.dashboard.worlds import FORMULA, IMAGE, LINK, SCRIPT

ASKED = ModelKey("asked")
PRICED = ModelKey("priced")
HOSTILE_ID = f"{FORMULA}{IMAGE}"
ROWS = 40


def build_review_world(folder: Path) -> Path:
    """Build a log of a classification and a regression, all of whose predictions were chosen; return its folder."""
    now = datetime.now(UTC) - timedelta(hours=1)
    rng = np.random.default_rng(5)
    with open_store(load_settings(store={"data_dir": folder}).store.path) as store:
        register_model(store, ASKED)
        register_model(store, PRICED, task="regression")
        names = [HOSTILE_ID, *(f"p{n}" for n in range(1, ROWS))]
        features = {"age": rng.normal(40, 10, ROWS).tolist(), SCRIPT: [LINK] * ROWS}
        for key, predicted in ((ASKED, ["leave", "stay"] * (ROWS // 2)), (PRICED, [float(n) for n in range(ROWS)])):
            batch = PredictionBatch(
                key,
                f"batch {IMAGE}",
                features,
                predicted,
                confidence=[0.8] * ROWS if key is ASKED else None,
                segments={"region": ["north"] * ROWS},
                prediction_ids=names,
                predicted_at=[now + timedelta(seconds=n) for n in range(ROWS)],
            )
            log_predictions(store, batch, now=now)
            with store.read() as connection:
                model = get_model(connection, key)
            queue_new(store, model, ReviewSettings(fraction=1.0), now=now)
    return folder
