"""Who asks: a key in the request, and whether it may do what is asked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.concurrency import run_in_threadpool

from driftboard.api.keyring import Keyring
from driftboard.api.refusal import Refusal
from driftboard.api.state import parts
from driftboard.data.api_keys import SCOPES, Scope, StoredKey
from driftboard.web_address import is_loopback

_BEARER = HTTPBearer(auto_error=False, description="`Authorization: Bearer dbk_...`, from `driftboard keys create`.")
_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, description="The same key, where no bearer can be set.")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes
    ----------
    key_id
        Of the key that was shown; empty while the log has none and this machine may do everything.
    name
        Under which what is done is done.
    """

    key_id: str
    name: str
    scopes: tuple[Scope, ...]


ANYBODY_HERE = Caller("", "local", SCOPES)
"""Whoever asks from this machine while the log has no key."""


def needs(scope: Scope) -> Callable[..., Awaitable[Caller]]:
    """Return the dependency of a route that only a key with this scope opens.

    Raises
    ------
    Refusal
        401 without a key that is known, 403 with one that may not do this, 429 with one that asks too often.
    """

    async def caller(
        request: Request,
        bearer: Annotated[object, Security(_BEARER)] = None,
        header: Annotated[object, Security(_HEADER)] = None,
    ) -> Caller:
        del bearer, header  # declared for the OpenAPI document; read by `shown`
        found = await identified(request, scope)
        if scope != "ingest":  # those routes count their rows, too
            parts(request).gate.admit(found.key_id)
        return found

    return caller


async def identified(request: Request, scope: Scope) -> Caller:
    """Return who asks, once it is clear that they may."""
    keyring = parts(request).keyring
    if keyring.is_stale:
        await run_in_threadpool(keyring.refresh)
    if keyring.is_empty:
        return _anybody_here(request)
    found = _known(keyring, request)
    if found is None:
        raise Refusal(401, "unauthorised", "show a key that is valid: Authorization: Bearer dbk_...")
    if not found.opens(scope):
        raise Refusal(403, "forbidden", f"this key may not do that: it needs the scope {scope!r}")
    return Caller(found.key_id, found.name, found.scopes)


def shown(request: Request) -> str | None:
    """Return the key that a request shows, as a bearer or as X-API-Key."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    return request.headers.get("x-api-key")


def _known(keyring: Keyring, request: Request) -> StoredKey | None:
    key = shown(request)
    return None if key is None else keyring.known(key, now=datetime.now(UTC))


def _anybody_here(request: Request) -> Caller:
    if request.client is not None and not is_loopback(request.client.host):
        raise Refusal(401, "unauthorised", "there is no key yet, so this machine alone may ask: driftboard keys create")
    return ANYBODY_HERE
