"""Small databases for the pages, built through the public API as a service and a worker would."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from driftboard.config import Settings, load_settings
from driftboard.data import (
    ModelKey,
    PredictionBatch,
    Store,
    label_predictions,
    log_predictions,
    open_store,
    promote_reference,
    register_model,
)
from driftboard.data.catalog import get_model
from driftboard.worker import evaluate_due
from tests.dashboard.incident_world import add_incidents

DAY_0 = datetime(2026, 1, 5, tzinfo=UTC)
ROWS = 120
BATCHES = 6
DRIFTING = ModelKey("drifting")
WAITING = ModelKey("waiting")
PRICE = ModelKey("price")
UNJUDGED = ModelKey("unjudged")
IDLE = ModelKey("idle")

IMAGE = "![](http://evil.example/pixel.png)"
SCRIPT = "<script>document.title='owned'</script>"
ONERROR = "<img src=x onerror=\"document.title='owned'\">"
LINK = "[click](javascript:document.title='owned')"
FORMULA = "=HYPERLINK(1)"
LATEX = "$x$ :material/home: **bold** :red[red] `code`"
HOSTILE_FEATURES = (IMAGE, SCRIPT, ONERROR, LINK, FORMULA, LATEX)
HOSTILE = ModelKey(f"{ONERROR} {IMAGE.replace(':', '')}")
HOSTILE_BATCH = f"{SCRIPT}{LINK}"


def settings(folder: Path) -> Settings:
    """Settings whose log lies in `folder`."""
    return load_settings(store={"data_dir": folder})


def build_world(folder: Path) -> Path:
    """Build a log of five models at different stages; return the path of the database."""
    path = settings(folder).store.path
    with open_store(path) as store:
        for build in (build_drifting, build_waiting, build_price):
            build(store)
        register_model(store, IDLE)
        evaluate(store, folder, day=BATCHES)
        _relabel(store)
        evaluate(store, folder, day=BATCHES + 1)
        _classes(store, UNJUDGED, shift_from=BATCHES, scores=True, labels=True)
    return path


def build_hostile_world(folder: Path) -> Path:
    """Build a log whose model, features, classes and batches are called what an attacker would call them."""
    path = settings(folder).store.path
    rng = np.random.default_rng(7)
    with open_store(path) as store:
        for name, moved in (("reference", 0.0), (HOSTILE_BATCH, 3.0)):
            n = 400 if name == "reference" else ROWS
            features = {feature: (rng.normal(size=n) + moved).tolist() for feature in HOSTILE_FEATURES[:-1]}
            features[LATEX] = rng.choice(["a", IMAGE], size=n).tolist()
            predicted = rng.choice([SCRIPT, LINK], size=n).tolist()
            batch = PredictionBatch(HOSTILE, name, features, predicted, labels=predicted, predicted_at=DAY_0)
            if name == "reference":
                register_model(store, HOSTILE)
                promote_reference(store, batch)
            else:
                log_predictions(store, batch)
        evaluate(store, folder, day=1)
        with store.read() as connection:
            model = get_model(connection, HOSTILE)
        add_incidents(store, model, attack=f"{IMAGE}{SCRIPT}{LINK}{FORMULA}")
    return path


def evaluate(store: Store, folder: Path, *, day: int) -> None:
    """Let the worker judge what is due, as of a day."""
    evaluate_due(store, settings(folder), now=DAY_0 + timedelta(days=day))


def build_drifting(store: Store) -> None:
    """Drifted from batch 0 on, so that batch 0 is the first to fire; batch 4 is half labelled, batch 5 not at all."""
    _classes(store, DRIFTING, shift_from=0, scores=True, labels=True)


def build_waiting(store: Store) -> None:
    """Steady, without scores or labels."""
    _classes(store, WAITING, shift_from=BATCHES, scores=False, labels=False)


def build_price(store: Store) -> None:
    """Regression; its errors double half-way."""
    rng = np.random.default_rng(3)
    register_model(store, PRICE, task="regression")
    for number in range(-1, BATCHES):
        n = 600 if number < 0 else ROWS
        area = rng.normal(80, 15, size=n)
        truth = 3 * area + rng.normal(scale=5 if number < BATCHES // 2 else 25, size=n)
        batch = PredictionBatch(
            PRICE,
            number,
            {"area": area.tolist()},
            (3 * area).tolist(),
            labels=truth.tolist(),
            predicted_at=_day(number),
        )
        promote_reference(store, batch) if number < 0 else log_predictions(store, batch)


def _classes(store: Store, key: ModelKey, *, shift_from: int, scores: bool, labels: bool) -> None:
    rng = np.random.default_rng(1)
    register_model(store, key)
    for number in range(-1, BATCHES):
        n = 600 if number < 0 else ROWS
        age = rng.normal(40 + (12 if 0 <= shift_from <= number else 0), 10, size=n)
        churn = 1 / (1 + np.exp(-(age - 40) / 5))
        truth = np.where(rng.random(n) < churn, "leave", "stay")
        known = {-1: n, 4: n // 2, 5: 0}.get(number, n) if labels or number < 0 else 0
        batch = PredictionBatch(
            key,
            number,
            {"age": age.tolist(), "plan": rng.choice(["free", "pro"], size=n).tolist()},
            np.where(churn > 0.5, "leave", "stay").tolist(),
            scores=np.column_stack([churn, 1 - churn]) if scores else None,
            classes=["leave", "stay"] if scores else None,
            labels=[label if row < known else None for row, label in enumerate(truth.tolist())],
            prediction_ids=[f"{key.name}-{number}-{row}" for row in range(n)],
            predicted_at=_day(number),
        )
        promote_reference(store, batch) if number < 0 else log_predictions(store, batch)


def _relabel(store: Store) -> None:
    """The second half of batch 4's labels arrives, and every one says that the model was wrong."""
    rows = range(ROWS // 2, ROWS)
    label_predictions(store, {f"drifting-4-{row}": "third" for row in rows}, model=DRIFTING)


def _day(number: int) -> datetime:
    return DAY_0 + timedelta(days=number)
