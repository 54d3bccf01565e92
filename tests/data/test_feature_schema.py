"""The feature schema: what departs from it is said once, by name, with the batch it was first seen in."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, event

from driftboard.data import ModelKey, Store, get_model, log_predictions, promote_reference
from driftboard.data.feature_schema import (
    MAX_EVENTS,
    SchemaEvent,
    compare,
    declare_features,
    feature_coverage,
    kind_of,
    schema_events,
)
from driftboard.errors import StoreError
from tests.data.batches import make_batch, read

KINDS = st.sampled_from(["number", "boolean", "text"])
NOW = datetime(2025, 11, 3, tzinfo=UTC)


def logged(store: Store, key: ModelKey, batch_id: str, features: dict[str, Any]) -> tuple[SchemaEvent, ...]:
    """Log six rows with these features; return the model's events."""
    ids = [f"{batch_id}-{row}" for row in range(6)]
    log_predictions(store, make_batch(key, batch_id=batch_id, features=features, prediction_ids=ids), now=NOW)
    return events_of(store, key)


def events_of(store: Store, key: ModelKey) -> tuple[SchemaEvent, ...]:
    """The model's events."""
    with store.read() as connection:
        return schema_events(connection, get_model(connection, key))


def told(events: tuple[SchemaEvent, ...]) -> set[tuple[str, ...]]:
    """What is compared."""
    return {(each.feature, each.change, each.expected, each.found, each.batch_id) for each in events}


@pytest.fixture
def features(store: Store, key: ModelKey) -> dict[str, Any]:
    """The features of a promoted reference."""
    batch = make_batch(key, batch_id="reference")
    promote_reference(store, batch)
    return dict(batch.features)


def test_the_reference_teaches_the_schema(store: Store, key: ModelKey, features: dict[str, Any]) -> None:
    """New, missing and retyped, each named; the order of the columns means nothing."""
    assert logged(store, key, "same", dict(reversed(features.items()))) == ()
    changed = {name: values for name, values in features.items() if name != "visits"}
    changed |= {"plan": list(range(6)), "tier": ["a"] * 5 + [None]}
    assert told(logged(store, key, "day-1", changed)) == {
        ("plan", "retyped", "text", "number", "day-1"),
        ("tier", "new", "", "text", "day-1"),
        ("visits", "missing", "number", "", "day-1"),
    }
    share = {each.feature: each.coverage for each in events_of(store, key)}
    assert share == {"plan": 1.0, "tier": pytest.approx(5 / 6), "visits": 0.0}


def test_an_event_is_recorded_once(store: Store, key: ModelKey, features: dict[str, Any]) -> None:
    """With the first batch, whatever other layouts come later, in this process or the next."""
    logged(store, key, "day-1", features | {"tier": ["a"] * 6})
    logged(store, key, "day-2", features | {"tier": ["a"] * 6, "x": [1] * 6})
    store.catalog.forget()  # what a new process knows
    events = logged(store, key, "day-3", features | {"tier": ["a"] * 6})
    assert told(events) == {("tier", "new", "", "text", "day-1"), ("x", "new", "", "number", "day-2")}


def test_integers_and_floats_are_both_numbers(store: Store, key: ModelKey, features: dict[str, Any]) -> None:
    """A column of whole floats is no other feature; nor is one that is all missing."""
    assert logged(store, key, "day-1", features | {"visits": [0.5] * 6, "age": [None] * 6}) == ()


def test_a_new_reference_is_the_new_schema(store: Store, key: ModelKey, features: dict[str, Any]) -> None:
    """What it contains is expected from then on; what was said stays said."""
    wider = features | {"tier": ["a"] * 6}
    logged(store, key, "day-1", wider)
    promote_reference(store, make_batch(key, batch_id="reference 2", features=wider))
    assert told(logged(store, key, "day-2", wider)) == {("tier", "new", "", "text", "day-1")}
    assert ("tier", "missing", "text", "", "day-3") in told(logged(store, key, "day-3", features))


