"""Logged rows as a monitor sees them."""

import numpy as np

from driftboard.data import (
    LoggedRows,
    ModelKey,
    PredictionBatch,
    Store,
    get_model,
    load_reference,
    log_predictions,
    register_model,
)
from driftboard.monitors import Categorical, Numeric
from driftboard.samples import as_reference_sample, as_sample
from tests.data.batches import make_batch, read

KEY = ModelKey("m")


def test_numbers_are_numeric_and_text_and_booleans_are_categories(store: Store) -> None:
    """Missing values are NaN and -1; classes and labels are codes."""
    register_model(store, KEY)
    features = {"a": [1, None], "b": [1.5, float("inf")], "c": ["x", None], "d": [True, False], "e": [None, None]}
    log_predictions(store, make_batch(KEY, 2, features=features, labels=[None, "leave"]))
    sample = as_sample(read(store, KEY))
    a, b, c, d, e = (sample.features[name] for name in "abcde")
    assert isinstance(a, Numeric)
    np.testing.assert_array_equal(a.values, [1.0, np.nan])
    assert isinstance(b, Numeric)
    np.testing.assert_array_equal(b.values, [1.5, np.inf])
    assert isinstance(c, Categorical)
    assert (c.codes.tolist(), c.levels) == ([0, -1], ("x",))
    assert isinstance(d, Categorical)
    assert [d.levels[code] for code in d.codes] == ["true", "false"]
    assert isinstance(e, Numeric)
    assert np.isnan(e.values).all()
    assert [sample.classes[int(code)] for code in sample.predicted] == ["stay", "leave"]
    assert sample.labels.tolist() == [-1.0, float(sample.classes.index("leave"))]


def test_a_failed_request_has_no_class(store: Store) -> None:
    """Its code is -1."""
    register_model(store, KEY)
    log_predictions(store, make_batch(KEY, 2, scores=None, predicted=["stay", None]))
    assert as_sample(read(store, KEY)).predicted.tolist() == [0.0, -1.0]


def test_regression_keeps_its_values(store: Store) -> None:
    """Missing is NaN."""
    register_model(store, KEY, task="regression")
    log_predictions(
        store, PredictionBatch(model=KEY, batch_id="day-1", features={}, predicted=[1.5, None], labels=[None, 2.5])
    )
    sample = as_sample(read(store, KEY))
    np.testing.assert_array_equal(sample.predicted, [1.5, np.nan])
    np.testing.assert_array_equal(sample.labels, [np.nan, 2.5])


def test_features_may_be_segments_too(store: Store) -> None:
    """Text and whole numbers by their values; a logged segment of the same name wins, an unknown name is left out."""
    register_model(store, KEY)
    batch = make_batch(KEY, 2, segments={"country": ["de", "fr"], "plan": ["x", "y"]})
    log_predictions(store, batch)
    sample = as_sample(read(store, KEY), segments=("plan", "visits", "unknown"))
    levels = {name: [column.levels[code] for code in column.codes] for name, column in sample.segments.items()}
    assert levels == {"plan": ["x", "y"], "visits": ["0", "1"], "country": ["de", "fr"]}
    assert set(sample.features) >= {"plan", "visits"}


def test_the_classes_of_a_reference_do_not_grow(store: Store) -> None:
    """A class that a later batch brought is none of the reference's, whenever the reference is read."""
    register_model(store, KEY, reference=make_batch(KEY, 2, batch_id="reference"))
    before = as_reference_sample(reference(store))
    log_predictions(store, make_batch(KEY, 2, predicted=["pause", "stay"], scores=None))
    after = as_reference_sample(reference(store))
    assert len(reference(store).classes) == 3
    assert before.classes == after.classes == ("stay", "leave")
    np.testing.assert_array_equal(before.scores, after.scores)


def reference(store: Store) -> LoggedRows:
    """The rows of the reference in force."""
    with store.read() as connection:
        found = load_reference(connection, get_model(connection, KEY))
    assert found is not None
    return found.rows
