"""POST /v1/predictions: what was answered is what is in the log, row by row."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from driftboard.data import ModelKey, Store
from driftboard.data.catalog import get_model, list_models
from driftboard.data.columns import LoggedRows
from driftboard.data.reading import find_batch, list_batches, read_batch
from driftboard.data.times import from_micros
from tests.api.ingest_app import FEATURES, body, client_of, row


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    """Return a client of the app."""
    with client_of(store) as client:
        yield client


def send(client: TestClient, content: Any, **headers: str) -> dict[str, Any]:
    """Return the answer to a request that is served."""
    answer = client.post("/v1/predictions", json=content, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refusal(client: TestClient, content: Any) -> tuple[int, str, str]:
    """Return status, code and message of a request that is refused."""
    answer = client.post("/v1/predictions", json=content)
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["message"]


def stored(store: Store) -> list[str]:
    """Return the ids of all predictions of the model."""
    with store.read() as connection:
        model = get_model(connection, ModelKey("churn"))
        batches = [read_batch(connection, model, each) for each in list_batches(connection, model)]
    return sorted(each for rows in batches for each in rows.prediction_ids)


def logged(store: Store, batch_id: str, name: str = "churn") -> LoggedRows:
    """Return the rows of a batch."""
    with store.read() as connection:
        model = get_model(connection, ModelKey(name))
        return read_batch(connection, model, find_batch(connection, model, batch_id))


def test_rows_are_stored_with_everything_that_was_said_of_them(store: Store, client: TestClient) -> None:
    """Features, scores, confidence, latency, segment, time, batch and label come back as they were sent."""
    full = row(1, scores={"stays": 0.9, "goes": 0.1}, confidence=0.8, latency=0.02, segments={"country": "de"},
               predicted_at="2026-01-02T03:04:05+01:00", batch_id="monday", label="goes")  # fmt: skip
    assert send(client, body(full)) == {"accepted": 1, "duplicates": 0, "rejected": []}
    rows = logged(store, "monday", "churn")
    assert rows.prediction_ids == ["p1"]
    assert {name: column.to_pylist()[0] for name, column in rows.features.items()} == FEATURES
    assert from_micros(int(rows.predicted_at[0])).isoformat() == "2026-01-02T02:04:05+00:00"
    assert float(rows.confidence[0]) == 0.8
    assert rows.classes[int(rows.labels[0])] == "goes"


def test_a_request_sent_again_changes_nothing(store: Store, client: TestClient) -> None:
    """The same rows are duplicates, in the same request and in the next one."""
    send(client, body(row(1), row(2), row(1)))
    assert send(client, body(row(1), row(2))) == {"accepted": 0, "duplicates": 2, "rejected": []}
    assert stored(store) == ["p1", "p2"]


def test_another_content_under_the_same_id_is_a_conflict_and_the_first_stays(store: Store, client: TestClient) -> None:
    """The other rows of the request are stored."""
    send(client, body(row(1)))
    answer = send(client, body(row(2), row(1, predicted="goes"), row(3)))
    assert answer["accepted"] == 2
    assert [(each["row"], each["prediction_id"], each["code"]) for each in answer["rejected"]] == [
        (1, "p1", "conflict")
    ]
    assert stored(store) == ["p1", "p2", "p3"]


BAD = [
    (5, "bad_row", "must be an object"),
    ({"prediction_id": "x", "predicted": "a", "feature": {}}, "unknown_field", "did you mean 'features'"),
    ({"features": {}, "predicted": "a"}, "missing_id", "Idempotency-Key"),
    ({"prediction_id": "x", "features": {}}, "bad_row", "predicted: missing"),
    ({"prediction_id": "", "predicted": "a"}, "bad_row", "prediction_id"),
    ({"prediction_id": "x" * 801, "predicted": "a"}, "bad_row", "prediction_id"),
    ({"prediction_id": 1.5, "predicted": "a"}, "bad_row", "prediction_id"),
    ({"prediction_id": True, "predicted": "a"}, "bad_row", "prediction_id"),
    ({"prediction_id": "x", "predicted": "a", "features": [1]}, "bad_row", "must be objects"),
    ({"prediction_id": "x", "predicted": "a", "segments": 1}, "bad_row", "must be objects"),
    ({"prediction_id": "x", "predicted": "a", "predicted_at": "2026-01-01T00:00:00"}, "bad_row", "no time zone"),
    ({"prediction_id": "x", "predicted": "a", "predicted_at": "yesterday"}, "bad_row", "write a time"),
    ({"prediction_id": "x", "predicted": "a", "predicted_at": 1e9}, "bad_row", "write a time"),
    ({"prediction_id": "x", "predicted": "a", "predicted_at": "0001-01-01T00:00:00+14:00"}, "bad_row", "years"),
    ({"prediction_id": "x", "predicted": "a", "batch_id": 1.5}, "bad_row", "batch_id"),
    ({"prediction_id": "x", "predicted": "a", "scores": [0.5, 0.5]}, "bad_row", "needs `classes`"),
    ({"prediction_id": "x", "predicted": "a", "scores": {"a": "high"}}, "bad_row", "numbers"),
    ({"prediction_id": "x", "predicted": "a", "scores": {"a": True}}, "bad_row", "numbers"),
    ({"prediction_id": "x", "predicted": "a", "scores": {}}, "bad_row", "0 for 0 classes"),
    ({"prediction_id": "x", "predicted": "a", "scores": 1}, "bad_row", "a list, or an object"),
    ({"prediction_id": "x", "predicted": 1.5}, "quarantined", "a number where a text"),
    ({"prediction_id": "x", "predicted": ["a"]}, "quarantined", "set aside"),
    ({"prediction_id": "x", "predicted": "a", "features": {"deep": {"a": 1}}}, "quarantined", "deep"),
    ({"prediction_id": "x", "predicted": "a", "features": {"big": 2**63}}, "quarantined", "64 bits"),
    ({"prediction_id": "x", "predicted": "a", "confidence": "high"}, "quarantined", "confidence"),
    ({"prediction_id": "x", "predicted": "a", "label": {"a": 1}}, "quarantined", "label"),
]


def test_a_bad_row_costs_none_of_its_neighbours(client: TestClient) -> None:
    """It is told by its place, with a code for programs and a line for people; the others are accepted."""
    for number, (bad, code, reason) in enumerate(BAD):
        answer = send(client, body(row(2 * number), bad, row(2 * number + 1)))
        assert answer["accepted"] == 2, bad
        (rejected,) = answer["rejected"]
        assert (rejected["row"], rejected["code"]) == (1, code), bad
        assert reason in rejected["reason"], bad


def test_every_row_is_told_of_once_whatever_it_is(client: TestClient) -> None:
    """Accepted, duplicate and rejected rows add up to those that were sent."""
    rows = [row(1), *(bad for bad, _, _ in BAD), row(1), row(1, predicted="goes"), row(2)]
    answer = send(client, body(*rows))
    assert answer["accepted"] + answer["duplicates"] + len(answer["rejected"]) == len(rows)
    assert len({each["row"] for each in answer["rejected"]}) == len(answer["rejected"])


def test_rows_without_ids_need_an_idempotency_key(store: Store, client: TestClient) -> None:
    """With it a retry finds the same ids, and another key makes others."""
    without = {"features": {"a": 1}, "predicted": "x"}
    content = {"model": "churn", "predictions": [without, without]}
    for expected in ((2, 0), (0, 2)):
        answer = send(client, content, **{"Idempotency-Key": "job-7"})
        assert (answer["accepted"], answer["duplicates"]) == expected
    assert send(client, content, **{"Idempotency-Key": "job-8"})["accepted"] == 2
    assert len(stored(store)) == 4


def test_one_row_needs_no_list(store: Store, client: TestClient) -> None:
    """`prediction` holds it."""
    assert send(client, {"model": "churn", "prediction": row(1)})["accepted"] == 1
    assert stored(store) == ["p1"]


IMPOSSIBLE = [
    ([], "bad_request", "must be an object"),
    ({"predictions": []}, "bad_request", "model"),
    ({"model": "  ", "predictions": []}, "bad_request", "model"),
    ({"model": "a\0", "predictions": []}, "bad_request", "model"),
    ({"model": "churn:2", "predictions": []}, "bad_request", "fields of their own"),
    ({"model": "churn"}, "bad_request", "either"),
    ({"model": "churn", "predictions": {}}, "bad_request", "list of rows"),
    ({"model": "churn", "predictions": [], "prediction": {}}, "bad_request", "either"),
    ({"model": "churn", "predictions": [], "tsk": "regression"}, "unknown_field", "did you mean 'task'"),
    ({"model": "churn", "predictions": [], "task": "guess"}, "bad_request", "classification or regression"),
    ({"model": "churn", "predictions": [], "classes": ["a", 1]}, "bad_request", "classes"),
    ({"model": "churn", "predictions": [], "batch_id": []}, "bad_request", "batch_id"),
    ({"model": "churn", "predictions": [], "version": []}, "bad_request", "version"),
]


def test_a_request_that_cannot_be_understood_is_refused_whole(store: Store, client: TestClient) -> None:
    """422 with what to do, and no model comes of it."""
    for content, code, message in IMPOSSIBLE:
        found = refusal(client, content)
        assert found[:2] == (422, code), content
        assert message in found[2]
    with store.read() as connection:
        assert list_models(connection) == ()


def test_a_model_is_registered_by_its_first_predictions(store: Store, client: TestClient) -> None:
    """With the task that was given; another task later is refused."""
    send(client, {"model": "price", "version": 2, "environment": "staging", "task": "regression",
                  "predictions": [row(1, predicted=3.5)]})  # fmt: skip
    with store.read() as connection:
        (model,) = list_models(connection)
    assert (str(model.key), model.task) == ("price:2@staging", "regression")
    content = {"model": "price", "version": 2, "environment": "staging", "task": "classification"}
    assert refusal(client, content | {"predictions": [row(2)]})[:2] == (422, "other_task")


def test_there_are_so_many_models_and_no_more(store: Store) -> None:
    """A client that makes up names cannot fill the log with them; known models are served."""
    with client_of(store, max_models=2) as client:
        for name in ("a", "b"):
            send(client, body(row(1), model=name))
        found = refusal(client, body(row(1), model="c"))
        assert found[:2] == (422, "too_many_models")
        assert "api.max_models" in found[2]
        send(client, body(row(2), model="a"))


def test_limits_hold_for_rows_features_and_batches(store: Store) -> None:
    """Each is refused with its own code: 413 for a request, a code for a row."""
    with client_of(store, max_rows=500, max_features=6) as client:
        assert refusal(client, body(*map(row, range(501))))[:2] == (413, "too_many_rows")
        assert refusal(client, body(*[row(each, batch_id=each) for each in range(401)]))[1] == "too_many_batches"
        wide = row(1, features={f"f{each}": 1 for each in range(7)})
        assert send(client, body(wide))["rejected"][0]["code"] == "bad_row"


@pytest.mark.parametrize("field", ["features", "segments", "scores"])
def test_rows_that_have_nothing_in_common_are_refused(store: Store, field: str) -> None:
    """A table of a thousand rows with ten new names in each would be mostly empty, and huge."""
    with client_of(store) as client:
        sparse = [row(each, **{field: {f"f{each}-{name}": 1 for name in range(10)}}) for each in range(1000)]
        assert refusal(client, body(*sparse))[:2] == (413, "too_many_features")


def test_scores_are_for_classes_of_the_type_that_is_predicted(store: Store, client: TestClient) -> None:
    """JSON has only texts as keys; classes may be numbers or booleans all the same."""
    send(client, body(row(1, predicted=1, scores={"0": 0.2, "1": 0.8}, batch_id="b"), model="numbers"))
    send(client, body(row(1, predicted=True, scores={"true": 0.8, "false": 0.2}, batch_id="b"), model="booleans"))
    listed = body(row(1, predicted=1, scores=[0.2, 0.8], batch_id="b"), model="listed", classes=[0, 1])
    send(client, listed)
    for name, classes in (("numbers", {0, 1}), ("booleans", {True, False}), ("listed", {0, 1})):
        rows = logged(store, "b", name)
        assert set(rows.classes) == classes
        assert float(rows.confidence[0]) == 0.8


def test_a_batch_without_rows_is_recorded_when_it_is_named(store: Store, client: TestClient) -> None:
    """Its verdict will be that there is no data; an empty request without a batch is nothing."""
    assert send(client, body(batch_id="sunday")) == {"accepted": 0, "duplicates": 0, "rejected": []}
    assert len(logged(store, "sunday", "churn")) == 0


def test_what_privacy_says_is_done_before_anything_is_stored(store: Store, client: TestClient) -> None:
    """A feature with a secret's name is in no row, whichever way the row went."""
    secret = {"password": "hunter2", "age": 1}
    send(client, body(row(1, features=secret, batch_id="b"), row(2, features=secret, predicted=1.5, batch_id="b")))
    assert list(logged(store, "b", "churn").features) == ["age"]
