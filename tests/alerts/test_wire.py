"""One https request: pinned, bounded, undirected."""

import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from driftboard.alerts.channels.address import parse, parse_inside
from driftboard.alerts.channels.answer import Answer
from driftboard.alerts.channels.wire import Wire
from driftboard.errors import ChannelError
from tests.alerts.fakes import CANARY, SLACK_PATH, fake_https


def post(fake, *, deadline=5.0, host="localhost", resolver=None):
    """Post a small object to the fake."""
    target = parse(f"https://{host}:{fake.port}{SLACK_PATH}", service="Slack", allow_hosts=(host,), allow_private=True)
    wire = Wire(deadline, resolver=resolver) if resolver else Wire(deadline)
    return wire.post(target, b"{}", {"X-Mine": "1"})


def test_what_is_answered_is_returned(slack):
    """Status and body come back; our headers and the host arrive."""
    answer = post(slack)
    ((path, headers, body),) = slack.requests
    assert (answer.status, answer.body, path, body) == (200, "ok", SLACK_PATH, b"{}")
    assert (headers["Host"], headers["X-Mine"]) == (f"localhost:{slack.port}", "1")
    assert CANARY not in repr(answer)


def test_the_name_is_looked_up_once_and_its_certificate_checked(authority, trusted):
    """S4: the connection goes to the address that was checked; what a second look-up would say does not matter."""
    del trusted
    answers = [["127.0.0.1"], ["10.9.9.9"]]
    asked = []

    def rebinding(host, port):
        asked.append((host, port))
        return answers[len(asked) - 1]

    with fake_https(authority, host="relay.example") as fake:
        assert post(fake, host="relay.example", resolver=rebinding).status == 200
    assert len(asked) == 1
    assert fake.requests[0][1]["Host"] == f"relay.example:{fake.port}"


def test_a_certificate_of_another_name_is_refused(slack):
    """The right address is not enough: it must be who it is said to be."""
    with pytest.raises(ChannelError, match="certificate is not trusted") as caught:
        post(slack, host="relay.example", resolver=lambda *_: ["127.0.0.1"])
    assert (caught.value.permanent, caught.value.unknown, slack.hits) == (False, False, [])


@pytest.mark.usefixtures("trusted")
def test_a_certificate_nobody_vouches_for_is_refused(evil_authority):
    """The message never reaches a server that cannot show who it is."""
    with fake_https(evil_authority) as fake, pytest.raises(ChannelError, match="certificate is not trusted"):
        post(fake)
    assert fake.hits == []


def test_a_redirect_is_not_followed(slack):
    """A10: the login page a redirect points to is never asked for."""
    slack.script = [(302, "", {"Location": slack.hook_url})]
    assert post(slack).status == 302
    assert slack.hits == [("POST", SLACK_PATH)]


def test_a_proxy_in_the_environment_is_not_used(slack, monkeypatch):
    """S4: what the shell happens to hold does not decide where a secret goes."""
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert post(slack).status == 200


def test_the_next_address_is_tried():
    """A host whose first address does not answer is reached by its second."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        target = parse_inside(f"http://one.example:{server.getsockname()[1]}/", service="it")

        def answer():
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        assert Wire(3.0, resolver=lambda *_: ["127.0.0.2", "127.0.0.1"]).get(target).status == 204
        thread.join(timeout=5)


@pytest.mark.parametrize(("step", "unknown"), [("reset", False), ("accept_then_reset", True), ("drip", True)])
def test_what_breaks_before_and_after_sending_is_told_apart(slack, step, unknown):
    """N3: before, nothing can have arrived; after, it may have."""
    slack.script = [step]
    with pytest.raises(ChannelError) as caught:
        post(slack, deadline=0.7)
    assert (caught.value.permanent, caught.value.unknown) == (False, unknown)


def test_a_server_that_drips_bytes_is_left(slack):
    """A11/N1: each byte comes in time, the whole does not: the caller waits for the deadline and no longer."""
    slack.script = ["drip"]
    started = time.monotonic()
    with pytest.raises(ChannelError, match=r"no complete answer within 0\.5 s"):
        post(slack, deadline=0.5)
    assert time.monotonic() - started < 1.0
    assert _ends("driftboard-send")


def _ends(name, *, seconds=5.0):
    """Wait until no thread of this name is left."""
    until = time.monotonic() + seconds
    while any(thread.name == name for thread in threading.enumerate()):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_a_server_that_never_shakes_hands_is_left():
    """The deadline holds during the TLS handshake, and the thread that waited ends."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        target = parse(
            f"https://localhost:{mute.getsockname()[1]}/", service="it", allow_hosts=("localhost",), allow_private=True
        )
        started = time.monotonic()
        with pytest.raises(ChannelError) as caught:
            Wire(0.4).post(target, b"", {})
        assert time.monotonic() - started < 1.0
        assert not caught.value.unknown


