"""Retention: old rows go for good, what was said of them stays, and nothing trips over the gap."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from driftboard.config import Settings
from driftboard.data import (
    ModelKey,
    Store,
    backfill_ground_truth,
    find_batch,
    get_model,
    label_predictions,
    load_reference,
    log_predictions,
    open_store,
    promote_reference,
    register_model,
    tables,
)
from driftboard.data.disk import leave_no_traces
from driftboard.data.reports import due_batches, newest_reports
from driftboard.data.retention import Purged, age_limit, purge
from driftboard.errors import PurgedBatch
from driftboard.worker import evaluate_due
from tests.data.batches import make_batch, read

NOW = datetime(2025, 11, 3, tzinfo=UTC)
OLD, YOUNG = NOW - timedelta(days=100), NOW - timedelta(days=10)
AGE = timedelta(days=90)
MARK = "Zaphod Beeblebrox"


def log_two(store: Store, key: ModelKey) -> None:
    """An old labelled batch with a bad row, and a young one."""
    plan = {"plan": [MARK] * 7, "age": [*range(6), b""]}
    ids = [f"{MARK}-{row}" for row in range(7)]
    old = make_batch(key, 7, batch_id="old", features=plan, prediction_ids=ids, predicted_at=OLD)
    log_predictions(store, old, now=OLD)
    label_predictions(store, {ids[0]: "stay", "never logged": "stay"}, model=key, now=OLD)
    ids = [f"young-{row}" for row in range(6)]
    log_predictions(store, make_batch(key, batch_id="young", prediction_ids=ids, predicted_at=YOUNG), now=YOUNG)


def purge_old(store: Store, key: ModelKey, *, dry_run: bool = False) -> Purged:
    """Purge what is older than 90 days."""
    with store.read() as connection:
        model = get_model(connection, key)
    return purge(store, model, older_than=AGE, now=NOW, dry_run=dry_run)


def counts(store: Store) -> dict[str, int]:
    """Table to number of rows."""
    with store.read() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in tables.metadata.tables.items()
        }


def test_raw_rows_go_and_reports_stay(store: Store, key: ModelKey) -> None:
    """Blocks, ids, labels, rows set aside and waiting labels of old batches; nothing else."""
    promote_reference(store, make_batch(key, 60, batch_id="reference"), now=OLD)
    log_two(store, key)
    evaluate_due(store, Settings(), now=OLD)
    before = counts(store)
    assert purge_old(store, key) == Purged(batches=1, predictions=6, quarantined=1, orphans=1)
    after = counts(store)
    gone = {name: before[name] - after[name] for name in before if before[name] != after[name]}
    assert gone == {"blocks": 1, "predictions": 6, "labels": 1, "quarantine": 1, "orphan_labels": 1}
    with store.read() as connection:
        model = get_model(connection, key)
        batch = find_batch(connection, model, "old")
        assert (batch.n_predictions, batch.n_labels) == (6, 1)
        assert [each.batch_id for each in newest_reports(connection, model, "feature")] == ["old", "young"]
        assert load_reference(connection, model) is not None
    assert len(read(store, key, "young")) == 6


def test_a_dry_run_counts_and_leaves(store: Store, key: ModelKey) -> None:
    """The same figures, nothing gone."""
    log_two(store, key)
    before = counts(store)
    assert purge_old(store, key, dry_run=True) == Purged(1, 6, 1, 1)
    assert counts(store) == before
    assert purge_old(store, key) == Purged(1, 6, 1, 1)
    assert purge_old(store, key) == Purged()


def test_a_purged_batch_says_so(store: Store, key: ModelKey) -> None:
    """Never empty columns that look like data; nor labels without rows."""
    log_two(store, key)
    purge_old(store, key)
    with pytest.raises(PurgedBatch, match=r"the rows of batch 'old' of churn:3@staging were purged; its reports stay"):
        read(store, key, "old")
    with pytest.raises(PurgedBatch):
        backfill_ground_truth(store, "old", ["stay"] * 6, model=key)


def test_a_late_label_waits_like_any_other(store: Store, key: ModelKey) -> None:
    """Its prediction is not in the log any more: no error, no crash."""
    log_two(store, key)
    purge_old(store, key)
    assert label_predictions(store, {f"{MARK}-1": "stay"}, model=key).waiting == 1


def test_a_purged_batch_is_not_due(store: Store, key: ModelKey) -> None:
    """Judged or not, and not when rows of it arrive late either: they would pass for the whole."""
    log_two(store, key)
    purge_old(store, key)
    promote_reference(store, make_batch(key, 60, batch_id="reference"))
    late = make_batch(key, batch_id="old", prediction_ids=[f"late-{row}" for row in range(6)], predicted_at=OLD)
    log_predictions(store, late)
    with store.read() as connection:
        assert len(due_batches(connection, get_model(connection, key))) == 1
    assert [each.batch_id for each in evaluate_due(store, Settings())] == ["young"]
    with pytest.raises(PurgedBatch):
        read(store, key, "old")


def test_an_empty_batch_is_due_and_not_purged(store: Store, key: ModelKey) -> None:
    """It never had rows: its verdict is no_data."""
    promote_reference(store, make_batch(key, 60, batch_id="reference"))
    log_predictions(store, make_batch(key, 0, batch_id="empty", predicted_at=OLD))
    assert purge_old(store, key) == Purged()
    assert [each.batch_id for each in evaluate_due(store, Settings())] == ["empty"]


def test_a_damaged_block_can_be_purged(path: Path) -> None:
    """It names no ids; its places go all the same."""
    with open_store(path) as store:
        key = ModelKey("churn")
        register_model(store, key)
        log_two(store, key)
        with store.write() as connection:
            connection.execute(tables.blocks.update().values(payload=b"damage"))
        purge_old(store, key)
        assert (counts(store)["predictions"], counts(store)["blocks"]) == (6, 1)


@pytest.mark.parametrize("vacuum", [False, True])
def test_no_byte_stays(path: Path, vacuum: bool) -> None:
    """S11: neither in the file nor in its write-ahead log; the disk gets the space back when asked to."""
    with open_store(path) as store:
        key = ModelKey("churn")
        register_model(store, key)
        log_two(store, key)
        assert MARK.encode() in on_disk(path)
        purge_old(store, key)
        leave_no_traces(store, vacuum=vacuum)
        assert MARK.encode() not in on_disk(path)
        assert len(read(store, key, "young")) == 6


def on_disk(path: Path) -> bytes:
    """Every byte of the database and what lies beside it."""
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_the_limit_of_a_model_is_the_nearest() -> None:
    """By its whole name, else by less of it, else the default."""
    models = {"churn": "90d", "churn:2": "30d", "churn:2@staging": "7d", "churn@test": "1d"}
    cases = {
        ModelKey("churn", "2", "staging"): "7d",
        ModelKey("churn", "2"): "30d",
        ModelKey("churn", "3", "test"): "1d",
        ModelKey("churn", "3"): "90d",
        ModelKey("flights"): "52w",
    }
    assert {key: age_limit(key, models, "52w") for key in cases} == cases
    assert age_limit(ModelKey("flights"), models, None) is None
