"""Whether this process lives, and whether driftboard can do its work."""

from datetime import UTC, datetime, timedelta

import pytest

from driftboard.api.readiness import checks, writing
from driftboard.config import Settings
from driftboard.data.heartbeats import DISPATCHER, WORKER, beat, heartbeats
from driftboard.errors import StoreError
from tests.api.asking import app_of, asking


def status_of(client, name):
    """How one check stands, and the status of the answer."""
    answer = client.get("/readyz")
    found = {each["name"]: each["status"] for each in answer.json()["checks"]}
    return answer.status_code, found[name]


def seen(store, component, *, ago, every=10.0):
    """Let a part have been seen so many seconds ago."""
    with store.write() as connection:
        beat(connection, component, interval_seconds=every, now=datetime.now(UTC) - timedelta(seconds=ago))


def test_a_log_alone_is_ready(store):
    """A worker and a dispatcher that never ran here are absent: no fault of this process."""
    with asking(store) as client:
        assert status_of(client, "worker") == (200, "absent")
        assert status_of(client, "dispatcher") == (200, "absent")
        assert client.get("/healthz").json() == {"status": "ok", "message": "alive"}


@pytest.mark.parametrize(("component", "name"), [(WORKER, "worker"), (f"{DISPATCHER}web-1", "dispatcher")])
def test_a_part_that_stands_still_makes_it_unready(store, component, name):
    """Three intervals late is 503, and the answer names which; seen again, it is ready again. It lives all along."""
    with asking(store) as client:
        seen(store, component, ago=29)
        assert status_of(client, name) == (200, "ok")
        seen(store, component, ago=31)
        assert status_of(client, name) == (503, "late")
        assert client.get("/healthz").status_code == 200
        seen(store, component, ago=0)
        assert status_of(client, name) == (200, "ok")


def test_of_several_dispatchers_one_is_enough(store):
    """A dispatcher that died does not matter while another is at work."""
    seen(store, f"{DISPATCHER}old", ago=3_000)
    seen(store, f"{DISPATCHER}new", ago=1)
    with asking(store) as client:
        assert status_of(client, "dispatcher") == (200, "ok")


def test_a_dead_writer_is_not_alive(store):
    """The process is to be restarted: what comes in is not stored any more."""
    with asking(store) as client:
        app_of(client).state.service.writer.close()
        answer = client.get("/healthz")
        assert (answer.status_code, answer.json()["status"]) == (503, "failing")
        assert status_of(client, "writing") == (503, "failing")


def test_a_full_disk_is_told_by_both(store):
    """While the sign of life cannot be written for want of room, orchestrators and people are told."""
    with asking(store) as client:
        pulse = app_of(client).state.service.pulse
        pulse.stop()
        pulse.trouble = "the database x cannot grow (the disk is full): make room and try again"
        assert client.get("/healthz").status_code == 503
        assert status_of(client, "writing") == (503, "failing")
        pulse.trouble = None
        assert client.get("/healthz").status_code == 200
        assert status_of(client, "writing") == (200, "ok")


def test_a_log_that_cannot_be_read_is_not_ready_and_says_no_more():
    """The reason may name paths and servers: it is for our own log."""

    class Broken:
        def read(self):
            raise StoreError("the database /srv/secret is gone")

    (only,) = checks(Broken(), Settings(), now=datetime.now(UTC))
    assert (only.name, only.status) == ("database", "failing")
    assert "secret" not in only.message


def test_too_many_waiting_requests_are_no_readiness():
    """A queue that is full refuses: the balancer may ask another one."""
    assert all(each.is_well for each in writing(trouble=False, alive=True, waiting=63, most=64))
    assert [each.is_well for each in writing(trouble=False, alive=True, waiting=64, most=64)] == [True, False]


def test_the_api_is_seen_while_it_runs_and_takes_its_leave(store):
    """Its sign of life is in the log, and gone after it ended in order: nobody misses it."""
    with asking(store) as client:
        pulse = app_of(client).state.service.pulse
        for _ in range(200):
            with store.read() as connection:
                found = [each.component for each in heartbeats(connection)]
            if found:
                break
            pulse._stop.wait(0.02)
        assert found == ["api"]
    with store.read() as connection:
        assert not heartbeats(connection)
