"""What left, counted: by time, by incident, by channel; on both engines."""

from datetime import timedelta

import pytest

from driftboard.data import ModelKey, register_model
from driftboard.data.told import Traffic, channels_told, count_told, traffic
from tests.dashboard.incident_world import add_incident, add_message


@pytest.fixture
def told(store):
    """The store, and two incidents with messages in every state."""
    model = register_model(store, ModelKey("flights"))
    with store.write() as connection:
        first, second = (add_incident(connection, model, subject=name) for name in ("age", "plan"))
        for channel, state, kind in (
            ("team", "delivered", "fire"),
            ("mail", "dry_run", "fire"),
            ("mail", "suppressed", "reminder"),
            ("pager", "dead", "fire"),
        ):
            add_message(connection, first, channel=channel, state=state, kind=kind)
        add_message(connection, second, channel="team", state="queued")
    return store, first, second


def test_what_went_out_is_counted_from_a_time_on(told):
    """Delivered and dry run; of one model or all; what is given up, held back or queued is not."""
    store, first, _ = told
    with store.read() as connection:
        assert count_told(connection, since=first.opened_at) == 2
        assert count_told(connection, since=first.opened_at, model=str(first.model)) == 2
        assert count_told(connection, since=first.opened_at, model="another") == 0
        assert count_told(connection, since=first.opened_at + timedelta(seconds=1)) == 0


def test_channels_are_told_of_an_incident_once_a_message_went_out(told):
    """An incident whose message waits is left out, and so is what a dry run only rehearsed."""
    store, first, second = told
    with store.read() as connection:
        found = channels_told(connection, [first.incident_id, second.incident_id])
        assert found == {first.incident_id: ("team",)}
        assert channels_told(connection, []) == {}


def test_more_incidents_than_fit_one_statement(told):
    """A thousand ids are asked for in pieces."""
    store, first, _ = told
    with store.read() as connection:
        assert channels_told(connection, [*range(1_000, 2_000), first.incident_id]) == {first.incident_id: ("team",)}


def test_traffic_is_by_channel(told):
    """What waits, went out, was given up, and when the last went out."""
    store, first, _ = told
    at = first.opened_at + timedelta(minutes=1)
    with store.read() as connection:
        assert traffic(connection) == {
            "mail": Traffic(queued=0, delivered=0, rehearsed=1, dead=0, last_delivered=None),
            "pager": Traffic(queued=0, delivered=0, rehearsed=0, dead=1, last_delivered=None),
            "team": Traffic(queued=1, delivered=1, rehearsed=0, dead=0, last_delivered=at),
        }