def test_a_name_server_that_does_not_answer_is_left():
    """The deadline counts from the look-up of the name."""
    target = parse("https://hooks.slack.com/x", service="it", own=("hooks.slack.com",))
    started = time.monotonic()
    with pytest.raises(ChannelError, match="no complete answer"):
        Wire(0.3, resolver=lambda *_: time.sleep(0.9) or ["127.0.0.1"]).post(target, b"", {})
    assert time.monotonic() - started < 0.8


def test_a_name_that_does_not_resolve_is_worth_a_retry():
    """N3: DNS failures are, and the text does not hold the name."""

    def fails(host, port):
        raise socket.gaierror(-2, f"{host}:{port} not known")

    target = parse("https://relay.example/x", service="Slack", allow_hosts=("relay.example",))
    with pytest.raises(ChannelError, match="its name cannot be resolved") as caught:
        Wire(1.0, resolver=fails).post(target, b"", {})
    assert not caught.value.permanent
    assert "relay" not in str(caught.value)


def test_nobody_listens(slack):
    """A refused connection is worth a retry, and the text does not hold the address."""
    slack.port, port = 9, slack.port
    with pytest.raises(ChannelError, match="Slack cannot be reached: Connection refused") as caught:
        post(slack)
    slack.port = port
    assert (caught.value.permanent, caught.value.unknown) == (False, False)
    assert CANARY not in repr(caught.value)


def test_an_endless_body_is_cut(slack):
    """Of an answer 64 KiB are read, whatever it is."""
    slack.script = [(200, "x" * 1_000_000, {})]
    assert 64 * 1024 <= len(post(slack).body) < 80 * 1024


def test_what_is_no_http_is_worth_a_retry():
    """A stranger on that port does not end in a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        target = parse_inside(f"http://127.0.0.1:{server.getsockname()[1]}/", service="it")

        def answer():
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"220 mail.example ESMTP\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(ChannelError, match="it cannot be reached: BadStatusLine") as caught:
            Wire(3.0).post(target, b"x", {})
        thread.join(timeout=5)
    assert not caught.value.permanent


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(302, True), (400, True), (403, True), (404, True), (408, False), (410, True), (429, False), (500, False)],
)
def test_each_status_has_a_class(status, permanent):
    """A8/N4: 408, 429 and server errors are worth a retry, redirects and refusals are not."""
    error = Answer("it", status, {}, CANARY).refusal()
    assert (error.permanent, error.status, str(error)) == (permanent, status, f"it answered {status}")


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Retry-After": "30"}, 30),
        ({"retry-after": "30"}, 30),
        ({"Retry-After": format_datetime(NOON + timedelta(seconds=60)), "Date": format_datetime(NOON)}, 60),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, 0),
        ({"Retry-After": "9" * 400}, None),
        ({"Retry-After": ""}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read(headers, expected):
    """A8/N2: given as seconds, or as a date by the server's own clock; nonsense is ignored."""
    found = Answer("it", 429, headers, "").refusal().retry_after
    assert found == (expected if expected is None else pytest.approx(expected))


def test_a_date_without_the_servers_clock_is_by_ours():
    """A8/N2: when the answer does not say what time it is there."""
    at = datetime.now(UTC) + timedelta(hours=1)
    found = Answer("it", 429, {"Retry-After": format_datetime(at)}, "").refusal().retry_after
    assert 3000 < found < 3600
