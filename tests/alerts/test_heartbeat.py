"""What goes out at times of its own: the heartbeat, the daily digest, and what Alertmanager is told again."""

import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import time as time_of_day
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
import pytest

from driftboard.alerts.daily import queue_digest
from driftboard.alerts.desk import replan
from driftboard.alerts.dispatch import dispatch
from driftboard.alerts.heartbeat import send_heartbeat
from driftboard.alerts.meta import Health
from driftboard.alerts.resend import resend_all
from driftboard.data.backend import hold_alert_queue
from driftboard.data.channel_states import ChannelState
from driftboard.data.incident import IncidentState
from driftboard.data.incidents import update_incident
from driftboard.errors import ChannelError, ConfigError
from tests.alerts.fakes import CANARY
from tests.alerts.incidents import NOW
from tests.alerts.queued import opened, page, rows, settings

MINUTE = timedelta(minutes=1)
YESTERDAY = NOW - timedelta(days=1)
WELL = Health(channels=("hook",), states={}, waiting={}, hearts=())
ILL = replace(WELL, states={"hook": ChannelState("hook", status="broken", reason="gone")})


@pytest.fixture
def watched(slack, monkeypatch):
    """Settings with a heartbeat to the local server."""
    monkeypatch.setenv("HEART_URL", slack.hook_url)
    return settings(heartbeat_url="env:HEART_URL").alerts


def test_the_heartbeat_is_sent_while_all_is_well(slack, watched):
    """One GET to the address; none when something is wrong, none when no address is configured."""
    assert send_heartbeat(watched, WELL, now=NOW)
    assert not send_heartbeat(watched, ILL, now=NOW)
    assert not send_heartbeat(settings().alerts, WELL, now=NOW)
    assert [method for method, _ in slack.hits] == ["GET"]


def test_a_heartbeat_that_is_not_taken_is_an_error_without_the_address(slack, watched, monkeypatch):
    """The error names the code, or what is wrong with the address, and never the address."""
    slack.script = [(404, "", {})]
    with pytest.raises(ChannelError, match="the heartbeat answered 404") as refused:
        send_heartbeat(watched, WELL, now=NOW)
    monkeypatch.setenv("HEART_URL", f"http://localhost/{CANARY}")
    with pytest.raises(ConfigError) as insecure:
        send_heartbeat(watched, WELL, now=NOW)
    assert CANARY not in f"{refused.value} {insecure.value}"


def test_the_digest_is_queued_once_a_day(store):
    """Whoever comes first queues it; the next day there is another; where there is nothing to say there is none."""
    daily = settings(digest={"at": time_of_day(8), "channels": ["hook"]}).alerts
    queue_digest(store, daily, now=NOW)
    assert rows(store) == []
    opened(store, severity="info", opened_at=YESTERDAY)
    for hours in (0, 1, 19, 20, 21):  # from noon until nine the next morning
        queue_digest(store, daily, now=NOW + timedelta(hours=hours))
    assert [(row.kind, row.channel, row.incident_id) for row in rows(store)] == [("digest", "hook", None)] * 2


def test_the_digest_is_delivered(store, slack):
    """It goes through the outbox as everything does."""
    opened(store, severity="info", opened_at=YESTERDAY)
    dispatch(store, settings(digest={"at": time_of_day(8), "channels": ["hook"]}), now=NOW)
    assert [each["kind"] for post in slack.posts for each in post["incidents"]] == ["digest"]


def test_an_alertmanager_is_told_again_every_minute(store):
    """What it was told fires is told again, what is over for a quarter of an hour; by one dispatcher of many."""
    with alertmanager() as (url, posts):
        told = settings({"am": {"type": "alertmanager", "urls": [url], "min_seconds": 0}})
        about = page(store, channel="am")
        opened(store, 2)  # it was never told of this one
        resend_all(store, told, now=NOW)
        assert posts == []
        dispatch(store, told, now=NOW)
        first = len(posts)
        for seconds in (60, 61, 70, 120):
            resend_all(store, told, now=NOW + timedelta(seconds=seconds))
        assert [len(each) for each in posts[first:]] == [1, 1]
        over = replace(about, state=IncidentState.RESOLVED, resolved_at=NOW + 3 * MINUTE, resolution="recovered")
        with store.write() as connection:
            hold_alert_queue(connection)
            update_incident(connection, over)
            replan(connection, over, told.alerts, now=NOW + 3 * MINUTE)
        end_told = dispatch(store, told, now=NOW + 3 * MINUTE)
        assert end_told.delivered
        before = len(posts)
        for minutes in (4, 17, 19):
            resend_all(store, told, now=NOW + minutes * MINUTE)
        assert len(posts) - before == 2


def test_nothing_is_told_again_in_a_dry_run(store):
    """Not even to an Alertmanager that was told for real before."""
    with alertmanager() as (url, posts):
        channel = {"am": {"type": "alertmanager", "urls": [url]}}
        page(store, channel="am")
        dispatch(store, settings(channel), now=NOW)
        told = len(posts)
        resend_all(store, settings(channel, dry_run=True), now=NOW + MINUTE)
        assert len(posts) == told > 0


@contextmanager
def alertmanager():
    """Something that takes alerts over http and keeps what it was told."""
    posts: list[list[object]] = []

    class Requests(BaseHTTPRequestHandler):
        def do_POST(self):
            posts.append(orjson.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", posts
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
