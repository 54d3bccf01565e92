"""Requests to the app, for tests of what it takes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.testclient import TestClient

from driftboard.api.app import create_app
from driftboard.config import Settings
from driftboard.data import Store

FEATURES = {"age": 41.5, "tenure": 7, "plan": "gold", "active": True, "debt": None}


@contextmanager
def client_of(store: Store, **api: Any) -> Iterator[TestClient]:
    """Yield a client of the app that asks from this machine; `api` are settings of that section."""
    app = create_app(store, Settings.model_validate({"api": api}))
    with TestClient(
        app, base_url="http://127.0.0.1", client=("127.0.0.1", 50_000), raise_server_exceptions=False
    ) as client:
        yield client


def row(number: int, **fields: Any) -> dict[str, Any]:
    """Return a good row."""
    return {"prediction_id": f"p{number}", "features": FEATURES, "predicted": "stays"} | fields


def body(*rows: Any, **fields: Any) -> dict[str, Any]:
    """Return a request with these rows."""
    return {"model": "churn", "predictions": list(rows)} | fields
