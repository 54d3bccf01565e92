"""scikit-learn: a real estimator, watched."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from driftboard.instrument import Instrument
from driftboard.instrument.sklearn import watch_estimator
from tests.instrument.seen import seen

Make = Callable[..., Instrument]
X = pd.DataFrame({"age": [1.0, 2.0, 3.0, 4.0], "rate": [0.5, 0.1, 0.9, 0.4]})


@pytest.fixture
def place(path: Any) -> str:
    """In a file."""
    return str(path)


def test_a_classifier(make: Make, place: str) -> None:
    """It predicts as ever; classes, scores and features by their names are logged, tables and arrays alike."""
    estimator = LogisticRegression().fit(X, ["no", "no", "yes", "yes"])
    watched = make()
    model = watch_estimator(estimator, watched)
    assert model.predict(X).tolist() == estimator.predict(X).tolist()
    assert np.array_equal(model.predict_proba(X), estimator.predict_proba(X))
    assert model.score(X, ["no", "no", "yes", "yes"]) == 1.0
    assert copy.copy(model).classes_.tolist() == ["no", "yes"]
    watched.flush()
    found = seen(place)
    assert (found.counts.success, found.counts.rows_sum) == (2, 8)
    assert [row["predicted"] for row in found.table] == ["no", "no", "yes", "yes"] * 2
    assert [row["f:age"] for row in found.table] == [1.0, 2.0, 3.0, 4.0] * 2
    logged = np.concatenate([rows.confidence for rows in found.rows])[-4:]
    assert logged.tolist() == pytest.approx(estimator.predict_proba(X).max(axis=1).tolist())


def test_a_regressor_fitted_on_an_array(make: Make, place: str) -> None:
    """Without names the features are numbered; there is no predict_proba where the estimator has none."""
    estimator = LinearRegression().fit(X.to_numpy(), [1.0, 2.0, 3.0, 4.0])
    watched = make(task="regression")
    model = watch_estimator(estimator, watched)
    model.predict(X.to_numpy())
    assert not hasattr(model, "predict_proba")
    watched.flush()
    found = seen(place)
    assert [row["f:f0"] for row in found.table] == [1.0, 2.0, 3.0, 4.0]
    assert [row["predicted"] for row in found.table] == pytest.approx([1.0, 2.0, 3.0, 4.0])
