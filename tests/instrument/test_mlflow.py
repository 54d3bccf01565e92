"""MLflow: a real pyfunc model, watched, saved and loaded."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from driftboard.errors import ConfigError
from driftboard.instrument import Instrument
from tests.instrument.seen import seen

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # MLflow warns of itself as it is imported
    mlflow_pyfunc = pytest.importorskip("mlflow.pyfunc")
    from driftboard.instrument.mlflow import watched_pyfunc

Make = Callable[..., Instrument]
X = pd.DataFrame({"age": [30, 50]})


@pytest.fixture
def place(path: Path) -> str:
    """In a file."""
    return str(path)


def model() -> Any:
    """A model of one's own."""

    class Old(mlflow_pyfunc.PythonModel):  # type: ignore[misc, name-defined, unused-ignore]
        def load_context(self, context: Any) -> None:
            self.loaded = context

        def predict(self, context, model_input, params=None):
            del context
            return ["yes" if age > (params or {}).get("from", 40) else "no" for age in model_input["age"]]

    return Old()


def test_a_model_predicts_as_ever(make: Make, place: str) -> None:
    """Answers are the model's, with its parameters; each row is logged."""
    watched = make()
    watching = watched_pyfunc(model(), watched)
    watching.load_context(None)
    assert watching.predict(None, X) == ["no", "yes"]
    assert watching.predict(None, X, {"from": 60}) == ["no", "no"]
    watched.flush()
    found = seen(place)
    assert (found.counts.success, found.counts.rows_sum) == (2, 4)
    assert [(row["f:age"], row["predicted"]) for row in found.table] == [
        (30, "no"), (50, "yes"), (30, "no"), (50, "no"),
    ]  # fmt: skip


def test_an_instrument_is_not_saved_with_a_model(make: Make) -> None:
    """An instrument belongs to a process, and its address may hold a password: saving it says what to do."""
    with pytest.raises(ConfigError, match="a function that makes it"):
        watched_pyfunc(model(), make()).__getstate__()


@pytest.mark.slow
def test_a_model_is_saved_and_loaded(place: str, tmp_path: Path) -> None:
    """With a function that makes the instrument, a watched model goes through MLflow's own saving and loading."""

    def instrument() -> Instrument:
        return Instrument(place, model="churn", version="3", spool=False, handle_sigterm=False)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlflow_pyfunc.save_model(tmp_path / "model", python_model=watched_pyfunc(model(), instrument),
                                 pip_requirements=[])  # fmt: skip
        loaded = mlflow_pyfunc.load_model(str(tmp_path / "model"))
        assert list(loaded.predict(X)) == ["no", "yes"]
    loaded.unwrap_python_model()._instrument.close()
    assert [row["predicted"] for row in seen(place).table] == ["no", "yes"]
