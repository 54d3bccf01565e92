"""Erasure: a prediction that is deleted has never been, for every reader and every grep."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driftboard.config import Settings
from driftboard.data import (
    ModelKey,
    Store,
    backfill_ground_truth,
    disk,
    find_batch,
    get_model,
    label_predictions,
    log_predictions,
    open_store,
    promote_reference,
    register_model,
)
from driftboard.data.erasure import Erased, erase
from driftboard.data.verify import damaged_blocks, wrong_counts
from driftboard.errors import StoreError
from driftboard.worker import evaluate_due
from tests.data.batches import make_batch, read

MARK = "Zaphod Beeblebrox"


def erase_of(store: Store, key: ModelKey, *ids: str) -> Erased:
    """Erase predictions of a model."""
    with store.read() as connection:
        model = get_model(connection, key)
    return erase(store, model, ids)


def is_whole(store: Store) -> bool:
    """Whether every block, place and count fits."""
    with store.read() as connection:
        return not [*damaged_blocks(connection), *wrong_counts(connection)]


def test_the_row_goes_and_the_others_stay(store: Store, key: ModelKey) -> None:
    """Their features, labels and order; the batch counts one less of each."""
    log_predictions(store, make_batch(key))
    backfill_ground_truth(store, "day-1", ["stay", "leave", None, "stay", "leave", "stay"], model=key)
    assert erase_of(store, key, "p1") == Erased(1, 1, 0, (), ())
    rows = read(store, key)
    assert rows.prediction_ids == ["p0", "p2", "p3", "p4", "p5"]
    assert rows.features["age"].to_pylist() == [20.0, 22.0, 23.0, 24.0, 25.0]
    assert [None if np.isnan(each) else rows.classes[int(each)] for each in rows.labels] == [
        "stay",
        None,
        "stay",
        "leave",
        "stay",
    ]
    with store.read() as connection:
        batch = find_batch(connection, get_model(connection, key), "day-1")
    assert (batch.n_predictions, batch.n_labels) == (5, 4)
    assert is_whole(store)


def test_labels_find_the_rows_that_moved(store: Store, key: ModelKey) -> None:
    """A place that still pointed to the old row would label a stranger."""
    log_predictions(store, make_batch(key))
    erase_of(store, key, "p0", "p3")
    label_predictions(store, {"p4": "leave"}, model=key)
    rows = read(store, key)
    labelled = [name for name, label in zip(rows.prediction_ids, rows.labels, strict=True) if not np.isnan(label)]
    assert labelled == ["p4"]


def test_a_second_time_is_a_no_op(store: Store, key: ModelKey) -> None:
    """And unknown ids are named."""
    log_predictions(store, make_batch(key))
    erase_of(store, key, "p1")
    assert erase_of(store, key, "p1", "p2", "p2", "nobody") == Erased(1, 0, 0, ("p1", "nobody"), ())
    assert len(read(store, key)) == 4


def test_the_last_row_takes_the_block_with_it(store: Store, key: ModelKey) -> None:
    """The batch is then an empty one, neither damaged nor purged."""
    log_predictions(store, make_batch(key, 1))
    erase_of(store, key, "p0")
    assert len(read(store, key)) == 0
    assert is_whole(store)


def test_waiting_labels_and_rows_set_aside_go_too(store: Store, key: ModelKey) -> None:
    """Whatever is kept under the id."""
    label_predictions(store, {"early": "stay"}, model=key)
    log_predictions(store, make_batch(key, 2, features={"age": [1, b""]}, prediction_ids=["good", "bad"]))
    assert erase_of(store, key, "early", "bad") == Erased(0, 1, 1, (), ())
    assert erase_of(store, key, "early", "bad").unknown == ("early", "bad")


def test_a_reference_that_holds_the_id_is_named(store: Store, key: ModelKey) -> None:
    """It is frozen: whoever erases must know that it has to be replaced."""
    promote_reference(store, make_batch(key))
    log_predictions(store, make_batch(key))
    assert erase_of(store, key, "p1").in_reference == ("p1",)


def test_reports_stay_and_a_later_one_sees_the_rest(store: Store, key: ModelKey) -> None:
    """A batch is not due for having lost a row; when labels arrive the monitors look at what is left."""
    promote_reference(store, make_batch(key, 60, batch_id="reference"))
    log_predictions(store, make_batch(key))
    assert len(evaluate_due(store, Settings())) == 1
    erase_of(store, key, "p1")
    assert evaluate_due(store, Settings()) == ()
    label_predictions(store, {"p2": "stay"}, model=key)
    assert len(evaluate_due(store, Settings())) == 1


def test_no_byte_stays(path: Path) -> None:
    """S11: of the id, the feature and the segment, in the file and its log; other rows of the block are untouched."""
    with open_store(path) as store:
        key = _marked(store)
        assert MARK.encode() in on_disk(path)
        assert b"secret-id-1" in on_disk(path)
        erase_of(store, key, "secret-id-1")
        assert MARK.encode() not in on_disk(path)
        assert b"secret-id-1" not in on_disk(path)
        assert read(store, key).prediction_ids == ["secret-id-0", "secret-id-2"]


def test_without_overwriting_bytes_stay(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: an ordinary DELETE leaves them for whoever greps."""
    monkeypatch.setattr("driftboard.data.erasure.zero_what_is_deleted", lambda _: None)
    monkeypatch.setattr("driftboard.data.erasure.leave_no_traces", lambda *_, **__: None)
    with open_store(path) as store:
        key = _marked(store)
        erase_of(store, key, "secret-id-1")
        assert b"secret-id-1" in on_disk(path)


