"""Keys of the HTTP API: who may do what, until when. The log keeps a digest of a key, never the key."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import orjson
from sqlalchemy import Connection, Row, insert, select, update

from driftboard.data import tables
from driftboard.data.times import from_micros, to_micros
from driftboard.data.values import storable
from driftboard.errors import StoreError

Scope = Literal["ingest", "read", "admin"]
SCOPES: tuple[Scope, ...] = ("ingest", "read", "admin")

ACTIVE_OF_A_NAME = 2
"""So many keys may be active under one name: the old one and the new one, while clients are moved over."""

_k = tables.api_keys.c


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """What the log knows of a key.

    Attributes
    ----------
    key_id
        The part of the key that is no secret.
    name
        Whose it is; what is done with the key is done under this name.
    digest
        SHA-256 of the whole key, in hexadecimal.
    scopes
        What it opens; `admin` includes `read`.
    expires_at, revoked_at
        When it ends by itself, and when it was ended by hand.
    """

    key_id: str
    name: str
    digest: str = field(repr=False)
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_active(self, now: datetime) -> bool:
        """Whether it opens anything at this time."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def opens(self, scope: Scope) -> bool:
        """Whether it may do this, while it is active.

        >>> from datetime import UTC
        >>> key = StoredKey(key_id="1", name="", digest="", scopes=("admin",), created_at=datetime.now(UTC))
        >>> key.opens("read"), key.opens("ingest")
        (True, False)
        """
        return scope in self.scopes or (scope == "read" and "admin" in self.scopes)


def add_key(connection: Connection, key: StoredKey, *, now: datetime) -> None:
    """Store a new key.

    Parameters
    ----------
    connection
        Inside a write transaction.

    Raises
    ------
    StoreError
        Its name has two active keys already.
    """
    active = [each for each in read_keys(connection) if each.name == storable(key.name) and each.is_active(now)]
    if len(active) >= ACTIVE_OF_A_NAME:
        ids = " and ".join(each.key_id for each in active)
        raise StoreError(f"{key.name!r} has two active keys, {ids}: revoke one of them first")
    connection.execute(
        insert(tables.api_keys).values(
            key_id=key.key_id,
            name=storable(key.name),
            digest=key.digest,
            scopes=orjson.dumps(key.scopes).decode(),
            created_at=to_micros(key.created_at),
            expires_at=None if key.expires_at is None else to_micros(key.expires_at),
            revoked_at=None,
        )
    )


def read_keys(connection: Connection) -> tuple[StoredKey, ...]:
    """Return every key there ever was, the oldest first."""
    query = select(tables.api_keys).order_by(_k.created_at, _k.key_id)
    return tuple(map(_key, connection.execute(query)))


def revoke_key(connection: Connection, key_id: str, *, now: datetime) -> StoredKey:
    """End a key at once; one that has ended stays as it is. Return it as it was before.

    Raises
    ------
    StoreError
        There is none of this id.
    """
    row = connection.execute(select(tables.api_keys).where(_k.key_id == storable(key_id))).one_or_none()
    if row is None:
        raise StoreError(f"no key {key_id!r}: see `driftboard keys list`")
    still = (_k.key_id == row.key_id, _k.revoked_at.is_(None))
    connection.execute(update(tables.api_keys).where(*still).values(revoked_at=to_micros(now)))
    return _key(row)


def any_active(keys: Sequence[StoredKey], now: datetime) -> bool:
    """Whether one of them opens anything at this time."""
    return any(each.is_active(now) for each in keys)


def _key(row: Row[tuple[Any, ...]]) -> StoredKey:
    return StoredKey(
        key_id=row.key_id,
        name=row.name,
        digest=row.digest,
        scopes=tuple(orjson.loads(row.scopes)),
        created_at=from_micros(row.created_at),
        expires_at=None if row.expires_at is None else from_micros(row.expires_at),
        revoked_at=None if row.revoked_at is None else from_micros(row.revoked_at),
    )
