"""Answers for programs: frozen dataclasses as JSON, times as RFC 3339 in UTC, numbers finite or null."""

from typing import Any

import orjson
from starlette.responses import Response


def as_json(value: Any, status: int = 200) -> Response:
    """Return a value as the answer to a request."""
    return Response(orjson.dumps(value), status, media_type="application/json")
