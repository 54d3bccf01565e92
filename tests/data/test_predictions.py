"""Writing and reading predictions."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from driftboard.data import ModelKey, PredictionBatch, Store, log_predictions, register_model
from driftboard.data.ids import new_ids
from driftboard.errors import BadBatch, StoreError, UnknownModel
from tests.data.batches import make_batch, read


def test_a_batch_comes_back_as_it_was_logged(store: Store, key: ModelKey, batch: PredictionBatch) -> None:
    """Ids, features by name, classes, scores and the confidence that follows from them."""
    result = log_predictions(store, batch)
    rows = read(store, key)
    assert (result.accepted, result.duplicates, result.conflicts, result.quarantined) == (6, 0, (), {})
    assert rows.prediction_ids == ["p0", "p1", "p2", "p3", "p4", "p5"]
    assert {name: column.to_pylist() for name, column in rows.features.items()} == {
        name: list(values) for name, values in batch.features.items()
    }
    assert [rows.classes[int(code)] for code in rows.predicted] == list(batch.predicted)
    stay = rows.classes.index("stay")
    np.testing.assert_array_equal(rows.scores[:, stay], np.full(6, 0.75))
    np.testing.assert_array_equal(rows.confidence, [0.75, 0.25] * 3)
    assert np.isnan(rows.labels).all()


def test_given_columns_come_back(store: Store, key: ModelKey) -> None:
    """Times, latency, errors, segments, a confidence of the caller's own, labels known at once."""
    start = datetime(2026, 3, 1, tzinfo=UTC)
    batch = make_batch(
        key,
        predicted_at=[start + timedelta(minutes=row) for row in range(6)],
        predicted=["stay", None, "leave", "stay", "stay", "stay"],
        errors=[None, "timeout", None, None, None, None],
        latency=[0.01] * 6,
        confidence=[0.9] * 6,
        segments={"country": ["de", "fr"] * 3},
        labels=["stay", None, "leave", "leave", None, "stay"],
    )
    log_predictions(store, batch)
    rows = read(store, key)
    assert rows.predicted_at[1] - rows.predicted_at[0] == 60_000_000
    assert np.isnan(rows.predicted[1])
    assert rows.table["error"].to_pylist()[1] == "timeout"
    assert rows.segments["country"].to_pylist() == ["de", "fr"] * 3
    np.testing.assert_array_equal(rows.confidence, np.full(6, 0.9))
    assert [None if np.isnan(x) else rows.classes[int(x)] for x in rows.labels] == [
        "stay",
        None,
        "leave",
        "leave",
        None,
        "stay",
    ]


def test_regression_keeps_real_values(store: Store) -> None:
    """Without classes, scores or confidence."""
    key = ModelKey("price")
    register_model(store, key, task="regression")
    batch = PredictionBatch(
        model=key, batch_id=1, features={"x": [1, 2]}, predicted=[1.5, float("nan")], labels=[2.5, None]
    )
    log_predictions(store, batch)
    rows = read(store, key, "1")
    np.testing.assert_array_equal(rows.predicted, [1.5, np.nan])
    np.testing.assert_array_equal(rows.labels, [2.5, np.nan])
    assert np.isnan(rows.confidence).all()


def test_logging_the_same_batch_again_changes_nothing(store: Store, key: ModelKey, batch: PredictionBatch) -> None:
    """B1: a client's retry neither doubles rows nor wakes the monitors."""
    log_predictions(store, batch)
    before = _changes(store)
    again = log_predictions(store, batch)
    assert (again.accepted, again.duplicates, again.conflicts) == (0, 6, ())
    assert len(read(store, key)) == 6
    assert _changes(store) == before


def test_the_first_write_of_an_id_stays(store: Store, key: ModelKey, batch: PredictionBatch) -> None:
    """Another payload under the same id is a conflict of that row; the new rows beside it are stored."""
    log_predictions(store, batch)
    other = make_batch(key, 2, prediction_ids=["p0", "new"], predicted=["leave", "leave"])
    result = log_predictions(store, other)
    assert (result.accepted, result.duplicates, result.conflicts) == (1, 0, ("p0",))
    rows = read(store, key)
    assert rows.prediction_ids[-1] == "new"
    assert rows.classes[int(rows.predicted[0])] == "stay"


