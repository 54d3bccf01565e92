"""Predictions of two models under the same ids."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from driftboard.data import (
    ModelKey,
    PredictionBatch,
    Store,
    get_model,
    label_predictions,
    log_predictions,
    register_model,
)
from driftboard.data import pairs as pairs_module
from driftboard.data.pairs import Pairs, read_pairs
from driftboard.data.retention import purge
from driftboard.errors import ConfigError

V1, V2 = ModelKey("churn", "1"), ModelKey("churn", "2")
DAY = datetime(2026, 11, 1, tzinfo=UTC)


def log(store: Store, key: ModelKey, ids: str, predicted: list[object], *, day: int = 1, **given: object) -> None:
    """Predictions, one an id (a letter)."""
    at = DAY + timedelta(days=day)
    batch = PredictionBatch(
        key,
        f"day-{day}",
        {},
        predicted,
        prediction_ids=list(ids),
        predicted_at=at,
        **given,  # type: ignore[arg-type]
    )
    log_predictions(store, batch, now=at)


def both(store: Store, **options: object) -> Pairs:
    """The pairs of the two models."""
    with store.read() as connection:
        return read_pairs(connection, get_model(connection, V1), get_model(connection, V2), **options)  # type: ignore[arg-type]


def written(pairs: Pairs) -> list[tuple[str, str, str | None]]:
    """Champion, challenger and label of each pair as text, in alphabetical order."""
    columns = (
        [None if np.isnan(code) else pairs.classes[int(code)] for code in each]
        for each in (pairs.champion, pairs.challenger, pairs.labels)
    )
    return sorted(zip(*columns, strict=True), key=str)  # type: ignore[arg-type]


@pytest.fixture
def models(store: Store) -> Store:
    """Both registered, without a prediction."""
    register_model(store, V1)
    register_model(store, V2)
    return store


def test_pairs_are_joined_by_id_and_classes_by_name(models: Store) -> None:
    """Whatever order, batch, block or code either model has them in; what one lacks or failed at is no pair."""
    log(models, V1, "abcde", ["stay", "leave", "stay", None, "leave"])
    log(models, V2, "db", ["stay", "leave"], day=3)
    log(models, V2, "eax", ["stay", "maybe", "stay"], day=2)
    pairs = both(models)
    assert written(pairs) == [("leave", "leave", None), ("leave", "stay", None), ("stay", "maybe", None)]
    assert (len(pairs), pairs.batches, pairs.purged) == (3, 1, 0)


def test_a_label_of_either_model_counts(models: Store) -> None:
    """The champion's first; a correction counts as it does everywhere."""
    log(models, V1, "abc", ["stay", "leave", "stay"])
    log(models, V2, "abc", ["leave", "leave", "leave"])
    label_predictions(models, {"a": "stay"}, model=V1, observed_at=DAY)
    label_predictions(models, {"a": "leave", "b": "stay"}, model=V2, observed_at=DAY)
    label_predictions(models, {"b": "leave"}, model=V2, observed_at=DAY + timedelta(days=1))
    assert written(both(models)) == [("leave", "leave", "leave"), ("stay", "leave", "stay"), ("stay", "leave", None)]


def test_a_class_is_matched_by_how_it_is_written(models: Store) -> None:
    """One service logs numbers and the other text."""
    log(models, V1, "ab", [1, 2], labels=[1, 1])
    log(models, V2, "ab", ["2", "1"])
    assert written(both(models)) == [("1", "2", "1"), ("2", "1", "1")]


def test_segments_are_the_champions(models: Store) -> None:
    """A batch without one, or with levels of its own, keeps the columns in step."""
    log(models, V1, "ab", ["stay", "stay"], day=1)
    log(models, V1, "cd", ["stay", "leave"], day=2, segments={"land": ["NO", None], "device": ["web", "web"]})
    log(models, V1, "ef", ["leave", "leave"], day=3, segments={"land": ["DE", "NO"]})
    log(models, V2, "fedcba", ["stay"] * 6)
    pairs = both(models, segments=["land"])
    codes, levels = pairs.segments["land"]
    found = [None if code < 0 else levels[code] for code in codes]
    assert found == ["DE", "NO", "NO", None, None, None]
    assert pairs.segments.keys() == {"land"}
    assert both(models).segments.keys() == {"land", "device"}


def test_a_feature_can_be_a_segment_when_it_is_asked_for(models: Store) -> None:
    """Written as text: nobody logged it twice."""
    at = DAY + timedelta(days=1)
    features = {"vip": [True, False], "age": [30, 40]}
    log_predictions(models, PredictionBatch(V1, "d", features, ["a", "b"], prediction_ids=["x", "y"], predicted_at=at))
    log_predictions(models, PredictionBatch(V2, "d", {}, ["a", "b"], prediction_ids=["x", "y"], predicted_at=at))
    pairs = both(models, segments=["vip", "nowhere"])
    assert {name: levels for name, (_, levels) in pairs.segments.items()} == {"vip": ("true", "false")}


def test_the_newest_batches_are_read(models: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """By number, by date, and never more pairs than the bound."""
    for day, name in enumerate("abcd", start=1):
        log(models, V1, name, ["stay"], day=day)
    log(models, V2, "abcd", ["stay"] * 4)
    assert both(models).batches == 4
    assert both(models, newest=3).batches == 3
    assert both(models, since=DAY + timedelta(days=3)).batches == 2
    monkeypatch.setattr(pairs_module, "MOST_PAIRS", 1)
    assert both(models).batches == 1


def test_a_purged_batch_is_counted_and_left_out(models: Store) -> None:
    """Its rows are gone; the others still compare."""
    log(models, V1, "ab", ["stay", "stay"], day=1)
    log(models, V1, "cd", ["stay", "stay"], day=20)
    log(models, V2, "abcd", ["stay"] * 4, day=20)
    with models.read() as connection:
        model = get_model(connection, V1)
    purge(models, model, older_than=timedelta(days=10), now=DAY + timedelta(days=21))
    pairs = both(models)
    assert (len(pairs), pairs.purged) == (2, 1)


def test_a_regression_has_values(store: Store) -> None:
    """No codes; a failed prediction is no pair."""
    for key in (V1, V2):
        register_model(store, key, task="regression")
    log(store, V1, "abc", [1.5, 2.5, None], labels=[1.0, None, 3.0])
    log(store, V2, "abc", [1.25, 2.0, 3.0])
    pairs = both(store)
    assert (pairs.champion.tolist(), pairs.challenger.tolist()) == ([1.5, 2.5], [1.25, 2.0])
    np.testing.assert_array_equal(pairs.labels, [1.0, np.nan])


def test_nothing_in_common_is_no_error(models: Store) -> None:
    """Empty columns, of an empty log too."""
    assert len(both(models)) == 0
    log(models, V1, "ab", ["stay", "stay"])
    log(models, V2, "cd", ["stay", "stay"])
    assert (len(both(models)), both(models).batches) == (0, 1)


def test_what_cannot_be_compared_is_refused(models: Store) -> None:
    """A model with itself, a classifier with a regression."""
    other = ModelKey("price")
    register_model(models, other, task="regression")
    with models.read() as connection:
        v1, price = get_model(connection, V1), get_model(connection, other)
        with pytest.raises(ConfigError, match="churn:1@production cannot be compared with itself"):
            read_pairs(connection, v1, v1)
        with pytest.raises(ConfigError, match="nothing to compare"):
            read_pairs(connection, v1, price)
