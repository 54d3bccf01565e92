"""Profiles: used only when they are of this very state, kept over a purge, gone with an erasure."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from driftboard.data import (
    ModelKey,
    Store,
    find_batch,
    get_model,
    label_predictions,
    list_batches,
    log_predictions,
    promote_reference,
    register_model,
)
from driftboard.data.erasure import erase
from driftboard.data.profiles import EarlierProfile, earlier_profiles, save_profile
from driftboard.data.retention import purge
from driftboard.data.verify import damaged_profiles
from tests.data.batches import make_batch

DAY = datetime(2026, 3, 1, tzinfo=UTC)
LAYOUT = "1"


@pytest.fixture
def reference_id(store: Store, key: ModelKey) -> int:
    """A reference, and five daily batches of six rows, each with a profile that is its name."""
    number = promote_reference(store, make_batch(key))
    for day in range(5):
        at = DAY + timedelta(days=day)
        ids = [f"{day}-{row}" for row in range(6)]
        log_predictions(store, make_batch(key, batch_id=f"day-{day}", prediction_ids=ids, predicted_at=at), now=at)
        assert save(store, key, f"day-{day}", number)
    return number


def save(store: Store, key: ModelKey, batch_id: str, reference_id: int, layout: str = LAYOUT) -> bool:
    """Keep a profile that is the batch's name."""
    with store.write() as connection:
        batch = find_batch(connection, get_model(connection, key), batch_id)
        payload = batch_id.encode()
        return save_profile(connection, batch, reference_id=reference_id, layout=layout, payload=payload)


def found(store: Store, key: ModelKey, reference_id: int, *, batch_id: str = "day-4", **given: object) -> list[object]:
    """(batch, payload) of the batches before one."""
    with store.read() as connection:
        model = get_model(connection, key)
        batch = find_batch(connection, model, batch_id)
        options = {"layout": LAYOUT} | given
        earlier = earlier_profiles(connection, model, batch, reference_id, **options)  # type: ignore[arg-type]
    assert all(isinstance(each, EarlierProfile) for each in earlier)
    return [each.payload.decode() if each.payload else (each.batch.batch_id, None) for each in earlier]


def test_the_batches_before_one_come_oldest_first(store: Store, key: ModelKey, reference_id: int) -> None:
    """Neither the batch itself nor a later one is among them, and no more than asked for."""
    assert found(store, key, reference_id) == ["day-0", "day-1", "day-2", "day-3"]
    assert found(store, key, reference_id, newest=2) == ["day-2", "day-3"]
    assert found(store, key, reference_id, batch_id="day-1") == ["day-0"]
    assert found(store, key, reference_id, batch_id="day-0") == []


def test_batches_of_one_moment_are_in_the_order_they_were_logged(store: Store, key: ModelKey) -> None:
    """Jobs that give all their rows one time are told apart by their keys."""
    number = promote_reference(store, make_batch(key))
    for name in ("c", "a", "b"):
        ids = [f"{name}-{row}" for row in range(6)]
        log_predictions(store, make_batch(key, batch_id=name, prediction_ids=ids, predicted_at=DAY), now=DAY)
    assert found(store, key, number, batch_id="b") == [("c", None), ("a", None)]


def test_only_batches_alike_are_taken(store: Store, key: ModelKey, reference_id: int) -> None:
    """Of another season: as if they were not there."""
    assert found(store, key, reference_id, alike=lambda each: each.first_at.day % 2) == ["day-0", "day-2"]
    assert found(store, key, reference_id, alike=lambda each: each.first_at.day % 2, newest=1) == ["day-2"]


def test_a_profile_of_an_earlier_state_counts_as_missing(store: Store, key: ModelKey, reference_id: int) -> None:
    """Labels changed the batch; so did rows."""
    label_predictions(store, {"1-0": "stay"}, model=key)
    ids = ["2-more"]
    log_predictions(store, make_batch(key, 1, batch_id="day-2", prediction_ids=ids, predicted_at=DAY + timedelta(2)))
    assert found(store, key, reference_id) == ["day-0", ("day-1", None), ("day-2", None), "day-3"]


def test_a_profile_of_another_reference_or_layout_counts_as_missing(
    store: Store, key: ModelKey, reference_id: int
) -> None:
    """Its cells are others: such counts do not add."""
    other = promote_reference(store, make_batch(key))
    assert set(found(store, key, other)) == {(f"day-{day}", None) for day in range(4)}
    assert save(store, key, "day-1", other)
    assert save(store, key, "day-2", reference_id, layout="2")
    assert found(store, key, reference_id) == ["day-0", ("day-1", None), ("day-2", None), "day-3"]
    assert found(store, key, other)[1] == "day-1"


def test_a_second_profile_takes_the_place_of_the_first(store: Store, key: ModelKey, reference_id: int) -> None:
    """One row a batch."""
    assert save(store, key, "day-1", reference_id)
    with store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM profiles")).scalar_one() == 5


def test_a_batch_that_changed_meanwhile_gets_no_profile(store: Store, key: ModelKey, reference_id: int) -> None:
    """A worker that read the rows before one was erased must not bring its counts back."""
    with store.read() as connection:
        model = get_model(connection, key)
        before = find_batch(connection, model, "day-1")
    erase(store, model, ["1-0"])
    with store.write() as connection:
        kept = save_profile(connection, before, reference_id=reference_id, layout=LAYOUT, payload=b"six rows")
    assert not kept
    assert found(store, key, reference_id)[1] == ("day-1", None)


def test_erasure_takes_the_profile_of_the_batch_along(store: Store, key: ModelKey, reference_id: int) -> None:
    """It counted the row; the profiles of other batches stay."""
    with store.read() as connection:
        model = get_model(connection, key)
    erase(store, model, ["1-0", "nobody"])
    assert found(store, key, reference_id) == ["day-0", ("day-1", None), "day-2", "day-3"]


def test_a_purge_leaves_the_profiles(store: Store, key: ModelKey, reference_id: int) -> None:
    """Windows go on when the rows are gone."""
    with store.read() as connection:
        model = get_model(connection, key)
    gone = purge(store, model, older_than=timedelta(days=1), now=DAY + timedelta(days=3))
    assert gone.batches == 2
    assert found(store, key, reference_id) == ["day-0", "day-1", "day-2", "day-3"]


def test_a_damaged_profile_counts_as_missing_and_is_named(store: Store, key: ModelKey, reference_id: int) -> None:
    """Its checksum is verified on reading; `doctor --deep` says which batch's it is."""
    with store.read() as connection:
        assert list(damaged_profiles(connection)) == []
        second = list_batches(connection, get_model(connection, key))[1].batch_key
    with store.write() as connection:
        statement = text("UPDATE profiles SET payload = :payload WHERE batch_key = :key")
        connection.execute(statement, {"payload": b"day-X", "key": second})
    assert found(store, key, reference_id) == ["day-0", ("day-1", None), "day-2", "day-3"]
    with store.read() as connection:
        (line,) = damaged_profiles(connection)
    assert line == "profile of batch 'day-1' of churn:3@staging: its checksum does not match"


def test_another_models_batches_are_not_before(store: Store, key: ModelKey, reference_id: int) -> None:
    """Windows are of one model."""
    other = ModelKey("other")
    register_model(store, other)
    log_predictions(store, make_batch(other, batch_id="theirs", predicted_at=DAY), now=DAY)
    assert found(store, key, reference_id) == ["day-0", "day-1", "day-2", "day-3"]
