"""Whatever the document allows, and what it does not: every answer is one that it names, and none is our fault."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from schemathesis.core.failures import FailureGroup
from starlette.testclient import TestClient

from driftboard.data import ModelKey, Store
from driftboard.data.catalog import add_model
from driftboard.data.incidents import insert_incident
from driftboard.data.silences import Silence, add_silence
from tests.alerts.incidents import incident
from tests.api.asking import app_of, asking, make_key
from tests.api.generated import answers_to

pytestmark = [
    pytest.mark.usefixtures("path"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of the tool
]


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    """A client whose log has an incident and a silence to ask for."""
    now = datetime.now(UTC)
    with store.write() as connection:
        model = add_model(connection, ModelKey("flights", "2"), "classification")
        for fingerprint in "abc":
            insert_incident(connection, incident(incident_id=0, fingerprint=fingerprint, model_id=model.model_id))
        add_silence(connection, Silence(
            matchers={"rule": "feature_drift"}, starts_at=now, ends_at=now + timedelta(days=1), created_by="anna",
            comment="known", created_at=now))  # fmt: skip
    with asking(store, key=make_key(store, "ingest", "admin"), metrics={"open": False}) as client:
        yield client


def test_generated_requests_have_documented_answers(client):
    """A few of each kind for each route: no 5xx, and status, type and body as the document says."""
    found = answers_to(client, examples=6)
    assert sum(found.values()) > 100
    assert {label for label, _ in found} == operations(client)


@pytest.mark.slow
def test_five_thousand_generated_requests_have_documented_answers(client, record_property, capsys):
    """Over all routes with a key of all scopes: none is answered with 5xx, all as documented."""
    found = answers_to(client, examples=170)
    cases = sum(found.values())
    record_property("cases", cases)
    with capsys.disabled():
        statuses = sorted({status for _, status in found})
        counts = {status: sum(n for (_, each), n in found.items() if each == status) for status in statuses}
        print(f"\n{cases} generated requests: {counts}")  # noqa: T201 - the figure that is promised
    assert cases >= 5_000
    assert not [status for _, status in found if status >= 500]


def test_the_proof_notices_an_answer_that_is_not_documented(client):
    """The negative control: a route that answers otherwise than it says is found."""

    @app_of(client).get("/v1/lies", response_model=int)
    def lies() -> object:
        from starlette.responses import JSONResponse  # noqa: PLC0415 - only here

        return JSONResponse({"not": "a number"})

    app_of(client).openapi_schema = None
    with pytest.raises((FailureGroup, BaseExceptionGroup, AssertionError)):
        answers_to(client, examples=2)


def operations(client):
    """Every method and path."""
    paths = app_of(client).openapi()["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
