"""Clients of the whole app, with keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from driftboard.api.app import create_app
from driftboard.api.keyring import new_key
from driftboard.config import Settings
from driftboard.data import Store
from driftboard.data.api_keys import add_key, revoke_key


def make_key(store: Store, *scopes: str, name: str = "tester", revoked: bool = False, expired: bool = False) -> str:
    """Return a key that is in the log."""
    now = datetime.now(UTC)
    made = now - timedelta(days=2)
    key, stored = new_key(name, scopes, now=made, expires_at=now - timedelta(days=1) if expired else None)
    with store.write() as connection:
        add_key(connection, stored, now=made)
        if revoked:
            revoke_key(connection, stored.key_id, now=now)
    return key


@contextmanager
def asking(store: Store, *, key: str | None = None, client: str = "127.0.0.1", **sections: Any) -> Iterator[TestClient]:
    """Yield a client of the app over a log; `sections` are settings."""
    app = create_app(store, Settings.model_validate(sections))
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    served = TestClient(
        app, base_url="http://localhost", client=(client, 50_000), headers=headers, raise_server_exceptions=False
    )
    with served as asked:
        yield asked


def app_of(client: TestClient) -> FastAPI:
    """Return the app behind a client."""
    found = client.app
    assert isinstance(found, FastAPI)
    return found
