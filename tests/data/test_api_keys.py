"""Keys as the log keeps them."""

from datetime import UTC, datetime, timedelta

import pytest

from driftboard.data.api_keys import StoredKey, add_key, read_keys, revoke_key
from driftboard.errors import StoreError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def key(key_id: str, **changes: object) -> StoredKey:
    """A key for reading that never expires."""
    values = {"key_id": key_id, "name": "scorer", "digest": "0" * 64, "scopes": ("read",), "created_at": NOW}
    return StoredKey(**(values | changes))


def test_a_key_comes_back_as_it_was_stored(store):
    """Name, scopes, times and digest survive the log, on both engines."""
    made = key("a1", scopes=("ingest", "admin"), expires_at=NOW + timedelta(days=90))
    with store.write() as connection:
        add_key(connection, made, now=NOW)
    with store.read() as connection:
        assert read_keys(connection) == (made,)


def test_two_keys_of_a_name_are_active_at_once_and_a_third_is_refused(store):
    """The old and the new one, for rotation; once the old one is revoked there is room for the next."""
    with store.write() as connection:
        add_key(connection, key("a1"), now=NOW)
        add_key(connection, key("a2"), now=NOW)
        with pytest.raises(StoreError, match="revoke one of them first"):
            add_key(connection, key("a3"), now=NOW)
        revoke_key(connection, "a1", now=NOW)
        add_key(connection, key("a3"), now=NOW)
    with store.read() as connection:
        assert [each.is_active(NOW) for each in read_keys(connection)] == [False, True, True]


def test_an_expired_or_revoked_key_is_not_active(store):
    """Both ends are counted from their very moment; revoking twice keeps the first time."""
    with store.write() as connection:
        add_key(connection, key("a1", expires_at=NOW + timedelta(hours=1)), now=NOW)
        add_key(connection, key("b1", name="other"), now=NOW)
        revoke_key(connection, "b1", now=NOW)
        assert revoke_key(connection, "b1", now=NOW + timedelta(days=1)).revoked_at == NOW
        expiring, revoked = read_keys(connection)
    assert expiring.is_active(NOW + timedelta(minutes=59))
    assert not expiring.is_active(NOW + timedelta(hours=1))
    assert not revoked.is_active(NOW)


def test_revoking_what_is_not_there_says_where_to_look(store):
    """The line names the command that lists the keys."""
    with store.write() as connection, pytest.raises(StoreError, match="driftboard keys list"):
        revoke_key(connection, "nothing\x00", now=NOW)


def test_admin_reads_and_ingest_does_nothing_else():
    """Scopes open what they say; admin reads, too, but sends no predictions."""
    assert key("a", scopes=("admin",)).opens("read")
    assert not key("a", scopes=("admin",)).opens("ingest")
    assert not key("a", scopes=("ingest",)).opens("read")
    assert not key("a", scopes=("read",)).opens("admin")


def test_a_key_does_not_show_its_digest():
    """What is printed of a key in a log or an error is not what it is compared with."""
    assert "0" * 64 not in repr(key("a"))
