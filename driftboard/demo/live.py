"""The demo's live service: a small model that really answers requests while the demo is shown, instrumented as yours.

Everything else in the demo happened in 2013. This happens now: durations are measured, errors are raised, requests come
at random, and what chance chooses is labelled a little later.
"""

import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from driftboard.config import Settings
from driftboard.data import (
    ModelKey,
    PredictionBatch,
    Store,
    label_predictions,
    load_reference,
    open_store,
    register_model,
)
from driftboard.data.catalog import Model, find_model
from driftboard.data.review_choice import queue_new
from driftboard.demo import synthetic
from driftboard.errors import StoreError
from driftboard.instrument import Instrument, Prediction
from driftboard.review_settings import ReviewSettings
from driftboard.worker import Worker

KEY = ModelKey("live")
REVIEW = ReviewSettings(fraction=0.02)
Floats = NDArray[np.float64]
_BATCH = "1m"
_PAUSE = 0.05
_MALFORMED = 0.004
_LABELLED = 0.3
_JUDGE_SECONDS = 20.0
_POINTS = 40_000
_NEIGHBOURS = 50


class LiveService:
    """Answers requests in threads of its own while it is entered.

    Parameters
    ----------
    path
        The demo's database.
    settings
        What the monitors judge by.
    pause
        Seconds between two requests, on average.
    """

    def __init__(self, path: Path, settings: Settings, *, pause: float = _PAUSE) -> None:
        self._path = path
        self._settings = settings
        self._pause = pause
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._serve, name="driftboard-live-service", daemon=True),
            threading.Thread(target=self._judge, name="driftboard-live-worker", daemon=True),
        ]

    def __enter__(self) -> Self:
        with open_store(self._path) as store:
            self._model = register(store)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(10)

    def _serve(self) -> None:
        """Answer requests as they come; the truth about some of them is known at once, as it is drawn here."""
        rng = np.random.default_rng()
        model = _Neighbours()
        means = model.means
        watched = Instrument(self._path, model=KEY.name, window=_BATCH, classes=synthetic.CLASSES)
        predict = watched.predicts(model)
        truth: dict[str, int] = {}
        with open_store(self._path) as store:
            while not self._stop.wait(rng.exponential(self._pause)):
                label = int(rng.choice(3, p=synthetic.PRIORS))
                features = dict(zip(_NAMES, (means[label] + rng.normal(size=len(_NAMES))).tolist(), strict=True))
                if rng.random() < _MALFORMED:
                    del features["x3"]
                prediction_id = f"live-{time.time_ns()}"
                try:
                    predict(features, prediction_id)
                except KeyError:  # the service's caller would get an error now
                    continue
                if rng.random() < _LABELLED:
                    truth[prediction_id] = label
                if len(truth) >= 20:  # noqa: PLR2004 - labels come by the handful
                    label_predictions(store, truth, model=KEY)
                    truth.clear()
        watched.close()

    def _judge(self) -> None:
        """Judge this model alone: the rest of the demo is over."""
        with open_store(self._path) as store:
            model, worker = self._model, Worker(store, self._settings)
            while not self._stop.wait(_JUDGE_SECONDS):
                try:
                    queue_new(store, model, REVIEW, now=datetime.now(UTC))
                    worker.evaluate(model)
                except StoreError:  # a reader held it up; the next look is soon
                    continue


class _Neighbours:
    """The classes of the nearest of many known points: a model that takes some milliseconds, as yours does.

    Attributes
    ----------
    means
        Shape (3, 5): where the classes lie, as in the synthetic scenarios; it was trained on points around them.
    """

    def __init__(self) -> None:
        rng = np.random.default_rng(synthetic.SEED)
        self.means = rng.normal(0.0, 3.0, size=(len(synthetic.CLASSES), synthetic.N_FEATURES))
        self._classes = rng.choice(len(self.means), size=_POINTS, p=synthetic.PRIORS)
        self._points = self.means[self._classes] + rng.normal(size=(_POINTS, synthetic.N_FEATURES))

    def __call__(self, features: dict[str, float], prediction_id: str) -> Prediction:
        """Return the answer to one request."""
        scores = self.scores([features[name] for name in _NAMES])
        return Prediction(int(np.argmax(scores)), scores=scores.tolist(), prediction_id=prediction_id)

    def scores(self, point: ArrayLike) -> Floats:
        """Return the share of each class among the nearest points."""
        distances = np.square(self._points - np.asarray(point)).sum(axis=1)
        nearest = self._classes[np.argpartition(distances, _NEIGHBOURS)[:_NEIGHBOURS]]
        return np.bincount(nearest, minlength=len(self.means)) / _NEIGHBOURS


_NAMES = tuple(f"x{position}" for position in range(synthetic.N_FEATURES))


def register(store: Store) -> Model:
    """Make the live model and its reference known: held-out points, answered by the same model. Later a no-op."""
    with store.read() as connection:
        known = find_model(connection, KEY)
        if known is not None and load_reference(connection, known) is not None:
            return known
    return register_model(store, KEY, reference=_reference())


def _reference() -> PredictionBatch:
    model, (held_out, _) = _Neighbours(), synthetic.draw_stream("stable")
    scores = np.array([model.scores(point) for point in held_out.features])
    return PredictionBatch(
        KEY,
        "reference",
        features=held_out.columns(),
        predicted=scores.argmax(axis=1),
        scores=scores,
        classes=synthetic.CLASSES,
        labels=held_out.labels,
    )
