"""MLflow: a pyfunc model that counts and logs what it predicts."""

from collections.abc import Callable
from typing import Any

from mlflow.pyfunc import PyFuncModel
from mlflow.pyfunc.model import PythonModel

from driftboard.errors import ConfigError
from driftboard.instrument.instrument import Instrument


def watched_pyfunc(model: Any, watched: Instrument | Callable[[], Instrument], **reading: Any) -> PythonModel:
    """Return a pyfunc model that predicts as another does, watched.

    Parameters
    ----------
    model
        A `PythonModel`; or a loaded model (`mlflow.pyfunc.load_model`).
    watched
        Its instrument; or a function that makes one, which the model needs to be saved: an instrument belongs to a
        process, and where the log is (with its password, on a server) is no part of an artefact.
    reading
        As for `Instrument.predicts`.
    """
    return WatchedModel(model, watched, reading)


class WatchedModel(PythonModel):  # type: ignore[misc,unused-ignore]  # MLflow tells no types
    """See `watched_pyfunc`."""

    def __init__(self, model: Any, watched: Instrument | Callable[[], Instrument], reading: dict[str, Any]) -> None:
        self._model = model
        self._watched = watched
        self._reading = reading
        self._instrument: Instrument | None = None
        self._predict: Callable[..., Any] | None = None

    def load_context(self, context: Any) -> None:
        """Load what the model loads."""
        if hasattr(self._model, "load_context"):
            self._model.load_context(context)

    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - MLflow checks inputs against annotations, and has none for Any
        """Predict as the model does."""
        if self._predict is None:
            self._instrument = self._watched if isinstance(self._watched, Instrument) else self._watched()
            self._predict = self._instrument.predicts(**self._reading)(self._asked)
        return self._predict(model_input, context, params)

    def __getstate__(self) -> dict[str, Any]:
        if isinstance(self._watched, Instrument):
            raise ConfigError("an instrument is not saved with a model: give watched_pyfunc a function that makes it")
        return {**self.__dict__, "_predict": None, "_instrument": None}

    def _asked(self, model_input: Any, context: Any, params: Any) -> Any:
        if isinstance(self._model, PyFuncModel):
            return self._model.predict(model_input, params)
        return self._model.predict(context, model_input, params)
