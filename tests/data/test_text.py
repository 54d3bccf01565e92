"""T4: text that one engine refuses is kept in the same form by both, or set aside with a reason."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from driftboard.data import (
    ModelKey,
    PredictionBatch,
    Store,
    label_predictions,
    list_models,
    log_predictions,
    promote_reference,
    register_model,
)
from driftboard.data.ids import new_ids
from driftboard.data.values import MAX_NAME, storable
from driftboard.errors import BadBatch, UnknownModel
from tests.data.batches import make_batch, read

HOSTILE = "a\0b\ud800c\U0001f600\u202e"
KEPT = "a\\x00b\\ud800c\U0001f600\u202e"


def test_hostile_text_is_kept_in_every_place(store: Store, key: ModelKey) -> None:
    """Ids, batch ids, classes, names and values of features and segments, sources: written, read and found again."""
    batch = make_batch(
        key,
        2,
        batch_id=HOSTILE,
        prediction_ids=[HOSTILE, "b"],
        predicted=[HOSTILE, "stay"],
        scores=None,
        features={HOSTILE: [HOSTILE, "x"]},
        segments={HOSTILE: [HOSTILE, "x"]},
        errors=[HOSTILE, None],
    )
    assert log_predictions(store, batch).accepted == 2
    assert log_predictions(store, batch).duplicates == 2
    assert label_predictions(store, {HOSTILE: HOSTILE}, source=HOSTILE).accepted == 1
    rows = read(store, key, HOSTILE)
    assert rows.prediction_ids == [KEPT, "b"]
    assert rows.classes[int(rows.labels[0])] == rows.classes[int(rows.predicted[0])]
    assert rows.features[KEPT].to_pylist() == ["a\0b\\ud800c\U0001f600\u202e", "x"]
    assert list(rows.segments) == [KEPT]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["a\0b", "c"], ["a\\x00b", "c"]),
        (["a\ud800b", "c"], ["a\\ud800b", "c"]),
        ([1, 2], ["1", "2"]),
        (["é" * (MAX_NAME // 2), "é" * (MAX_NAME // 2 + 1)], ["é" * (MAX_NAME // 2)]),
        (["", "x" * MAX_NAME], ["", "x" * MAX_NAME]),
        ([None, "c"], ["c"]),
    ],
)
def test_ids_are_kept_in_one_form(store: Store, key: ModelKey, given: list[Any], kept: list[str]) -> None:
    """As text both engines hold, up to 800 bytes; a row without one, or with a longer one, is set aside."""
    result = log_predictions(store, make_batch(key, 2, prediction_ids=given))
    assert read(store, key).prediction_ids == kept
    assert len(result.quarantined or ()) == 2 - len(kept)


def test_names_too_long_for_an_index_are_refused_one_by_one(store: Store, key: ModelKey) -> None:
    """Rows are set aside with a reason; a whole batch is refused only for its own id."""
    long = "x" * (MAX_NAME + 1)
    batch = make_batch(key, 3, prediction_ids=[long, "b", "c"], predicted=["stay", long, "stay"], scores=None)
    result = log_predictions(store, batch)
    assert (result.accepted, sorted(result.quarantined or ())) == (1, [0, 1])
    assert label_predictions(store, {long: "stay", "c": long}).refused == {
        long: f"prediction_id: longer than {MAX_NAME} bytes",
        "c": f"label: {'x' * 40} is no class (text up to {MAX_NAME} bytes, integer or boolean)",
    }
    with pytest.raises(BadBatch, match="the id is longer than 800 bytes"):
        log_predictions(store, make_batch(key, batch_id=long))


def test_a_layout_longer_than_an_index_entry_is_kept(store: Store, key: ModelKey) -> None:
    """Five hundred features of long names."""
    features = {f"{'long' * 20}{n}": [n, n] for n in range(500)}
    log_predictions(store, make_batch(key, 2, features=features, scores=None))
    assert len(read(store, key).features) == 500


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "x" * (MAX_NAME + 1)])
def test_a_model_is_not_registered_under_a_name_that_cannot_be_kept(store: Store, name: str) -> None:
    """And such a name is asked for in vain."""
    with pytest.raises(UnknownModel, match="names no model"):
        register_model(store, ModelKey(name))
    with pytest.raises(UnknownModel, match="no model"):
        log_predictions(store, make_batch(ModelKey(name)))


def test_an_infinite_label_is_refused(store: Store) -> None:
    """There is no error to be measured against it; the other rows are kept."""
    key = ModelKey("price")
    register_model(store, key, task="regression")
    batch = PredictionBatch(
        model=key,
        batch_id="1",
        features={},
        predicted=[1.0, float("inf"), 3.0],
        labels=[1.0, 2.0, float("-inf")],
        prediction_ids=["a", "b", "c"],
    )
    assert log_predictions(store, batch).quarantined == {2: "label: infinite"}
    assert label_predictions(store, {"a": float("inf")}).refused == {"a": "label: infinite"}
    assert read(store, key, "1").labels.tolist() == [1.0, 2.0]


def test_models_are_listed_in_the_same_order(store: Store) -> None:
    """By code point, whatever the locale of the server."""
    names = ["b", "B", "ä", "_", "a b", "ab"]
    for name in names:
        register_model(store, ModelKey(name))
    with store.read() as connection:
        assert [model.key.name for model in list_models(connection)] == sorted(names)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(st.characters(), max_size=8),
    st.binary(max_size=3),
    st.just(datetime(2026, 1, 1, tzinfo=UTC)),
)


@given(values=st.lists(VALUES, min_size=1, max_size=6))
@settings(max_examples=60)
def test_any_row_is_stored_or_set_aside(store: Store, key: ModelKey, values: list[Any]) -> None:
    """Whatever stands where an id, a class, a feature, a segment or a label should: no error, and every row counted."""
    batch_id = new_ids(1)[0]
    batch = PredictionBatch(
        model=key,
        batch_id=batch_id,
        features={"x": values},
        predicted=values,
        segments={"s": values},
        errors=values,
        labels=values,
        prediction_ids=[f"{batch_id}{value}" if isinstance(value, str) else value for value in values],
    )
    result = log_predictions(store, batch)
    assert result.accepted + result.duplicates + len(result.conflicts) + len(result.quarantined or ()) == len(values)
    label_predictions(store, {f"{batch_id}{value}": value for value in values}, model=key, source=str(values))
    with store.read() as connection:
        payloads = connection.execute(text("SELECT payload FROM quarantine")).scalars().all()
    assert all("\0" not in payload for payload in payloads)


def test_a_reference_of_hostile_text_is_kept(store: Store, key: ModelKey) -> None:
    """Its layout and its classes too."""
    promote_reference(store, make_batch(key, 2, features={HOSTILE: [HOSTILE, "x"]}, scores=None))
    assert storable(HOSTILE) == KEPT
