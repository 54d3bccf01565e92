"""The review queue: chance chooses, a person answers, what got a label from elsewhere does not wait."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.data import ModelKey, Store, get_model, label_predictions, log_predictions, register_model
from driftboard.data.catalog import Model
from driftboard.data.review import decide, is_chosen, review_counts, waiting
from driftboard.data.review_choice import queue_new
from driftboard.data.review_outcomes import sampled_outcomes
from driftboard.errors import LabelMismatch, UnknownReview
from driftboard.review_settings import ReviewSettings
from tests.data.batches import make_batch, read

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ALL = ReviewSettings(fraction=1.0)


@pytest.fixture
def model(store: Store, key: ModelKey) -> Model:
    """A model with six predictions, one a minute, logged in two blocks."""
    at = [NOW - timedelta(minutes=6 - row) for row in range(6)]
    for rows in (slice(0, 4), slice(4, 6)):
        ids = [f"p{row}" for row in range(6)][rows]
        segments = {"country": ["de"] * len(ids)}
        log_predictions(
            store, make_batch(key, len(ids), prediction_ids=ids, predicted_at=at[rows], segments=segments), now=NOW
        )
    return the(store, key)


def the(store: Store, key: ModelKey) -> Model:
    """The registered model."""
    with store.read() as connection:
        return get_model(connection, key)


def ids_waiting(store: Store, model: Model) -> list[str]:
    """What waits, in order."""
    with store.read() as connection:
        return [each.prediction_id for each in waiting(connection, model)]


def counts(store: Store, model: Model) -> tuple[int, int, int]:
    """Waiting, labelled, skipped."""
    with store.read() as connection:
        found = review_counts(connection, model)
    return found.waiting, found.labelled, found.skipped


def log_more(store: Store, model: Model, name: str, n: int = 6, **given: object) -> None:
    """Log n more predictions."""
    ids = [f"{name}-{row}" for row in range(n)]
    log_predictions(store, make_batch(model.key, n, prediction_ids=ids, predicted_at=NOW, **given), now=NOW)


@given(st.text(), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_fraction_contains_a_smaller_one(name: str, one: float, other: float) -> None:
    """What is chosen stays chosen when the fraction grows; all of it at 1, nothing at 0."""
    key, storable = ModelKey("churn"), name.encode(errors="replace").decode()
    chosen = [is_chosen(key, storable, each) for each in (0.0, *sorted((one, other)), 1.0)]
    assert chosen == sorted(chosen)
    assert (chosen[0], chosen[-1]) == (False, True)


def test_it_is_the_fraction_and_the_same_for_ever() -> None:
    """A twentieth of 20,000 ids, whatever version asks, other ones for another model; and these very ones."""
    ids = [f"p{n}" for n in range(20_000)]
    chosen = [each for each in ids if is_chosen(ModelKey("churn"), each, 0.05)]
    assert 900 < len(chosen) < 1_100
    assert chosen == [each for each in ids if is_chosen(ModelKey("churn", "2", "staging"), each, 0.05)]
    assert chosen != [each for each in ids if is_chosen(ModelKey("price"), each, 0.05)]
    assert chosen[:3] == FIRST_CHOSEN


FIRST_CHOSEN = ["p11", "p86", "p87"]


def test_the_chosen_are_queued_once(store: Store, model: Model) -> None:
    """With their probability; what comes later is looked through later."""
    half = ReviewSettings(models={"churn": 0.5})
    expected = [f"p{row}" for row in range(6) if is_chosen(model.key, f"p{row}", 0.5)]
    assert queue_new(store, model, half, now=NOW) == len(expected)
    assert queue_new(store, model, half, now=NOW) == 0
    assert ids_waiting(store, model) == expected
    log_more(store, model, "q", 20)
    chosen = [f"q-{row}" for row in range(20) if is_chosen(model.key, f"q-{row}", 0.5)]
    assert queue_new(store, model, half, now=NOW) == len(chosen)
    assert ids_waiting(store, model) == expected + sorted(chosen)


def test_an_item_says_all_that_a_person_needs(store: Store, model: Model) -> None:
    """What was predicted of what, when, how surely, and with which probability it was chosen; oldest first."""
    queue_new(store, model, ALL, now=NOW)
    with store.read() as connection:
        items = waiting(connection, model, limit=5)
    assert [each.prediction_id for each in items] == ["p0", "p1", "p2", "p3", "p4"]
    first, last = items[0], items[-1]
    assert first.features == {"age": 20.0, "visits": 0, "plan": "free", "active": True}
    assert (first.predicted, first.confidence, first.segments) == ("stay", 0.75, {"country": "de"})
    assert (first.probability, first.batch_id, first.queued_at) == (1.0, "day-1", NOW)
    assert (first.predicted_at, last.predicted) == (NOW - timedelta(minutes=6), "stay")


def test_a_label_answers(store: Store, model: Model) -> None:
    """It is a label like any other, said by `review`, and a later answer corrects it; a skipped one waits no more."""
    queue_new(store, model, ALL, now=NOW)
    decide(store, model, "p0", label="leave", by="ada", now=NOW)
    decide(store, model, "p1", label=None, by="ada", now=NOW)
    assert ids_waiting(store, model) == ["p2", "p3", "p4", "p5"]
    assert counts(store, model) == (4, 1, 1)
    decide(store, model, "p0", label="stay", by="bob", now=NOW + timedelta(minutes=1))
    rows = read(store, model.key)
    assert rows.classes[int(rows.labels[0])] == "stay"
    decide(store, model, "p1", label="stay", by="bob", now=NOW)
    assert counts(store, model) == (4, 2, 0)


def test_what_is_no_answer_changes_nothing(store: Store, model: Model) -> None:
    """A label that is none, an id that nobody queued: one line says so."""
    queue_new(store, model, ALL, now=NOW)
    for label in (1.5, float("nan"), "x" * 2_000):
        with pytest.raises(LabelMismatch, match="p0"):
            decide(store, model, "p0", label=label, by="ada", now=NOW)
    with pytest.raises(UnknownReview, match="'nobody' of churn:3@staging is not in the review queue"):
        decide(store, model, "nobody", label="stay", by="ada", now=NOW)
    assert counts(store, model) == (6, 0, 0)


def test_a_label_from_elsewhere_takes_it_out_of_the_queue(store: Store, model: Model) -> None:
    """At once for who reads the queue, and for good at the next look."""
    queue_new(store, model, ALL, now=NOW)
    label_predictions(store, {"p0": "stay", "p5": "stay"}, model=model.key)
    for _ in range(2):
        assert ids_waiting(store, model) == ["p1", "p2", "p3", "p4"]
        assert counts(store, model) == (4, 2, 0)
        queue_new(store, model, ALL, now=NOW)


def test_the_unsure_are_chosen_more_often(store: Store, key: ModelKey) -> None:
    """With the probability that they had."""
    confidence = [0.5, 0.9] * 20
    at = {"predicted_at": NOW, "prediction_ids": [f"p{row}" for row in range(40)]}
    log_predictions(store, make_batch(key, 40, confidence=confidence, **at), now=NOW)
    settings = ReviewSettings(fraction=0.25, unsure_below=0.6, unsure_fraction=1.0)
    queue_new(store, the(store, key), settings, now=NOW)
    with store.read() as connection:
        items = waiting(connection, the(store, key))
    unsure = [each for each in items if each.confidence == 0.5]
    assert (len(unsure), {each.probability for each in unsure}) == (20, {1.0})
    assert {each.prediction_id for each in items if each.confidence == 0.9} == {
        f"p{row}" for row in range(1, 40, 2) if is_chosen(key, f"p{row}", 0.25)
    }
    assert {each.probability for each in items if each.confidence == 0.9} == {0.25}


def test_what_failed_is_not_chosen(store: Store, key: ModelKey) -> None:
    """There is nothing to compare a label with."""
    log_predictions(store, make_batch(key, 3, predicted=["stay", None, "leave"], scores=None, classes=None), now=NOW)
    assert queue_new(store, the(store, key), ALL, now=NOW) == 2
    assert ids_waiting(store, the(store, key)) == ["p0", "p2"]


def test_a_full_queue_waits_and_goes_on_later(store: Store, model: Model) -> None:
    """Nothing is passed over."""
    small = ReviewSettings(fraction=1.0, max_waiting=4)
    assert [queue_new(store, model, small, now=NOW) for _ in range(2)] == [4, 0]
    decide(store, model, "p0", label="stay", by="ada", now=NOW)
    assert queue_new(store, model, small, now=NOW) == 2
    assert ids_waiting(store, model) == ["p1", "p2", "p3", "p4", "p5"]


def test_switched_off_and_on_it_begins_with_what_is_newest(
    store: Store, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not with all that was logged in between."""
    monkeypatch.setattr("driftboard.data.review_choice._BLOCKS_AT_ONCE", 1)
    assert queue_new(store, model, ALL, now=NOW) == 2
    assert ids_waiting(store, model) == ["p4", "p5"]
    assert queue_new(store, model, ReviewSettings(), now=NOW) == 0
    for name in "abc":
        log_more(store, model, name, 2)
    assert queue_new(store, model, ReviewSettings(), now=NOW) == 0
    assert queue_new(store, model, ALL, now=NOW) == 2
    assert ids_waiting(store, model) == ["p4", "p5", "c-0", "c-1"]