def test_an_id_twice_in_one_batch_is_stored_once(store: Store, key: ModelKey) -> None:
    """The first of them, whatever the second says."""
    result = log_predictions(store, make_batch(key, 3, prediction_ids=["a", "a", "b"]))
    assert (result.accepted, result.duplicates, result.conflicts) == (2, 0, ("a",))


def test_good_rows_of_a_bad_batch_are_kept(store: Store, key: ModelKey) -> None:
    """The bad ones are set aside with their reason and their content, as valid JSON."""
    batch = make_batch(
        key,
        4,
        features={"age": [1.0, b"bytes", 3.0, 4.0], "plan": ["\ud800", "b", "c", "d"]},
        predicted=["stay", "stay", 1.9, "leave"],
        prediction_ids=["a", "b", "c", None],
    )
    result = log_predictions(store, batch)
    assert result.accepted == 1
    assert result.quarantined is not None
    assert sorted(result.quarantined) == [1, 2, 3]
    assert read(store, key).prediction_ids == ["a"]
    with store.read() as connection:
        rows = connection.execute(text("SELECT reason, payload FROM quarantine ORDER BY quarantine_id")).all()
    assert [orjson.loads(row.payload)["age"] for row in rows] == ["b'bytes'", "3.0", "4.0"]
    assert rows[0].reason == "feature 'age': a bytes is neither number, boolean nor text"


def test_classes_of_any_plain_type_are_told_apart(store: Store, key: ModelKey) -> None:
    """1, true and "1" are three classes; 1.0 is the integer."""
    log_predictions(store, make_batch(key, 2, scores=None, predicted=[1.0, 1], prediction_ids=["a", "b"]))
    log_predictions(store, make_batch(key, 1, scores=None, predicted=["1"], prediction_ids=["c"]))
    log_predictions(store, make_batch(key, 1, scores=None, predicted=np.array([True]), prediction_ids=["d"]))
    rows = read(store, key)
    assert [rows.classes[int(code)] for code in rows.predicted] == [1, 1, "1", True]


def test_features_may_come_and_go_between_writes(store: Store, key: ModelKey) -> None:
    """B5, B6: columns are joined by name; a feature that one write lacks is missing there."""
    log_predictions(store, make_batch(key, 1, features={"a": [1], "b": ["x"]}, prediction_ids=["1"]))
    log_predictions(store, make_batch(key, 1, features={"b": ["y"], "c": [True]}, prediction_ids=["2"]))
    log_predictions(store, make_batch(key, 1, features={"a": [2.5], "b": [None]}, prediction_ids=["longer id"]))
    log_predictions(store, make_batch(key, 1, features={"a": ["text"], "b": ["z"]}, prediction_ids=["4"]))
    rows = read(store, key)
    found = {name: column.to_pylist() for name, column in rows.features.items()}
    assert found == {
        "a": ["1", None, "2.5", "text"],
        "b": ["x", "y", None, "z"],
        "c": [None, True, None, None],
    }
    assert rows.prediction_ids == ["1", "2", "longer id", "4"]


def test_an_empty_batch_is_recorded(store: Store, key: ModelKey) -> None:
    """Its monitors will say `no_data`; nothing was logged, and that is known."""
    assert log_predictions(store, make_batch(key, 0, scores=None)).accepted == 0
    assert len(read(store, key)) == 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"features": {"age": [1.0]}}, "batch day-1: feature 'age' has 1 values for 6 predictions"),
        ({"labels": ["stay"]}, "labels has 1 values for 6"),
        ({"scores": np.zeros((6, 3))}, "scores of shape 6 x 3 need `classes`, one for each column"),
        ({"scores": [["a", "b"]] * 6}, "scores are not a matrix of numbers"),
        ({"predicted_at": datetime(2026, 1, 1)}, "has no time zone"),  # noqa: DTZ001 - that is the mistake
    ],
)
def test_a_batch_that_makes_no_sense_is_refused_in_one_line(
    store: Store, key: ModelKey, wrong: dict[str, object], message: str
) -> None:
    """And nothing of it is stored."""
    with pytest.raises(BadBatch, match=message) as error:
        log_predictions(store, make_batch(key, **wrong))
    assert "\n" not in str(error.value)
    assert _changes(store) == 0


