"""Events of KServe's and Seldon's loggers become predictions: in either order, once, with what may be kept of them."""

import json

import pytest

from driftboard.api.event import read_event
from driftboard.api.tensors import BadPayload
from driftboard.data import ModelKey, find_batch, get_model, list_batches, read_batch
from driftboard.data.model_key import parse_model_key
from tests.api.asking import asking

KSERVE = {
    "ce-specversion": "1.0",
    "ce-id": "689b15e7",
    "ce-source": "http://localhost:9081/",
    "ce-component": "predictor",
    "ce-endpoint": "",
    "ce-inferenceservicename": "sklearn-iris",
    "ce-namespace": "default",
    "ce-traceparent": "00-25ba82c3-178b-00",
    "content-type": "application/x-www-form-urlencoded",
}
REQUEST = {"ce-type": "org.kubeflow.serving.inference.request", "ce-time": "2023-04-05T07:39:53.501752983Z"}
RESPONSE = {"ce-type": "org.kubeflow.serving.inference.response", "ce-time": "2023-04-05T07:39:53.505997782Z",
            "content-type": "application/json"}  # fmt: skip
ASKED = {"instances": [[6.8, 2.8, 4.8, 1.4], [6.0, 3.4, 4.5, 1.6]]}
ANSWERED = {"predictions": [1, 1]}
IRIS = ModelKey("sklearn-iris", "1", "default")


@pytest.fixture
def client(store):
    """A client of an empty log."""
    with asking(store) as client:
        yield client


