"""What people do through the API is what they do on the command line: stored, audited under the key's name."""

from datetime import UTC, datetime, timedelta

import pytest

from driftboard.data import ModelKey
from driftboard.data.catalog import add_model
from driftboard.data.incidents import events_of, find_incident, insert_incident
from driftboard.data.silences import silences
from tests.alerts.incidents import incident
from tests.api.asking import asking, make_key


@pytest.fixture
def client(store):
    """A client with a key of anna's, and an open incident."""
    with store.write() as connection:
        model = add_model(connection, ModelKey("flights", "2"), "classification")
        insert_incident(connection, incident(incident_id=0, model_id=model.model_id))
    with asking(store, key=make_key(store, "admin", name="anna")) as client:
        yield client


def audit(store):
    """Kind and actor of every change that somebody made."""
    with store.read() as connection:
        return [(each.kind, each.actor) for each in events_of(connection, 1) if each.actor]


def test_an_acknowledgement_bears_the_name_of_the_key(client, store):
    """For the time that was asked for, else as long as the settings say."""
    answer = client.post("/v1/incidents/1/ack", json={"for": "4h"})
    assert answer.status_code == 200
    assert answer.json()["acked_by"] == "anna"
    with store.read() as connection:
        until = find_incident(connection, 1).ack_until
    assert abs(until - datetime.now(UTC) - timedelta(hours=4)) < timedelta(minutes=1)
    assert client.post("/v1/incidents/1/ack", json={}).status_code == 200
    assert audit(store) == [("acknowledged", "anna"), ("acknowledged", "anna")]


def test_an_incident_is_snoozed_judged_and_resolved(client, store):
    """Each act answers with the incident as it is then; what is over cannot be acknowledged."""
    assert client.post("/v1/incidents/1/snooze", json={"for": "2d"}).json()["snoozed_by"] == "anna"
    assert client.post("/v1/incidents/1/feedback", json={"useful": False}).json()["feedback"] == "noise"
    assert client.post("/v1/incidents/1/resolve", json={}).json()["state"] == "resolved"
    assert audit(store) == [("snoozed", "anna"), ("feedback", "anna"), ("resolved", "anna")]
    again = client.post("/v1/incidents/1/ack", json={})
    assert again.status_code == 409
    assert "is over" in again.json()["error"]["message"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("ack", {"for": "0h"}),
        ("ack", {"for": "4 hours"}),
        ("ack", {"until": "4h"}),
        ("ack", []),
        ("snooze", {}),
        ("snooze", {"for": None}),
        ("snooze", {"for": "99999w"}),
        ("feedback", {"useful": "yes"}),
        ("resolve", {"comment": "x"}),
    ],
)
def test_what_cannot_be_asked_for_is_refused_and_nothing_changes(client, store, path, body):
    """422 with a line, and an untouched audit."""
    answer = client.post(f"/v1/incidents/1/{path}", json=body)
    assert answer.status_code == 422, answer.text
    assert audit(store) == []


def test_a_silence_begins_and_ends(client, store):
    """It holds for the time that was asked for, and is listed; ended by hand it says by whom."""
    asked = {"matchers": {"rule": "feature_drift"}, "for": "8h", "comment": "campaign"}
    made = client.post("/v1/silences", json=asked)
    assert made.status_code == 200
    assert made.json()["created_by"] == "anna"
    number = made.json()["silence_id"]
    assert [each["silence_id"] for each in client.get("/v1/silences").json()["silences"]] == [number]
    assert client.delete(f"/v1/silences/{number}").json()["ended_by"] == "anna"
    assert client.delete(f"/v1/silences/{number}").status_code == 409
    assert client.delete("/v1/silences/99").status_code == 404
    assert client.get("/v1/silences").json() == {"silences": []}
    with store.read() as connection:
        assert silences(connection)[0].comment == "campaign"


@pytest.mark.parametrize(
    "asked",
    [
        {"matchers": {"rule": "*"}, "for": "8h", "comment": "all"},
        {"matchers": {}, "for": "8h", "comment": "all"},
        {"matchers": {"colour": "red"}, "for": "8h", "comment": "x"},
        {"matchers": {"rule": "feature_drift"}, "for": "91d", "comment": "x"},
        {"matchers": {"rule": "feature_drift"}, "for": "8h", "comment": " "},
        {"matchers": {"rule": "feature_drift"}, "for": "8h"},
    ],
)
def test_a_silence_that_makes_no_sense_is_refused(client, store, asked):
    """As on the command line: 422 with the same line."""
    assert client.post("/v1/silences", json=asked).status_code == 422
    with store.read() as connection:
        assert not silences(connection)


def test_incidents_are_listed_by_the_page_and_told_whole(client, store):
    """Open ones by default, the newest first; one alone comes with everything that happened to it."""
    with store.write() as connection:
        for fingerprint in ("b", "c"):
            insert_incident(connection, incident(incident_id=0, fingerprint=fingerprint, model_id=1))
    first = client.get("/v1/incidents", params={"limit": 2}).json()
    assert [each["incident_id"] for each in first["incidents"]] == [3, 2]
    rest = client.get("/v1/incidents", params={"limit": 2, "before": first["next_before"]}).json()
    assert ([each["incident_id"] for each in rest["incidents"]], rest["next_before"]) == ([1], None)
    client.post("/v1/incidents/1/resolve", json={})
    assert len(client.get("/v1/incidents").json()["incidents"]) == 2
    assert len(client.get("/v1/incidents", params={"state": "all", "model": "flights:2"}).json()["incidents"]) == 3
    whole = client.get("/v1/incidents/1").json()
    assert whole["incident"]["affected"][0]["subject"] == "age"
    assert [each["kind"] for each in whole["events"]] == ["resolved"]