def test_many_blocks_are_looked_through_in_their_order(
    store: Store, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few a call, none twice, none left out, whatever other models log in between."""
    queue_new(store, model, ALL, now=NOW)
    register_model(store, ModelKey("other"))
    for n in range(5):
        log_more(store, model, f"a{n}", 2)
        log_more(store, the(store, ModelKey("other")), f"a{n}", 2)
    monkeypatch.setattr("driftboard.data.review_choice._BLOCKS_AT_ONCE", 2)
    assert [queue_new(store, model, ALL, now=NOW) for _ in range(4)] == [4, 4, 2, 0]
    assert len(ids_waiting(store, model)) == 16


def test_outcomes_are_those_of_the_queued(store: Store, model: Model) -> None:
    """Right or wrong by the label that counts, with the probability; only of the time that was asked for."""
    queue_new(store, model, ALL, now=NOW)
    for name, label in {"p0": "stay", "p1": "stay", "p5": "leave"}.items():  # predicted: stay, leave, stay... leave
        decide(store, model, name, label=label, by="ada", now=NOW)
    with store.read() as connection:
        everything = sampled_outcomes(connection, model, since=NOW - timedelta(hours=1), until=NOW)
        late = sampled_outcomes(connection, model, since=NOW - timedelta(minutes=1), until=NOW)
        nothing = sampled_outcomes(connection, model, since=NOW, until=NOW + timedelta(hours=1))
    assert (everything.outcome.tolist(), everything.queued) == ([1.0, 0.0, 1.0], 6)
    assert everything.probability.tolist() == [0.5, 0.5, 0.5]  # three of six are answered
    assert (late.outcome.tolist(), late.probability.tolist(), late.queued) == ([1.0], [1.0], 1)
    assert (len(nothing.outcome), nothing.queued) == (0, 0)


def test_complaints_do_not_stand_for_those_who_are_silent(store: Store, model: Model) -> None:
    """Labels from elsewhere stand for themselves; while nobody reviewed there is no sample at all."""
    queue_new(store, model, ALL, now=NOW)
    label_predictions(store, {"p0": "leave", "p1": "stay"}, model=model.key, source="complaints")  # both wrong
    window = {"since": NOW - timedelta(hours=1), "until": NOW}
    with store.read() as connection:
        assert len(sampled_outcomes(connection, model, **window).outcome) == 0
    decide(store, model, "p2", label="stay", by="ada", now=NOW)
    with store.read() as connection:
        found = sampled_outcomes(connection, model, **window)
    assert dict(zip(found.outcome.tolist(), (1 / found.probability).tolist(), strict=True)) == {0.0: 1.0, 1.0: 4.0}
    weights = 1 / found.probability
    assert np.average(found.outcome, weights=weights) == pytest.approx(4 / 6)


def test_outcomes_of_a_regression_are_absolute_errors(store: Store) -> None:
    """In the unit of the value."""
    key = ModelKey("price")
    register_model(store, key, task="regression")
    values = make_batch(key, 2, predicted=[10.0, 20.0], scores=None, classes=None, predicted_at=NOW)
    log_predictions(store, values, now=NOW)
    price = the(store, key)
    queue_new(store, price, ALL, now=NOW)
    decide(store, price, "p0", label=12.5, by="ada", now=NOW)
    with store.read() as connection:
        item = waiting(connection, price)[0]
        found = sampled_outcomes(connection, price, since=NOW, until=NOW + timedelta(seconds=1))
    assert (item.predicted, item.confidence) == (20.0, None)
    assert found.outcome.tolist() == [2.5]