def test_an_unknown_model_is_named_with_the_known_ones(store: Store, key: ModelKey) -> None:
    """So that a typing mistake shows."""
    with pytest.raises(UnknownModel, match=r"no model chrn:1@production in the log .known: churn:3@staging"):
        log_predictions(store, make_batch(ModelKey("chrn")))
    assert key.name == "churn"


def test_equal_batch_ids_of_two_models_do_not_mix(store: Store, key: ModelKey) -> None:
    """B18: nor do equal prediction ids."""
    other = ModelKey("fraud")
    register_model(store, other)
    log_predictions(store, make_batch(key))
    log_predictions(store, make_batch(other, 2))
    assert (len(read(store, key)), len(read(store, other))) == (6, 2)


def test_a_failed_write_leaves_no_memory_of_its_classes(store: Store, key: ModelKey) -> None:
    """What a rolled-back transaction had learnt is forgotten, so the next write stores it for good."""
    batch = make_batch(key, 2, scores=None, predicted=["late", "late"])
    with store.write() as connection:
        connection.execute(text("ALTER TABLE blocks RENAME TO elsewhere"))
    with pytest.raises(StoreError):
        log_predictions(store, batch)
    with store.write() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO blocks"))
    log_predictions(store, batch)
    assert read(store, key).classes == ("late",)


ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.floats(), st.integers(-(2**63), 2**63 - 1)),
        st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=20)),
        st.one_of(st.none(), st.booleans()),
    ),
    min_size=1,
    max_size=20,
)


@given(rows=ROWS)
def test_any_values_survive_the_round_trip(store: Store, key: ModelKey, rows: list[tuple[object, ...]]) -> None:
    """Floats bit for bit, whole integers, any text, booleans, missing values (NaN is one)."""
    numbers, texts, booleans = (list(column) for column in zip(*rows, strict=True))
    features = {"number": numbers, "text": texts, "boolean": booleans}
    batch_id = new_ids(1)[0]
    log_predictions(store, PredictionBatch(model=key, batch_id=batch_id, features=features, predicted=[0] * len(rows)))
    found = read(store, key, batch_id).features
    assert found["text"].to_pylist() == texts
    assert found["boolean"].to_pylist() == booleans
    whole = all(not isinstance(value, float) for value in numbers)
    expected = [None if value is None or value != value else value if whole else float(value) for value in numbers]  # type: ignore[arg-type]  # noqa: PLR0124
    assert found["number"].to_pylist() == expected
    assert pa.types.is_null(found["number"].type) or found["number"].type in (pa.int64(), pa.float64())


def _changes(store: Store) -> int:
    with store.read() as connection:
        return int(connection.execute(text("SELECT coalesce(sum(changes), 0) FROM batches")).scalar_one())


def test_the_database_is_for_its_owner_only(path: Path, store: Store, batch: PredictionBatch) -> None:
    """B23: the file and its write-ahead log."""
    log_predictions(store, batch)
    modes = {file.name: os.stat(file).st_mode & 0o777 for file in path.parent.iterdir()}  # noqa: PTH116
    assert set(modes.values()) == {0o600}
    assert "log.sqlite-wal" in modes


def test_a_batch_larger_than_a_block_is_one_batch(store: Store, key: ModelKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is stored in blocks; ids that repeat across them are found, labels stay with their rows."""
    monkeypatch.setattr("driftboard.data.rows.MOST_ROWS", 4)
    ids = ["a", "b", "c", "d", "e", "a", "f", "g", "h", "i"]
    labels = ["stay", "leave"] * 5
    result = log_predictions(store, make_batch(key, 10, prediction_ids=ids, labels=labels))
    rows = read(store, key)
    assert (result.accepted, result.duplicates + len(result.conflicts)) == (9, 1)
    assert rows.prediction_ids == ["a", "b", "c", "d", "e", "f", "g", "h", "i"]
    expected = [label for row, label in enumerate(labels) if row != ids.index("a", 1)]
    assert [rows.classes[int(code)] for code in rows.labels] == expected