def test_without_a_schema_nothing_is_unexpected(store: Store, key: ModelKey) -> None:
    """A model without a reference or declaration has none."""
    assert logged(store, key, "day-1", {"anything": [1] * 6}) == ()


def test_a_schema_can_be_declared(store: Store, key: ModelKey) -> None:
    """It stands above the reference; a later declaration above an earlier one."""
    with store.write() as connection:
        model = get_model(connection, key)
        declare_features(connection, model, {"age": "text", "plan": "text"}, now=NOW)
        declare_features(connection, model, {"age": "number"}, now=NOW)
        with pytest.raises(StoreError, match="write number, boolean, text"):
            declare_features(connection, model, {"age": "int"}, now=NOW)
    assert told(logged(store, key, "day-1", {"age": ["x"] * 6})) == {
        ("age", "retyped", "number", "text", "day-1"),
        ("plan", "missing", "text", "", "day-1"),
    }


@pytest.mark.usefixtures("features")
def test_made_up_names_are_capped(store: Store, key: ModelKey) -> None:
    """A client that makes a feature of every customer does not fill the disk."""
    many = {f"feature {n}\0": [1] * 6 for n in range(MAX_EVENTS + 50)}
    assert len(logged(store, key, "day-1", many)) == MAX_EVENTS


def test_a_layout_that_was_compared_costs_nothing(store: Store, key: ModelKey, features: dict[str, Any]) -> None:
    """The hot path runs no statement on the table of events for it."""
    logged(store, key, "day-1", features)
    statements: list[str] = []
    assert store._writer is not None
    event.listen(
        store._writer, "before_cursor_execute", lambda _connection, _cursor, statement, *_: statements.append(statement)
    )
    logged(store, key, "day-2", features)
    assert not [each for each in statements if "schema_events" in each]


def test_a_failed_transaction_records_nothing(store: Store, key: ModelKey, features: dict[str, Any]) -> None:
    """And the next one does: what was compared is forgotten with it."""

    def fail(connection: Connection) -> None:
        del connection
        raise RuntimeError("the plug was pulled")

    assert store._writer is not None
    event.listen(store._writer, "commit", fail)
    with pytest.raises(RuntimeError):
        logged(store, key, "day-1", features | {"tier": ["a"] * 6})
    event.remove(store._writer, "commit", fail)
    assert told(logged(store, key, "day-2", features | {"tier": ["a"] * 6})) == {("tier", "new", "", "text", "day-2")}


@given(st.dictionaries(st.text(min_size=1), KINDS), st.dictionaries(st.text(min_size=1), KINDS))
def test_every_difference_is_found_by_name(expected: dict[str, str], found: dict[str, str]) -> None:
    """T5: any mutation of a schema has exactly one verdict for each feature."""
    events = {name: change for name, change, _, _ in compare(expected, found)}
    assert {name for name, change in events.items() if change == "new"} == found.keys() - expected.keys()
    assert {name for name, change in events.items() if change == "missing"} == expected.keys() - found.keys()
    both = expected.keys() & found.keys()
    assert {name for name, change in events.items() if change == "retyped"} == {
        name for name in both if expected[name] != found[name]
    }


def test_coverage_counts_rows_that_have_a_value(store: Store, key: ModelKey) -> None:
    """A write without the feature counts as rows without a value."""
    logged(store, key, "day-1", {"a": [1, 2, 3, None, None, None]})
    log_predictions(store, make_batch(key, features={"b": [1] * 6}, prediction_ids=[f"q{row}" for row in range(6)]))
    assert feature_coverage(read(store, key)) == {"a": 0.25, "b": 0.5}


def test_kinds() -> None:
    """Three of them, and none for a column of missing values."""
    types = [pa.int64(), pa.float64(), pa.bool_(), pa.string(), pa.null()]
    assert [kind_of(each) for each in types] == ["number", "number", "boolean", "text", ""]
