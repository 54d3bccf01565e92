"""Export and import: what goes out comes back the same, labels of then are the labels of then."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from driftboard.data import (
    ModelKey,
    PredictionBatch,
    Store,
    exchange,
    get_model,
    label_predictions,
    list_batches,
    log_predictions,
    open_store,
    register_model,
)
from driftboard.data.exchange import Exported, export_parquet, rows_to_export
from driftboard.data.parquet_import import Imported, import_parquet
from driftboard.data.retention import purge
from driftboard.errors import BadBatch, StoreError
from tests.data.batches import make_batch, read

DAY = datetime(2025, 11, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    """Another log."""
    with open_store(tmp_path / "other.sqlite") as store:
        yield store


def fill(store: Store, key: ModelKey, days: int = 2) -> None:
    """Batches of six with everything a row can have; each feature set is a little different."""
    for day in range(days):
        at = DAY + day * timedelta(days=1)
        batch = make_batch(
            key,
            batch_id=f"day/{day}",
            features={"age": [1, 2, None, 4, 5, 6], "plan": ["a", "b", None, "d", "é", "f"], f"only {day}": [0.5] * 6},
            predicted=["stay", "leave", None, "stay", "leave", "stay"],
            confidence=[0.5, None, None, 1.0, 0.25, 0.75],
            latency=[0.001] * 6,
            errors=[None, None, "boom", None, None, None],
            segments={"country": ["de", "fr", None, "de", "fr", "de"]},
            prediction_ids=[f"{day}-{row}" for row in range(6)],
            predicted_at=[at + row * HOUR for row in range(6)],
        )
        log_predictions(store, batch, now=at)
        label_predictions(store, {f"{day}-0": "stay"}, model=key, observed_at=at + HOUR, now=at + 2 * HOUR)
        label_predictions(store, {f"{day}-0": "leave"}, model=key, observed_at=at + 3 * HOUR, now=at + 4 * HOUR)


def export(store: Store, key: ModelKey, target: Path, **options: Any) -> Exported:
    """Export a model."""
    with store.read() as connection:
        model = get_model(connection, key)
    return export_parquet(store, model, target, **options)


def test_a_row_says_everything(store: Store, key: ModelKey, tmp_path: Path) -> None:
    """Classes by name, times with their zone, one column for each score, feature and segment."""
    fill(store, key)
    assert export(store, key, tmp_path / "all.parquet") == Exported((tmp_path / "all.parquet",), 2, 12, 0)
    table = parquet.read_table(tmp_path / "all.parquet")
    assert table.column_names == [
        *("prediction_id", "batch_id", "predicted_at", "predicted", "confidence", "latency", "error"),
        *("label", "label_observed_at", "feature_age", "feature_only 0", "feature_only 1", "feature_plan"),
        *("score_leave", "score_stay", "segment_country"),
    ]
    assert table.slice(6, 1).to_pylist() == [
        {
            "prediction_id": "1-0",
            "batch_id": "day/1",
            "predicted_at": DAY + timedelta(days=1),
            "predicted": "stay",
            "confidence": 0.5,
            "latency": 0.001,
            "error": None,
            "label": "leave",
            "label_observed_at": DAY + timedelta(days=1, hours=3),
            "feature_age": 1,
            "feature_only 0": None,
            "feature_only 1": 0.5,
            "feature_plan": "a",
            "score_leave": 0.25,
            "score_stay": 0.75,
            "segment_country": "de",
        }
    ]
    assert (tmp_path / "all.parquet").stat().st_mode & 0o777 == 0o600


def test_as_of_gives_the_labels_that_were_known(store: Store, key: ModelKey, tmp_path: Path) -> None:
    """Before the first, between the two, after the correction: by when it was received, not when it was true."""
    fill(store, key, days=1)
    known = []
    for hours in (1, 2, 3, 4):
        export(store, key, tmp_path / f"{hours}.parquet", as_of=DAY + hours * HOUR)
        row = parquet.read_table(tmp_path / f"{hours}.parquet").slice(0, 1).to_pylist()[0]
        known.append((row["label"], row["label_observed_at"]))
    assert known == [(None, None), ("stay", DAY + HOUR), ("stay", DAY + HOUR), ("leave", DAY + 3 * HOUR)]


def test_it_comes_back_the_same(store: Store, key: ModelKey, other: Store, tmp_path: Path) -> None:
    """In another log: the same rows, labels and times; exported again, the same file."""
    fill(store, key)
    export(store, key, tmp_path / "out.parquet")
    done = import_parquet(other, key, tmp_path / "out.parquet")
    assert done == Imported(accepted=12, labels=2)
    export(other, key, tmp_path / "again.parquet")
    assert parquet.read_table(tmp_path / "again.parquet").equals(parquet.read_table(tmp_path / "out.parquet"))
    with store.read() as mine, other.read() as theirs:
        (a, b), (c, d) = (
            [(each.n_predictions, each.n_labels, each.first_at) for each in list_batches(one, get_model(one, key))]
            for one in (mine, theirs)
        )
    assert (a, b) == (c, d)


def test_a_second_import_changes_nothing(store: Store, key: ModelKey, other: Store, tmp_path: Path) -> None:
    """Into the log it came from as well."""
    fill(store, key)
    export(store, key, tmp_path / "out.parquet")
    import_parquet(other, key, tmp_path / "out.parquet")
    assert import_parquet(other, key, tmp_path / "out.parquet") == Imported(duplicates=12)
    assert import_parquet(store, key, tmp_path / "out.parquet") == Imported(duplicates=12)


@pytest.mark.parametrize(
    ("task", "predicted", "classes"),
    [
        ("regression", [1.5, -2.0, None], None),
        ("classification", [1, 2, None], [1, 2]),
        ("classification", [True, False, None], [True, False]),
        ("classification", ["1", "a b", None], ["1", "a b"]),
    ],
)
def test_every_kind_of_target(
    store: Store, other: Store, tmp_path: Path, task: Any, predicted: Any, classes: Any
) -> None:
    """Numbers, integers, booleans and text stay what they are."""
    key = ModelKey("m")
    register_model(store, key, task=task)
    scores = None if classes is None else np.tile([0.25, 0.75], (3, 1))
    batch = PredictionBatch(key, 1, {"x": [1, 2, 3]}, predicted, scores, classes, prediction_ids=["a", "b", "c"])
    log_predictions(store, batch)
    label_predictions(store, {"c": predicted[0]}, model=key)
    export(store, key, tmp_path / "out.parquet")
    import_parquet(other, key, tmp_path / "out.parquet")
    mine, theirs = read(store, key, "1"), read(other, key, "1")
    assert theirs.task == task
    assert (
        [mine.classes[int(each)] for each in mine.predicted[:2]]
        == [theirs.classes[int(each)] for each in theirs.predicted[:2]]
        if classes
        else (mine.predicted[:2] == theirs.predicted[:2]).all()
    )
    assert parquet.read_table(tmp_path / "out.parquet")["label"].to_pylist() == [None, None, predicted[0]]
    assert import_parquet(store, key, tmp_path / "out.parquet") == Imported(duplicates=3)


def test_classes_of_several_types_come_back(store: Store, other: Store, tmp_path: Path) -> None:
    """One column cannot hold 1 and "1": it holds their JSON."""
    key = ModelKey("m")
    register_model(store, key)
    for batch_id, value in enumerate([1, "1", True]):
        log_predictions(store, PredictionBatch(key, batch_id, {"x": [1]}, [value], prediction_ids=[f"p{batch_id}"]))
    export(store, key, tmp_path / "out.parquet")
    import_parquet(other, key, tmp_path / "out.parquet")
    rows = [read(other, key, str(batch_id)) for batch_id in range(3)]
    assert [repr(each.classes[int(each.predicted[0])]) for each in rows] == ["1", "'1'", "True"]


def test_only_one_batch_is_held(store: Store, key: ModelKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """A month is never loaded: each batch is read when the one before has been taken."""
    fill(store, key, days=5)
    reads: list[str] = []
    original = exchange.read_batch

    def counted(connection: Any, model: Any, batch: Any, **options: Any) -> Any:
        reads.append(batch.batch_id)
        return original(connection, model, batch, **options)

    monkeypatch.setattr(exchange, "read_batch", counted)
    with store.read() as connection:
        model = get_model(connection, key)
        rows = rows_to_export(connection, model, list_batches(connection, model))
        for n, _ in enumerate(rows, 1):
            assert len(reads) == n


def test_memory_does_not_grow_with_the_log(path: Path, tmp_path: Path) -> None:
    """Arrow's own count: the peak of 20 batches is that of 4."""
    with open_store(path) as store:
        key = ModelKey("m")
        register_model(store, key)
        rng = np.random.default_rng(0)
        for n in range(20):
            ids = [f"{n}-{row}" for row in range(2_000)]
            features = {f"f{each}": rng.normal(size=2_000) for each in range(20)}
            batch = PredictionBatch(key, n, features, [1] * 2_000, prediction_ids=ids, predicted_at=DAY + n * HOUR)
            log_predictions(store, batch)
        peaks = [_peak(store, key, tmp_path / f"{n}.parquet", until=DAY + n * HOUR) for n in (4, 20)]
    assert 0 < peaks[1] < 1.5 * peaks[0]


