"""Reports: a revision is a change of what is said, and a batch is due when it changed or asked for it."""

from datetime import UTC, datetime, timedelta

import pytest

from driftboard.data import (
    ModelKey,
    Store,
    find_batch,
    get_model,
    label_predictions,
    log_predictions,
    promote_reference,
)
from driftboard.data.catalog import Model
from driftboard.data.reading import BatchInfo
from driftboard.data.reports import due_batches, find_report, judged_meanwhile, newest_reports, save_report
from tests.data.batches import make_batch

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def reference_id(store: Store, key: ModelKey) -> int:
    """A reference and one batch."""
    number = promote_reference(store, make_batch(key))
    log_predictions(store, make_batch(key), now=NOW)
    return number


def model_and_batch(store: Store, key: ModelKey) -> tuple[Model, BatchInfo]:
    """The model and its batch as it is now."""
    with store.read() as connection:
        model = get_model(connection, key)
        return model, find_batch(connection, model, "day-1")


def say(store: Store, key: ModelKey, payload: str, *, at: datetime = NOW, again: datetime | None = None) -> int:
    """Store a report of the batch as it is now."""
    _, batch = model_and_batch(store, key)
    with store.write() as connection:
        return save_report(
            connection,
            batch,
            monitor="performance",
            reference_id=1,
            verdict="ok",
            payload=payload,
            now=at,
            look_again_at=again,
        )


def due(store: Store, key: ModelKey, now: datetime | None = None) -> int:
    """How many batches are due."""
    model, batch = model_and_batch(store, key)
    with store.read() as connection:
        found = due_batches(connection, model, now=now)
        assert found == (() if judged_meanwhile(connection, batch, now or NOW) else (batch.batch_key,))
    return len(found)


@pytest.mark.usefixtures("reference_id")
def test_saying_the_same_again_is_no_revision(store: Store, key: ModelKey) -> None:
    """It keeps the time it was first said at, and the batch is not due any more."""
    assert due(store, key) == 1
    assert say(store, key, "{}") == 1
    label_predictions(store, {"p1": "stay"}, model=key)
    assert due(store, key) == 1
    assert say(store, key, "{}", at=NOW + HOUR) == 1
    assert due(store, key) == 0
    model, batch = model_and_batch(store, key)
    with store.read() as connection:
        report = find_report(connection, batch, "performance")
        assert report is not None
        assert (report.revision, report.created_at) == (1, NOW)
        assert len(newest_reports(connection, model, "performance")) == 1


@pytest.mark.usefixtures("reference_id")
def test_saying_something_else_is_the_next_revision(store: Store, key: ModelKey) -> None:
    """Also when it was said before."""
    assert [say(store, key, payload) for payload in ("1", "2", "2", "1")] == [1, 2, 2, 3]


@pytest.mark.usefixtures("reference_id")
def test_a_batch_is_due_when_it_asked_to_be_looked_at_again(store: Store, key: ModelKey) -> None:
    """At that time and not before, until a report says something without asking, or asks for later."""
    say(store, key, "provisional", again=NOW + HOUR)
    assert [due(store, key, NOW + wait) for wait in (HOUR / 2, HOUR, 2 * HOUR)] == [0, 1, 1]
    assert due(store, key) == 0
    say(store, key, "provisional", again=NOW + 3 * HOUR)
    assert due(store, key, NOW + HOUR) == 0
    say(store, key, "final")
    assert due(store, key, NOW + 9 * HOUR) == 0


@pytest.mark.usefixtures("reference_id")
def test_the_wish_of_an_older_revision_does_not_come_back(store: Store, key: ModelKey) -> None:
    """The newest revision alone says when."""
    say(store, key, "1", again=NOW + HOUR)
    say(store, key, "2", again=NOW + 5 * HOUR)
    assert due(store, key, NOW + 2 * HOUR) == 0
    assert due(store, key, NOW + 5 * HOUR) == 1


@pytest.mark.usefixtures("reference_id")
def test_who_read_an_older_state_comes_too_late(store: Store, key: ModelKey) -> None:
    """Reports of a newer state are not followed by those of an older one, whatever they asked for."""
    _, before = model_and_batch(store, key)
    label_predictions(store, {"p1": "stay"}, model=key)
    say(store, key, "with the label", again=NOW)
    with store.write() as connection:
        assert judged_meanwhile(connection, before, NOW)