def send(client, body, *headers: dict[str, str], **parameters: str):
    """The answer to an event that is taken."""
    given = {name: value for each in headers for name, value in each.items()}
    answer = client.post("/v1/events", content=json.dumps(body), headers=given, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def rows_of(store, key):
    """Rows of the only batch of a model."""
    with store.read() as connection:
        model = get_model(connection, key)
        (batch,) = list_batches(connection, model)
        return read_batch(connection, model, find_batch(connection, model, batch.batch_id))


@pytest.mark.parametrize("first", ["request", "response"])
def test_both_sides_make_rows_whichever_comes_first(client, store, first):
    """Features, predictions, time and latency of KServe's two events, with ids that labels can be sent for."""
    sides = {"request": (ASKED, KSERVE, REQUEST), "response": (ANSWERED, KSERVE, RESPONSE)}
    second = "response" if first == "request" else "request"
    assert send(client, *sides[first])["state"] == "waiting"
    stored = send(client, *sides[second])
    assert (stored["state"], stored["accepted"]) == ("stored", 2)
    rows = rows_of(store, IRIS)
    assert rows.features["f0"].to_pylist() == [6.8, 6.0]
    label = {"model": "sklearn-iris", "environment": "default", "labels": {"689b15e7-0": 1, "689b15e7-1": 0}}
    assert client.post("/v1/labels", json=label).json()["accepted"] == 2


def test_events_that_come_again_change_nothing(client):
    """Each side twice, then both again: two rows, and no side waits for ever to be paired wrongly."""
    for _ in range(2):
        send(client, ASKED, KSERVE, REQUEST)
    assert send(client, ANSWERED, KSERVE, RESPONSE)["accepted"] == 2
    send(client, ANSWERED, KSERVE, RESPONSE)
    again = send(client, ASKED, KSERVE, REQUEST)
    assert (again["accepted"], again["duplicates"]) == (0, 2)


def test_seldons_two_events_are_paired_by_their_request(client, store):
    """Their ids differ, their request's is the same; names come with the payload."""
    common = {"ce-inferenceservicename": "churn", "ce-modelid": "classifier", "ce-namespace": "ml",
              "ce-requestid": "m1", "ce-endpoint": "default", "content-type": "application/json"}  # fmt: skip
    send(client, {"data": {"names": ["age", "plan"], "ndarray": [[41, "gold"]]}}, common,
         {"ce-id": "x", "ce-type": "io.seldon.serving.inference.request"})  # fmt: skip
    stored = send(client, {"data": {"names": ["stays", "goes"], "ndarray": [[0.3, 0.7]]}}, common,
                  {"ce-id": "y", "ce-type": "io.seldon.serving.inference.response"})  # fmt: skip
    assert stored["accepted"] == 1
    rows = rows_of(store, ModelKey("churn", "1", "ml"))
    assert rows.features["plan"].to_pylist() == ["gold"]
    assert set(rows.classes) == {"stays", "goes"}


def test_an_event_that_is_all_in_its_body_is_read_too(client):
    """Structured mode: attributes and data in one JSON object."""
    structured = {"content-type": "application/cloudevents+json; charset=utf-8"}
    for part, data in (("request", ASKED), ("response", ANSWERED)):
        event = {"specversion": "1.0", "id": "7", "type": f"org.kubeflow.serving.inference.{part}", "source": "x",
                 "inferenceservicename": "iris", "data": data}  # fmt: skip
        last = send(client, event, structured)
    assert last["accepted"] == 2


def test_an_answer_that_is_an_error_makes_failed_rows(client, store):
    """One error for the request is one failed prediction for each of its rows; its text is not kept."""
    send(client, ASKED, KSERVE, REQUEST)
    assert send(client, {"error": "customer 4711 not found"}, KSERVE, RESPONSE)["accepted"] == 2
    with store.read() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM half_events").all())
    assert "4711" not in kept
    assert rows_of(store, IRIS).table["error"].to_pylist() == ["error_response"] * 2


def test_the_model_can_be_named_by_the_address(client):
    """What the event says of the service is left aside; a regression may be told from numbers with a point."""
    send(client, ASKED, KSERVE, REQUEST, model="price:2")
    send(client, {"predictions": [1.5, 2.0]}, KSERVE, RESPONSE, model="price:2")
    models = client.get("/v1/models").json()["models"]
    assert [(each["model"], each["task"]) for each in models] == [("price:2@production", "regression")]


def test_what_may_not_be_stored_does_not_wait_in_the_log_either(store, monkeypatch):
    """Dropped features are in no waiting side; hashed ones are hashed once, as in any other prediction."""
    monkeypatch.setenv("SALT_OF_TEST", "salt")
    privacy = {"drop": ["card"], "hash": ["email"], "salt": "env:SALT_OF_TEST"}
    asked = {"instances": [{"card": "4111-1111", "email": "a@example.com", "age": 4, "user_password": "hunter2"}]}
    with asking(store, privacy=privacy) as client:
        send(client, asked, KSERVE, REQUEST)
        with store.read() as connection:
            waiting = str(connection.exec_driver_sql("SELECT payload FROM half_events").all())
        assert "age" in waiting
        assert not [each for each in ("4111", "a@example", "hunter2") if each in waiting]
        send(client, {"predictions": ["stays"]}, KSERVE, RESPONSE)
        row = {"prediction_id": "direct", "features": {"email": "a@example.com", "age": 4}, "predicted": "stays",
               "predicted_at": "2023-04-05T07:39:53Z"}  # fmt: skip
        body = {"model": "sklearn-iris", "environment": "default", "prediction": row}
        assert client.post("/v1/predictions", json=body).json()["accepted"] == 1
    hashed = rows_of(store, IRIS).features["email"].to_pylist()
    assert len(set(hashed)) == 1
    assert "a@example.com" not in hashed


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, ASKED),
        (KSERVE | REQUEST | {"ce-id": ""}, ASKED),
        (KSERVE | REQUEST | {"ce-inferenceservicename": ""}, ASKED),
        (KSERVE | REQUEST | {"ce-time": "yesterday"}, ASKED),
        (KSERVE | REQUEST, {"rows": []}),
        (KSERVE | RESPONSE, {"predictions": []}),
        ({"content-type": "application/cloudevents+json"}, ASKED),
        ({"content-type": "application/cloudevents+json"}, {"specversion": "1.0", "data_base64": "e30="}),
    ],
)
def test_what_is_no_such_event_is_422_and_nothing_waits(client, store, headers, body):
    """One line that says what is missing."""
    answer = client.post("/v1/events", content=json.dumps(body), headers={"content-type": "application/json"} | headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_event")
    with store.read() as connection:
        assert not connection.exec_driver_sql("SELECT 1 FROM half_events").all()


def test_sides_that_do_not_fit_are_refused(client):
    """Two rows asked, three answered: nothing is stored, and the line says so."""
    send(client, ASKED, KSERVE, REQUEST)
    answer = client.post("/v1/events", content=json.dumps({"predictions": [1, 1, 0]}), headers=KSERVE | RESPONSE)
    assert answer.status_code == 422
    assert "2 rows, the response 3" in answer.json()["error"]["message"]


def test_other_events_are_left_alone(client):
    """Outliers and feedback come through the same broker: 200, so that it does not send them again."""
    assert send(client, {}, KSERVE, {"ce-type": "org.kubeflow.serving.inference.outlier"})["state"] == "ignored"


def test_services_are_told_apart():
    """A canary is another version, a transformer another model; the same request through both is not paired."""
    common = {"type": "org.kubeflow.serving.inference.request", "id": "1", "inferenceservicename": "iris"}
    plain = read_event(common, {})
    canary = read_event(common | {"endpoint": "canary", "namespace": "ml"}, {})
    transformer = read_event(common | {"component": "transformer"}, {})
    assert [str(each.model) for each in (plain, canary, transformer)] == [
        "iris:1@production", "iris:canary@ml", "iris-transformer:1@production",
    ]  # fmt: skip
    assert len({each.pair for each in (plain, canary, transformer)}) == 3
    assert read_event(common, {}, model=parse_model_key("other")).model == ModelKey("other")
    with pytest.raises(BadPayload):
        read_event(common | {"id": 3}, {})
