"""The newest report of a monitor is found by keys, and no other payload is read."""

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from driftboard.data import Store
from driftboard.data.newest_reports import _newest_batches, newest_report_ids, report_payload, reports_after
from tests.exporter.world import add_model, add_report


def test_the_newest_batch_comes_first(store: Store) -> None:
    """Of each batch the newest revision, batches in order of time, whatever was written last."""
    model = add_model(store, batches=("day-1", "day-2", "day-3"))
    for batch, said in (("day-2", "a"), ("day-1", "b"), ("day-2", "c")):
        add_report(store, model, "feature", said, batch=batch)
    add_report(store, model, "quality", "d", batch="day-3")
    with store.read() as connection:
        ids = list(newest_report_ids(connection, model, "feature", batches=10))
        assert [report_payload(connection, each) for each in ids] == ["c", "b"]
        assert list(newest_report_ids(connection, model, "feature", batches=0)) == []
        last = reports_after(connection, ids[0])
        assert [(each.model_id, each.monitor) for each in last] == [(model.model_id, "quality")]


def test_pages_of_batches_follow_each_other(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that is many batches back is found, as long as so many are to be looked at."""
    monkeypatch.setattr("driftboard.data.newest_reports._PAGE", 2)
    model = add_model(store, batches=[f"day-{number}" for number in range(5)])
    add_report(store, model, "feature", "first", batch="day-0")
    with store.read() as connection:
        assert len(list(newest_report_ids(connection, model, "feature", batches=6))) == 1
        assert list(newest_report_ids(connection, model, "feature", batches=4)) == []


def test_no_table_is_walked_through(path, store: Store) -> None:
    """The newest batches of a model are searched by the index of their times."""
    del path
    model = add_model(store)
    query = str(_newest_batches(model, 0).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    with store.read() as connection:
        plan = [str(row[-1]) for row in connection.execute(text(f"EXPLAIN QUERY PLAN {query}"))]
    assert [line for line in plan if line.startswith("SCAN")] == []
    assert any("batches_in_time" in line for line in plan)
