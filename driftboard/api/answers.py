"""Answers of the hot routes: frozen dataclasses as JSON, without a detour over models."""

from typing import Any

import orjson
from starlette.responses import Response


def answer(value: Any) -> Response:
    """Return the answer that holds a dataclass, and what is inside it."""
    return Response(orjson.dumps(value), media_type="application/json")
