"""POST /v1/labels: the truth in any order, as often as it is told."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from driftboard.data import ModelKey, Store
from driftboard.data.catalog import get_model
from driftboard.data.reading import find_batch, read_batch
from tests.api.ingest_app import body, client_of, row


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    """Return a client of an app whose log has four predictions."""
    with client_of(store) as client:
        rows = [row(each, predicted=["stays", "goes"][each % 2]) for each in range(4)]
        assert client.post("/v1/predictions", json=body(*rows, batch_id="b")).json()["accepted"] == 4
        yield client


def tell(client: TestClient, labels: Any, **fields: Any) -> dict[str, Any]:
    """Return the answer to labels that are taken."""
    answer = client.post("/v1/labels", json={"model": "churn", "labels": labels} | fields)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def labels_of(store: Store) -> list[Any]:
    """Return the labels that count, None where there is none."""
    with store.read() as connection:
        model = get_model(connection, ModelKey("churn"))
        rows = read_batch(connection, model, find_batch(connection, model, "b"))
    return [None if np.isnan(each) else rows.classes[int(each)] for each in rows.labels]


def test_labels_are_joined_and_a_repetition_changes_nothing(store: Store, client: TestClient) -> None:
    """As an object from id to label; told again they are unchanged."""
    labels = {"p0": "stays", "p2": "goes"}
    assert tell(client, labels) == {"accepted": 2, "unchanged": 0, "waiting": 0, "rejected": []}
    assert tell(client, labels) == {"accepted": 0, "unchanged": 2, "waiting": 0, "rejected": []}
    assert labels_of(store) == ["stays", None, "goes", None]


def test_labels_of_predictions_that_are_still_to_come_wait(store: Store, client: TestClient) -> None:
    """They are joined when the prediction arrives, in a request of its own."""
    assert tell(client, {"p9": "goes"})["waiting"] == 1
    client.post("/v1/predictions", json=body(row(9), batch_id="b"))
    assert labels_of(store)[-1] == "goes"


def test_the_label_observed_latest_counts(store: Store, client: TestClient) -> None:
    """Whatever the order in which they are told, and whoever tells; rows may differ in both."""
    rows = [
        {"prediction_id": "p0", "label": "goes", "observed_at": "2026-03-02T00:00:00Z", "source": "crm"},
        {"prediction_id": "p0", "label": "stays", "observed_at": "2026-03-01T00:00:00+01:00"},
        {"prediction_id": "p1", "label": "stays"},
        {"prediction_id": "p1", "label": "goes"},
    ]
    assert tell(client, rows, source="desk", observed_at="2026-01-01T00:00:00Z")["accepted"] == 4
    assert labels_of(store)[:2] == ["goes", "goes"]


def test_a_bad_label_costs_none_of_its_neighbours(store: Store, client: TestClient) -> None:
    """Each is told with its reason, and every label is told of once."""
    bad = [
        5,
        {"prediction_id": "p1"},
        {"prediction_id": "p1", "label": None},
        {"prediction_id": "p1", "label": ["goes"]},
        {"label": "goes"},
        {"prediction_id": "x" * 801, "label": "goes"},
        {"prediction_id": "p1", "label": "goes", "lable": 1},
        {"prediction_id": "p1", "label": "goes", "observed_at": "2026-03-02"},
        {"prediction_id": "p1", "label": "goes", "observed_at": 5},
        {"prediction_id": "p1", "label": "goes", "source": 5},
        {"prediction_id": "p3", "label": 1.5},
    ]
    answer = tell(client, [{"prediction_id": "p0", "label": "stays"}, *bad, {"prediction_id": "p2", "label": "goes"}])
    assert (answer["accepted"], len(answer["rejected"])) == (2, len(bad))
    assert all(each["code"] == "bad_label" and each["reason"] for each in answer["rejected"])
    assert labels_of(store) == ["stays", None, "goes", None]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        ({"model": "nobody", "labels": {"p0": "goes"}}, 422, "unknown_model"),
        ({"model": "churn"}, 422, "bad_request"),
        ({"model": "churn", "labels": "p0"}, 422, "bad_request"),
        ({"model": "churn", "labels": {}, "source": 1}, 422, "bad_request"),
        ({"model": "churn", "labels": {}, "observed_at": "now"}, 422, "bad_request"),
        ({"model": "churn", "label": {}}, 422, "unknown_field"),
        ({"model": "churn", "labels": {str(each): 1 for each in range(10_001)}}, 413, "too_many_rows"),
    ],
)
def test_a_request_that_cannot_be_understood_is_refused_whole(
    client: TestClient, content: Any, status: int, code: str
) -> None:
    """With what to do, and never with a word about other models."""
    answer = client.post("/v1/labels", json=content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert "churn:1" not in answer.json()["error"]["message"]
