"""Parts of events that wait for the other part."""

from datetime import UTC, datetime, timedelta

from driftboard.data.half_events import drop_halves, find_other, forget_halves, put_half

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_each_part_finds_the_other_whichever_comes_first(store):
    """A request finds its response and a response its request; once they are dropped neither waits."""
    with store.write() as connection:
        put_half(connection, "e1", "request", "asked", now=NOW)
        put_half(connection, "e2", "response", "answered", now=NOW)
        assert find_other(connection, "e1", "response") == "asked"
        assert find_other(connection, "e2", "request") == "answered"
        put_half(connection, "e1", "response", "answered, too", now=NOW)
        drop_halves(connection, "e1")
        assert find_other(connection, "e1", "response") is None
        assert find_other(connection, "e1", "request") is None


def test_a_part_never_pairs_with_itself_or_with_another_event(store):
    """The same part sent twice stays one waiting part, the newest."""
    with store.write() as connection:
        put_half(connection, "e1", "request", "first", now=NOW)
        put_half(connection, "e1", "request", "again", now=NOW)
        assert find_other(connection, "e1", "request") is None
        assert find_other(connection, "e2", "response") is None
        assert find_other(connection, "e1", "response") == "again"


def test_what_waits_in_vain_is_forgotten_after_an_hour(store):
    """Services that log only one side do not fill the log."""
    with store.write() as connection:
        put_half(connection, "old", "request", "x", now=NOW)
        put_half(connection, "new", "request", "y", now=NOW + timedelta(minutes=30))
        forget_halves(connection, now=NOW + timedelta(minutes=59))
        assert find_other(connection, "old", "response") == "x"
        forget_halves(connection, now=NOW + timedelta(hours=1))
        assert find_other(connection, "old", "response") is None
        assert find_other(connection, "new", "response") == "y"


def test_beyond_so_many_the_oldest_are_forgotten(store):
    """A flood of one side pushes out its own oldest parts, and what is new still pairs."""
    with store.write() as connection:
        for second in range(5):
            put_half(connection, f"e{second}", "request", "x", now=NOW + timedelta(seconds=second))
        forget_halves(connection, now=NOW, most=3)
        left = [second for second in range(5) if find_other(connection, f"e{second}", "response")]
    assert left == [2, 3, 4]


def test_hostile_ids_are_stored(store):
    """Zero bytes and half surrogates, which PostgreSQL refuses, pair as other ids do."""
    with store.write() as connection:
        put_half(connection, "a\x00\ud800", "request", '{"x":"\\u0000"}', now=NOW)
        assert find_other(connection, "a\x00\ud800", "response") is not None
