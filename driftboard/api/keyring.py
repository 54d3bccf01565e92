"""Keys of the API: making one, and knowing one that is shown."""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime

from driftboard.data import Store
from driftboard.data.api_keys import SCOPES, Scope, StoredKey, any_active, read_keys
from driftboard.errors import ConfigError

PREFIX = "dbk"
_ID_BYTES, _SECRET_BYTES = 6, 32
_LONGEST_NAME = 80
_LONGEST_KEY = 200
_FRESH_SECONDS = 2.0


def new_key(
    name: str, scopes: Iterable[str], *, now: datetime, expires_at: datetime | None = None
) -> tuple[str, StoredKey]:
    """Return a new key, `dbk_<id>_<secret>`, and what the log is to know of it; the key itself is kept nowhere.

    Raises
    ------
    ConfigError
        There is no name or no scope, or one of them cannot be.
    """
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise ConfigError(f"--name is 1 to {_LONGEST_NAME} printable characters: what is done is done under it")
    wanted = set(scopes)
    if not wanted or not wanted <= set(SCOPES):
        raise ConfigError(f"--scope is one or more of {', '.join(SCOPES)}")
    key_id = secrets.token_hex(_ID_BYTES)
    key = f"{PREFIX}_{key_id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    granted: tuple[Scope, ...] = tuple(each for each in SCOPES if each in wanted)
    return key, StoredKey(
        key_id=key_id, name=name.strip(), digest=digest_of(key), scopes=granted, created_at=now, expires_at=expires_at
    )


def digest_of(key: str) -> str:
    """Return SHA-256 of a key, in hexadecimal; 256 random bits need no slow hash."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


class Keyring:
    """The keys of a log, read again when they are older than two seconds: so soon a revoked key opens nothing.

    Parameters
    ----------
    store
        Whose keys.
    seconds
        A monotonic clock.
    """

    def __init__(self, store: Store, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._seconds = seconds
        self._lock = threading.Lock()
        self._read_at: float | None = None
        self._keys: dict[str, StoredKey] = {}

    @property
    def is_stale(self) -> bool:
        """Whether the keys are to be read again before they are used."""
        return self._read_at is None or self._seconds() - self._read_at > _FRESH_SECONDS

    @property
    def is_empty(self) -> bool:
        """Whether the log never had a key: then this machine may do everything. A revoked key is one, too."""
        return not self._keys

    def refresh(self) -> None:
        """Read the keys, unless another thread just did.

        Raises
        ------
        StoreError
            The log cannot be read.
        """
        with self._lock:
            if self.is_stale:
                at = self._seconds()
                with self._store.read() as connection:
                    self._keys = {each.key_id: each for each in read_keys(connection)}
                self._read_at = at

    def known(self, key: str, *, now: datetime) -> StoredKey | None:
        """Return what is known of a key that somebody shows; None when it opens nothing."""
        parts = key.split("_", 2)
        if len(key) > _LONGEST_KEY or len(parts) != 3 or parts[0] != PREFIX:  # noqa: PLR2004 - prefix, id, secret
            return None
        found = self._keys.get(parts[1])
        if found is None or not hmac.compare_digest(digest_of(key), found.digest):
            return None
        return found if found.is_active(now) else None

    def has_active(self, now: datetime) -> bool:
        """Whether any key opens anything at this time."""
        return any_active(tuple(self._keys.values()), now)
