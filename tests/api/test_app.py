"""The app as a whole: errors in one form, safe headers, a document for strangers, no traceback."""

import logging

import orjson
import pytest

from driftboard.errors import StoreError
from tests.api.asking import app_of, asking

pytestmark = pytest.mark.usefixtures("path")


@pytest.fixture
def client(store):
    """A client of an empty log."""
    with asking(store) as client:
        yield client


def broken(client, error):
    """The answer of a route that raises."""

    def fail():
        raise error

    app_of(client).add_api_route("/v1/broken", fail)
    return client.get("/v1/broken")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/docs", 404),
        ("GET", "/v1/models/", 404),
        ("PUT", "/v1/models", 405),
        ("GET", "/v1/drift", 422),
        ("GET", "/v1/reports?limit=x", 422),
        ("GET", "/v1/reports?since=yesterday", 422),
        ("GET", "/v1/reports?model=a&model=%00", 404),
        ("GET", "/v1/incidents/99", 404),
        ("GET", "/v1/incidents/99999999999999999999", 422),
        ("POST", "/v1/predictions", 415),
        ("POST", "/v1/incidents/1/ack", 415),
    ],
)
def test_every_error_has_one_form_and_safe_headers(client, method, path, status):
    """A code for programs, a line for people, and nothing that a browser would run or keep."""
    answer = client.request(method, path)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert set(error) == {"code", "message"}
    assert "\n" not in error["message"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


def test_what_nobody_foresaw_is_told_by_name_only(client, caplog):
    """The type of the error, not its text or where it came from: both may hold values."""
    answer = broken(client, KeyError("customer 4711"))
    assert answer.status_code == 500
    assert answer.json() == {"error": {"code": "unexpected", "message": "unexpected KeyError: it was noted in the log"}}
    assert "KeyError" in caplog.text
    assert "4711" not in caplog.text
    assert "Traceback" not in caplog.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_developer_may_ask_for_the_traceback(client, monkeypatch):
    """With the environment variable set the error is raised."""
    monkeypatch.setenv("DRIFTBOARD_TRACEBACK", "1")
    client = type(client)(app_of(client), base_url="http://localhost", client=("127.0.0.1", 1))
    with pytest.raises(ZeroDivisionError):
        broken(client, ZeroDivisionError())


def test_a_log_that_cannot_be_used_is_503_and_tells_nobody_where_it_is(client, caplog):
    """The path and the driver's words are for our own log; the client is told to come again."""
    caplog.set_level(logging.WARNING)
    error = StoreError("the database /srv/secret/log.sqlite is damaged")
    error.__cause__ = OSError("disk")
    answer = broken(client, error)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "secret" not in answer.text
    assert "/srv/secret" in caplog.text


def test_parameters_that_are_refused_are_not_repeated(client):
    """What was sent wrongly may be a secret in the wrong place."""
    answer = client.get("/v1/reports", params={"limit": "hunter2"})
    assert answer.status_code == 422
    assert "hunter2" not in answer.text
    answer = client.post("/v1/incidents/1/ack", json={"for": "hunter2"})
    assert answer.status_code == 422
    assert "hunter2" not in answer.text


def test_the_document_helps_a_stranger_and_loads_nothing(client):
    """Title, version, how to get a key, what each route is for; pages with scripts from elsewhere are off."""
    document = client.get("/openapi.json").json()
    assert document["info"]["title"] == "driftboard"
    assert "driftboard keys create" in document["info"]["description"]
    operations = [each for methods in document["paths"].values() for each in methods.values()]
    assert all(each["summary"] and each["description"] and each["tags"] for each in operations)
    assert {"HTTPBearer", "APIKeyHeader"} <= set(document["components"]["securitySchemes"])
    assert client.get("/redoc").status_code == 404
    assert b"cdn" not in orjson.dumps(document)


def test_what_comes_before_the_key_is_known_is_bounded(client):
    """A body is not read before the key: a stranger's 100 MB cost nothing. Here: without keys, by its length."""
    answer = client.post(
        "/v1/predictions", content=b"x", headers={"Content-Type": "application/json", "Content-Length": "999999999"}
    )
    assert answer.status_code == 413
