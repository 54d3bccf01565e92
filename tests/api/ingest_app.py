"""A small app of the ingest routes alone, for tests that need nothing of what is around them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from driftboard.api import labels, predictions
from driftboard.api.error_answers import install
from driftboard.api.gate import Gate
from driftboard.api.keyring import Keyring
from driftboard.api.privacy import privacy_of
from driftboard.api.writer import Writer
from driftboard.config import Settings
from driftboard.data import Store
from driftboard.data.privacy import Privacy

FEATURES = {"age": 41.5, "tenure": 7, "plan": "gold", "active": True, "debt": None}


@dataclass
class IngestParts:
    """The parts that ingest needs."""

    store: Store
    settings: Settings
    writer: Writer
    gate: Gate
    keyring: Keyring
    privacy: Privacy


def ingest_app(store: Store, settings: Settings) -> FastAPI:
    """Return the app; its writer is to be closed."""
    app = FastAPI()
    app.include_router(predictions.router)
    app.include_router(labels.router)
    install(app)
    app.state.service = IngestParts(
        store, settings, Writer(store, settings), Gate(settings.api), Keyring(store), privacy_of(settings)
    )
    return app


@contextmanager
def client_of(store: Store, settings: Settings | None = None) -> Iterator[TestClient]:
    """Yield a client of the app that asks from this machine."""
    app = ingest_app(store, settings or Settings())
    with TestClient(app, client=("127.0.0.1", 50_000), raise_server_exceptions=False) as client:
        yield client
    app.state.service.writer.close()


def row(number: int, **fields: Any) -> dict[str, Any]:
    """Return a good row."""
    return {"prediction_id": f"p{number}", "features": FEATURES, "predicted": "stays"} | fields


def body(*rows: Any, **fields: Any) -> dict[str, Any]:
    """Return a request with these rows."""
    return {"model": "churn", "predictions": list(rows)} | fields
