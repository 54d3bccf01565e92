"""scikit-learn: an estimator that counts and logs what it predicts. Nothing of scikit-learn is imported."""

from typing import Any

from driftboard.instrument.instrument import Instrument
from driftboard.instrument.prediction import Prediction


class WatchedEstimator:
    """Behaves as the estimator does, whose other attributes and methods are its own.

    `predict` logs the class or number of each row, `predict_proba` the class with the highest score and all scores.
    Features are named as in a table, or as the estimator was fitted with (`feature_names_in_`), else `f0`, `f1`, ...
    """

    def __init__(self, estimator: Any, watched: Instrument) -> None:
        self._estimator = estimator
        names = getattr(estimator, "feature_names_in_", None)
        feature_names = None if names is None else [str(name) for name in names]
        self.predict = watched.predicts(feature_names=feature_names)(estimator.predict)
        if hasattr(estimator, "predict_proba"):
            self.predict_proba = watched.predicts(feature_names=feature_names, prediction=self._scored)(
                estimator.predict_proba
            )

    def __getattr__(self, name: str) -> Any:
        if name == "_estimator":  # not there yet, while it is being copied
            raise AttributeError(name)
        return getattr(self._estimator, name)

    def __repr__(self) -> str:
        return f"WatchedEstimator({self._estimator!r})"

    def _scored(self, probabilities: Any) -> list[Prediction]:
        classes = self._estimator.classes_.tolist()
        highest = probabilities.argmax(axis=1).tolist()
        return [
            Prediction(classes[best], scores=dict(zip(classes, scores, strict=True)))
            for best, scores in zip(highest, probabilities.tolist(), strict=True)
        ]


def watch_estimator(estimator: Any, watched: Instrument) -> Any:
    """Return an object with the estimator's `predict` and `predict_proba`, watched, and everything else it has."""
    return WatchedEstimator(estimator, watched)
