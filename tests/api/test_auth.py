"""Who may do what: every route there is, with every kind of key; nothing of a key is ever told."""

import logging

import pytest

from driftboard.data.api_keys import SCOPES
from tests.api.asking import app_of, asking, make_key

OPEN = {("get", "/healthz"), ("get", "/readyz")}
SCOPE_OF = {
    ("post", "/v1/predictions"): "ingest",
    ("post", "/v1/labels"): "ingest",
    ("post", "/v1/events"): "ingest",
    ("get", "/v1/models"): "read",
    ("get", "/v1/reports"): "read",
    ("get", "/v1/drift"): "read",
    ("get", "/v1/slo"): "read",
    ("get", "/v1/incidents"): "read",
    ("get", "/v1/incidents/{incident_id}"): "read",
    ("post", "/v1/incidents/{incident_id}/ack"): "admin",
    ("post", "/v1/incidents/{incident_id}/snooze"): "admin",
    ("post", "/v1/incidents/{incident_id}/resolve"): "admin",
    ("post", "/v1/incidents/{incident_id}/feedback"): "admin",
    ("get", "/v1/silences"): "read",
    ("post", "/v1/silences"): "admin",
    ("delete", "/v1/silences/{silence_id}"): "admin",
    ("get", "/metrics"): "read",
}
"""What each route needs: a new route is in none of the two, and the first test fails."""

CLOSED = {"metrics": {"open": False}}

pytestmark = pytest.mark.usefixtures("path")  # who may do what has nothing to do with the engine


def routes(client):
    """Every method and path that the OpenAPI document names."""
    paths = app_of(client).openapi()["paths"]
    return {(method, path) for path, methods in paths.items() for method in methods}


def ask(client, route, headers=None):
    """The answer of a route to a request without a body."""
    method, path = route
    address = path.replace("{incident_id}", "1").replace("{silence_id}", "1")
    return client.request(method, address, params={"model": "nobody"}, headers=headers)


def bearer(key):
    """The header that shows a key."""
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def keys(store):
    """Keys that open nothing, and one for each scope."""
    return {
        "expired": make_key(store, *SCOPES, name="expired", expired=True),
        "revoked": make_key(store, *SCOPES, name="revoked", revoked=True),
        **{scope: make_key(store, scope, name=scope) for scope in SCOPES},
    }


def test_every_route_is_known_to_these_tests(store):
    """A route that is added must say here what it needs, or be open on purpose."""
    with asking(store) as client:
        assert routes(client) == set(SCOPE_OF) | OPEN


def test_no_route_is_served_without_a_key_that_opens_it(store, keys):
    """None, wrong, expired, revoked: 401; another scope: 403; and no answer holds a key or what is in the log."""
    wrong = keys["read"][:-4] + "AAAA"
    with asking(store, **CLOSED) as client:
        for route in routes(client) - OPEN:
            unknown = [ask(client, route), *(ask(client, route, bearer(each)) for each in (wrong, "", "x" * 5_000))]
            ended = [ask(client, route, bearer(keys[each])) for each in ("expired", "revoked")]
            needed = SCOPE_OF[route]
            enough = {needed, "admin"} if needed == "read" else {needed}
            others = [ask(client, route, bearer(keys[each])) for each in SCOPES if each not in enough]
            assert [each.status_code for each in unknown + ended] == [401] * 6, route
            assert [each.status_code for each in others] == [403] * len(others), route
            assert others, route
            for each in unknown + ended + others:
                assert set(each.json()) == {"error"}
                assert "dbk_" not in each.text.replace("dbk_...", "")
                assert "nobody" not in each.text


def test_the_right_key_opens_every_route(store, keys):
    """With its scope each route goes on to what is asked: never 401 or 403. X-API-Key is as good."""
    with asking(store, **CLOSED) as client:
        for route in routes(client) - OPEN:
            key = keys[SCOPE_OF[route]]
            assert ask(client, route, bearer(key)).status_code not in {401, 403}, route
            assert ask(client, route, {"X-API-Key": key}).status_code not in {401, 403}, route


def test_health_and_by_default_metrics_ask_for_no_key(store, keys):
    """Probes and Prometheus need none, whether there are keys or not."""
    assert keys
    with asking(store) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 200
        assert client.get("/metrics").status_code == 200


def test_without_any_key_this_machine_alone_is_served(store):
    """From loopback everything is open; from elsewhere nothing is, whatever Host says."""
    with asking(store) as here:
        assert here.get("/v1/models").status_code == 200
    with asking(store, client="10.0.0.7") as elsewhere:
        assert elsewhere.get("/v1/models").status_code == 401


def test_a_log_whose_keys_all_ended_is_not_open(store):
    """Revoking the last key shuts the API; it does not open it to everybody."""
    make_key(store, "read", revoked=True)
    with asking(store) as client:
        assert client.get("/v1/models").status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8502", "10.0.0.1", "", "localhost.evil.example"])
def test_without_keys_a_request_to_another_name_is_refused(store, host):
    """A page in a browser here cannot reach us by a name of its own that leads to 127.0.0.1."""
    with asking(store) as client:
        for path in ("/v1/models", "/healthz", "/metrics", "/openapi.json"):
            assert client.get(path, headers={"Host": host}).status_code == 421
        for name in ("localhost:8502", "127.0.0.1", "[::1]:8502"):
            assert client.get("/v1/models", headers={"Host": name}).status_code == 200


def test_with_keys_any_name_will_do(store):
    """Behind a proxy or in a cluster the API has other names, and the key says who asks."""
    with asking(store, key=make_key(store, "read")) as client:
        assert client.get("/v1/models", headers={"Host": "driftboard.example"}).status_code == 200


def test_a_canary_key_is_nowhere(store, caplog, tmp_path):
    """Not in a log at its most talkative, not in the database or beside it, not in an answer."""
    caplog.set_level(logging.DEBUG)
    key = make_key(store, *SCOPES, name="canary")
    secret = key.split("_", 2)[2]
    with asking(store, key=key, **CLOSED) as client:
        answers = [ask(client, route) for route in routes(client)]
        answers += [
            client.get("/v1/nothing"),
            client.post("/v1/predictions", content=b"{"),
            client.get("/openapi.json"),
        ]
        answers += [client.get("/v1/models", headers={"Authorization": f"Basic {key}", "X-API-Key": ""})]
    assert not [each for each in answers if secret in each.text or secret in str(each.headers)]
    assert secret not in caplog.text
    files = [each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()]
    assert not [each for each in files if secret.encode() in each]
    with store.read() as connection:
        tables = "SELECT key_id, name, digest, scopes FROM api_keys"
        assert secret not in str(connection.exec_driver_sql(tables).all())


def test_the_proof_would_notice_a_route_that_asks_for_nothing(store, keys):
    """The negative control: a route without its dependency answers without a key, and the test above would fail."""
    assert keys

    def forgotten():
        return {}

    with asking(store) as client:
        app_of(client).add_api_route("/v1/forgotten", forgotten, methods=["GET"])
        app_of(client).openapi_schema = None
        assert ("get", "/v1/forgotten") in routes(client) - OPEN - set(SCOPE_OF)
        assert ask(client, ("get", "/v1/forgotten")).status_code == 200