def test_a_reader_that_keeps_the_log_in_use_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are gone; that their bytes are not yet is an error, and a second run completes it."""
    monkeypatch.setattr(disk, "WAIT_SECONDS", 0.2)
    with open_store(path) as store:
        key = _marked(store)
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM blocks").fetchone()
        with pytest.raises(StoreError, match=r"the rows are deleted, but .* run the command again"):
            erase_of(store, key, "secret-id-1")
        reader.close()
        assert erase_of(store, key, "secret-id-1").unknown == ("secret-id-1",)
        assert b"secret-id-1" not in on_disk(path)


@given(st.data())
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_any_rows_of_any_blocks(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """What is left equals the log in which the erased were never logged."""
    sizes = data.draw(st.lists(st.integers(1, 8), min_size=1, max_size=3))
    ids = [f"b{block}-{row}" for block, size in enumerate(sizes) for row in range(size)]
    gone = set(data.draw(st.lists(st.sampled_from(ids), unique=True)))
    labels = {each: data.draw(st.sampled_from(["stay", "leave"])) for each in ids if data.draw(st.booleans())}
    with open_store(tmp_path_factory.mktemp("log") / "log.sqlite") as store:
        key = ModelKey("churn")
        register_model(store, key)
        for block, size in enumerate(sizes):
            names = [f"b{block}-{row}" for row in range(size)]
            log_predictions(store, make_batch(key, size, prediction_ids=names, features={"name": names}))
        label_predictions(store, labels, model=key, observed_at=datetime(2025, 1, 1, tzinfo=UTC))
        erase_of(store, key, *gone)
        rows = read(store, key)
        left = [each for each in ids if each not in gone]
        assert rows.prediction_ids == left
        assert rows.features["name"].to_pylist() == left if left else True
        found = {each: rows.classes[int(x)] for each, x in zip(left, rows.labels, strict=True) if not np.isnan(x)}
        assert found == {each: label for each, label in labels.items() if each not in gone}
        assert is_whole(store)


def _marked(store: Store) -> ModelKey:
    """Three rows, the second of which is somebody's."""
    key = ModelKey("churn")
    register_model(store, key)
    people = ["Arthur Dent", MARK, "Ford Prefect"]
    ids = [f"secret-id-{row}" for row in range(3)]
    log_predictions(
        store,
        make_batch(
            key, 3, features={"name": people}, segments={"who": people}, prediction_ids=ids, labels=["stay"] * 3
        ),
    )
    return key


def on_disk(path: Path) -> bytes:
    """Every byte of the database and what lies beside it."""
    return b"".join(file.read_bytes() for file in path.parent.iterdir())