def _peak(store: Store, key: ModelKey, target: Path, **options: Any) -> int:
    """The most bytes that Arrow held at once during an export, above what it held before."""
    pool = pa.proxy_memory_pool(pa.default_memory_pool())
    before = pa.default_memory_pool()
    pa.set_memory_pool(pool)
    try:
        export(store, key, target, **options)
        return int(pool.max_memory())
    finally:
        pa.set_memory_pool(before)


def test_a_folder_gets_a_file_for_each_batch(store: Store, key: ModelKey, other: Store, tmp_path: Path) -> None:
    """Under names that a file can have; only the batches asked for."""
    fill(store, key, days=3)
    done = export(store, key, tmp_path / "out", since=DAY + 24 * HOUR, until=DAY + 48 * HOUR)
    assert [file.name for file in done.files] == ["day_1-2.parquet"]
    assert import_parquet(other, key, done.files[0]) == Imported(accepted=6, labels=1)


def test_purged_batches_are_left_out(store: Store, key: ModelKey, tmp_path: Path) -> None:
    """And counted."""
    fill(store, key)
    with store.read() as connection:
        model = get_model(connection, key)
    purge(store, model, older_than=12 * HOUR, now=DAY + 24 * HOUR)
    done = export(store, key, tmp_path / "out.parquet")
    assert (done.batches, done.predictions, done.without_rows) == (1, 6, 1)


def test_a_file_in_the_way_stays_unless_forced(store: Store, key: ModelKey, tmp_path: Path) -> None:
    """Nor is a half-written one left."""
    fill(store, key)
    target = tmp_path / "out.parquet"
    target.write_text("dear diary")
    with pytest.raises(StoreError, match="exists: choose another name, or --force"):
        export(store, key, target)
    assert target.read_text() == "dear diary"
    export(store, key, target, force=True)
    assert parquet.read_table(target).num_rows == 12
    with pytest.raises(StoreError, match="cannot write"):
        export(store, key, target / "below.parquet")


@pytest.mark.parametrize("content", ["no parquet", "other parquet"])
def test_a_file_of_another_kind_is_refused(store: Store, key: ModelKey, tmp_path: Path, content: str) -> None:
    """In one line that says what to use instead."""
    file = tmp_path / "out.parquet"
    if content == "no parquet":
        file.write_text(content)
    else:
        parquet.write_table(pa.table({"x": [1]}), file)
    with pytest.raises(BadBatch, match=r"cannot read|log it with `driftboard log`"):
        import_parquet(store, key, file)
