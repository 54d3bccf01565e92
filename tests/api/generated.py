"""Requests that schemathesis makes out of the OpenAPI document, good ones and bad ones, and what the app answers."""

from collections import Counter
from contextlib import suppress
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from tests.api.asking import app_of

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
"""That an answer is one that the document names. Whether it is the right one, other tests say."""

Counts = Counter[tuple[str, int]]


def answers_to(client: TestClient, *, examples: int, start: int = 0) -> Counts:
    """Return how often each operation answered with each status; raise when an answer is none that is documented.

    Parameters
    ----------
    client
        Shows a key of all scopes; keys that were made up are left out.
    examples
        Of good requests for each operation, and as many of bad ones; where there are so many different ones.
    """
    found: Counts = Counter()
    schema = schemathesis.openapi.from_dict(app_of(client).openapi())
    for result in schema.get_all_operations():
        for mode in GenerationMode:
            _ask(client, result.ok(), mode, examples, start, found)
    return found


def _ask(
    client: TestClient, operation: APIOperation, mode: GenerationMode, examples: int, start: int, found: Counts
) -> None:
    @seed(start)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def one(case: Case) -> None:
        request = case.as_transport_kwargs(base_url="http://localhost")
        kept = {name: each for name, each in request.pop("headers").items() if name.lower() not in _KEYS}
        response = client.request(**request, headers=kept)
        found[operation.label, response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    with suppress(Unsatisfiable):  # a route without parameters cannot be asked wrongly
        one()


_KEYS = {"authorization", "x-api-key", "host"}
