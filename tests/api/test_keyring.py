"""Keys are made, known again, and forgotten in time."""

from datetime import UTC, datetime, timedelta

import pytest

from driftboard.api.keyring import Keyring, digest_of, new_key
from driftboard.data.api_keys import add_key, revoke_key
from driftboard.errors import ConfigError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """A monotonic clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_key_has_256_random_bits_and_names_its_id():
    """Two keys of the same name have nothing in common but the prefix."""
    (first, stored), (second, _) = new_key("scorer", ["read"], now=NOW), new_key("scorer", ["read"], now=NOW)
    assert first.startswith(f"dbk_{stored.key_id}_")
    assert len(first.split("_", 2)[2]) == 43  # 32 bytes in base 64
    assert first.split("_", 2)[2] != second.split("_", 2)[2]
    assert stored.digest == digest_of(first)


@pytest.mark.parametrize(("name", "scopes"), [("", ["read"]), ("a\nb", ["read"]), ("a", []), ("a", ["root"])])
def test_a_key_without_name_or_scope_is_refused(name, scopes):
    """Nothing is made that nobody could tell apart, or that opens nothing."""
    with pytest.raises(ConfigError):
        new_key(name, scopes, now=NOW)


def test_only_the_whole_key_opens(store):
    """Another secret under a known id, the id alone, the digest and nonsense open nothing."""
    key, stored = new_key("scorer", ["read"], now=NOW)
    with store.write() as connection:
        add_key(connection, stored, now=NOW)
    ring = Keyring(store)
    ring.refresh()
    assert ring.known(key, now=NOW) == stored
    wrong = (key[:-1], key + "x", f"dbk_{stored.key_id}_", stored.digest, "", "dbk__", "x" * 10_000, "\ud800_\x00_")
    assert all(ring.known(each, now=NOW) is None for each in wrong)


def test_a_revoked_key_opens_nothing_two_seconds_later(store):
    """The keys are read again when they are older than that, and not before."""
    key, stored = new_key("scorer", ["read"], now=NOW, expires_at=NOW + timedelta(hours=1))
    with store.write() as connection:
        add_key(connection, stored, now=NOW)
    clock = Clock()
    ring = Keyring(store, seconds=clock)
    ring.refresh()
    with store.write() as connection:
        revoke_key(connection, stored.key_id, now=NOW)
    clock.at += 1.9
    assert not ring.is_stale
    clock.at += 0.2
    assert ring.is_stale
    ring.refresh()
    assert ring.known(key, now=NOW) is None
    assert not ring.is_empty  # a log whose keys were all revoked is not open to everybody
    assert not ring.has_active(NOW)
